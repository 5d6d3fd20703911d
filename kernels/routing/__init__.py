"""Routing: a few experts for every token, and an even share of tokens for every expert.

`topk` scores and chooses (Shazeer et al. 2017, Mixtral, DeepSeek-V3), `dispatch` sorts tokens by
expert and brings results back, with a capacity (GShard, Switch) or without (MegaBlocks), `balance`
has the losses, the bias and the turned-round choice that keep loads even; `switch` is a layer of
one expert a token, forward and back, and `letters` a tiny model of text around it, which
`jobs_letters` trains. `affinity` is a layer of a few sigmoid-gated experts, which `jobs_bias`
trains in that model, and `price` says what their bias costs. NumPy only.
"""
