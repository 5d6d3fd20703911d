"""The exhibit as a Streamlit app."""

import logging

import softmax
import streamlit as st

logging.getLogger("matplotlib").setLevel(logging.WARNING)  # stlite shows all messages there are

st.title("Widen the vectors")
d_k = st.select_slider("d_k", softmax.OPTIONS, value=512)
divide = st.checkbox("divide the scores")
fig, sentence = softmax.saturation(d_k, divide)
st.pyplot(fig)
st.write(sentence)
