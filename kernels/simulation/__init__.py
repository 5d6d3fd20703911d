"""A serving engine without a model: requests that arrive, grow, wait and leave, step by step.

`requests` draws arrivals and lengths, `buddy` hands out contiguous stretches, `memories` keeps
requests in such stretches or in the blocks of `kernels.attention.paged`, and `serving` plays a
trace against either (Kwon et al. 2023). What is counted is tokens' worth of memory. NumPy only.
"""
