"""Attention and what it needs to know of order.

`core` is scaled dot-product attention with masks, heads and sinusoidal positions (Vaswani et al.
2017), `rotary` the rotary position embedding (Su et al. 2021). Every other module is a variant and
is held to `core`: `online` works in `tiles` with a running softmax (Dao et al. 2022),
`flash_backward` differentiates that, `traffic` counts what it saves, `grouped` shares keys and
values among heads (Ainslie et al. 2023), `windows` looks no further than a window and a few sinks
(Jiang et al. 2023, Xiao et al. 2023), `latent` keeps latents instead of keys and values
(DeepSeek-AI 2024), `paged` keeps them in blocks wherever there is room (Kwon et al. 2023). NumPy
only.
"""
