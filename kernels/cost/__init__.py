"""What models cost: parameters, arithmetic, bytes, messages, and the time that these take at least.

`layers` counts the kinds of layer that Vaswani et al. 2017 compare. `configuration` describes a
Transformer, `models` real ones; `counts` counts their parameters, work and cache. `devices` holds
datasheets, `roofline` bounds work by them, `steps` is the work of serving, `collectives` what
devices send one another, `sharding` what training keeps on each, `utilisation` how much of the
promise a run kept, `scaling` what the arithmetic buys, `drafting` how large a draft serves a target
best. Counts are exact whole numbers for the thing as it is written down, not orders of magnitude.
NumPy is needed only to fit and to search.
"""
