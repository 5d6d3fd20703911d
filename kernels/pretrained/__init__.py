"""Real trained models: how their files are read, and the layers that they share.

`safetensors` and `ctranslate2` read two kinds of file into a mapping from name to array; `layers`
are the few functions that every one of these transformers is made of. `kernels.minilm` and
`kernels.whisper` are the models. NumPy only; numbers stay of the parameters' type (float32).
"""
