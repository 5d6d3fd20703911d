"""Tiny language models: text to tokens, tokens to expectations, expectations to text.

`bpe` cuts text into tokens; `ngram` counts and smooths, the baseline; `transformer` is a decoder's
forward pass, `configuration` its shape, `weights` its file, and `cache` makes its next token cheap;
`sampling` turns logits into a draw, `generation` is the loop; `speculative` drafts and verifies,
`speculative_theory` says what that gains and that nothing is lost; `measures` are bits, perplexity
and entropy. NumPy only. Nothing is trained here: weights come from files.
"""
