"""Whisper tiny.en, a real trained speech recogniser of 37.8 million parameters, in NumPy.

`sound` reads and resamples a recording, `spectrogram` is what the model hears, `encoder` listens,
`decoder` writes one token after the other with a cache of keys and values, and keeps what it looked
at; `tokens` are the words and the special tokens, `greedy` the loop. The weights are read by
`kernels.pretrained.ctranslate2`. `jobs` makes what pages show.
"""
