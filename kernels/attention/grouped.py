"""Grouped heads: many queries share few keys and values, so that less has to be kept.

Provenance: Shazeer 2019, Fast Transformer Decoding (arXiv:1911.02150), §3, where all heads share
one; Ainslie et al. 2023, GQA (arXiv:2305.13245), §2, for the groups and for the mean-pooling.

Head `h` of `heads` reads from group `h // (heads / groups)`. One group is multi-query attention, as
many groups as heads is multi-head attention.
"""

from kernels.attention.core import attention, join_heads, split_heads


def heads_a_group(heads, groups):
    """Return how many heads share one key and value head.

    Raises `ValueError` where the groups don't share the heads out evenly.
    """
    if groups < 1 or heads % groups:
        raise ValueError(f"{heads} heads can't be shared out evenly among {groups} groups")
    return heads // groups


def grouped_attention(q, k, v, visible=None):
    """Attend with every group's keys and values shared by its heads.

    `q` is `(..., heads, queries, d_k)`, `k` `(..., groups, keys, d_k)`
    and `v` `(..., groups, keys, d_v)`; `visible` is `(queries, keys)`
    or `None`. Returns `(..., heads, queries, d_v)`. Raises
    `ValueError` as `heads_a_group` does.
    """
    heads, groups = q.shape[-3], k.shape[-3]
    shared = heads_a_group(heads, groups)
    by_group = q.reshape(*q.shape[:-3], groups, shared, *q.shape[-2:])
    one_k = k[..., None, :, :]  # (..., groups, 1, keys, d_k)
    one_v = v[..., None, :, :]  # (..., groups, 1, keys, d_v)
    out = attention(by_group, one_k, one_v, visible)
    return out.reshape(*out.shape[:-4], heads, *out.shape[-2:])


def grouped_query(x, w_q, w_k, w_v, w_o, heads, groups, visible=None):
    """Run a whole layer: project, attend in groups, project once more.

    `x` is `(time, d_model)`; `w_q` and `w_o` are `(d_model, d_model)`,
    `w_k` and `w_v` `(d_model, groups * d_head)`. Returns
    `(time, d_model)`.
    """
    q = split_heads(x @ w_q, heads)  # (heads, time, d_head)
    k = split_heads(x @ w_k, groups)  # (groups, time, d_head)
    v = split_heads(x @ w_v, groups)
    return join_heads(grouped_attention(q, k, v, visible)) @ w_o


def pool_heads(w, heads, groups):
    """Average the key or value projections of each group of heads (GQA, §2.1).

    `w` is `(d_model, heads * d_head)`, from a multi-head checkpoint;
    returns `(d_model, groups * d_head)`, which the paper then trains on.
    """
    d_model, width = w.shape
    shared = heads_a_group(heads, groups)
    by_group = w.reshape(d_model, groups, shared, width // heads)
    return by_group.mean(axis=2).reshape(d_model, width // shared)


def first_heads(w, heads, groups):
    """Keep the first head of each group, one of pooling's rivals (§3.3)."""
    d_model, width = w.shape
    shared = heads_a_group(heads, groups)
    by_group = w.reshape(d_model, groups, shared, width // heads)
    return by_group[:, :, 0].reshape(d_model, width // shared)


def cache_elements(tokens, layers, groups, d_head):
    """Return how many numbers the keys and values of `tokens` positions are, in all layers."""
    return 2 * tokens * layers * groups * d_head


def cache_bytes(tokens, layers, groups, d_head, bytes_each=2):
    """Return the memory of those keys and values; two bytes a number by default."""
    return bytes_each * cache_elements(tokens, layers, groups, d_head)
