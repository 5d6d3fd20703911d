"""Tiny language models: text to tokens, tokens to expectations, expectations to text.

`bpe` cuts text into tokens; `ngram` counts and smooths, the baseline; `transformer` is a decoder's
forward pass, `configuration` its shape, `weights` its file, and `cache` makes its next token cheap;
`sampling` turns logits into a draw, `generation` is the loop; `speculative` drafts and verifies,
`speculative_theory` says what that gains and that nothing is lost; `measures` are bits, perplexity
and entropy. All of these are NumPy only, and take weights from files.

`corpus` reads Shakespeare's plays and `induction` draws text that repeats itself: what the models
of `jobs_models`, `jobs_scaling` and `jobs_induction` learn, by `training_torch`.
"""
