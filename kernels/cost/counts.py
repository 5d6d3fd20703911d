"""Count a Transformer's parameters, its work for one token, and the memory of weights and cache.

Provenance: Kaplan et al. 2020 (arXiv:2001.08361), §2.1 and Table 1, for parameters and work by
part; Brown et al. 2020 and the released configurations for what a real model has besides.

One multiplication and its addition are two FLOPs. Parameters are counted one by one, so totals can
be held against published ones.
"""

from kernels.cost.configuration import Model


def attention_parameters(model: Model) -> int:
    """Count one attention: its projections of queries, keys, values and output, and biases."""
    d, heads, width = model.d_model, model.heads, model.d_head
    if model.latent:
        low = model.latent
        down = d * (low.d_cq + low.d_c + low.d_rope)
        up = low.d_cq * heads * (width + low.d_rope) + low.d_c * heads * 2 * width
        return down + up + heads * width * d
    biases = (heads + 2 * model.kv_heads) * width + d if model.attention_biases else 0
    return 2 * d * width * (heads + model.kv_heads) + biases


def feed_forward_parameters(model: Model, d_ff: int) -> int:
    """Count one feed-forward part of inner width `d_ff`, which may be one expert."""
    biases = d_ff + model.d_model if model.ff_biases else 0
    return (3 if model.gated else 2) * model.d_model * d_ff + biases


def norm_parameters(model: Model) -> int:
    """Count every norm's scales and shifts, latents' and heads' included."""
    decoder = model.layers * (model.norms + (1 if model.encoder_layers else 0))
    wide = model.encoder_layers * model.norms + decoder + (1 if model.final_norm else 0)
    heads = 2 * model.d_head * model.layers if model.qk_norm else 0
    latents = model.layers * (model.latent.d_c + model.latent.d_cq) if model.latent else 0
    return model.norm_vectors * wide * model.d_model + heads + latents


def parameters(model: Model, active: bool = False) -> dict[str, int]:
    """Return the parameters by part; with `active`, only those that one token meets.

    A token meets the whole table of embeddings here, though it reads one row of it: that is how
    published figures count. See `multiplied` for what is really worked with.
    """
    table = model.vocabulary * model.d_model
    attentions = model.encoder_layers + model.layers * (2 if model.encoder_layers else 1)
    dense = model.encoder_layers + model.layers - model.expert_layers
    counted = {
        "embeddings": table,
        "positions": model.positions * model.d_model,
        "attention": attentions * attention_parameters(model),
        "feed-forward": dense * feed_forward_parameters(model, model.d_ff),
        "norms": norm_parameters(model),
        "output": 0 if model.tied else table,
    }
    if model.experts:
        e = model.experts
        taken = e.shared + (e.active if active else e.routed)
        experts = model.expert_layers * taken * feed_forward_parameters(model, e.d_ff)
        router = e.routed * (model.d_model + (1 if e.biases else 0))
        counted |= {"experts": experts, "routers": model.expert_layers * router}
    return counted


def total(model: Model, active: bool = False) -> int:
    """Return all parameters, or with `active` those that one token meets."""
    return sum(parameters(model, active).values())


def multiplied(model: Model) -> int:
    """Return how many parameters one token is multiplied with: no table look-up, no norm."""
    counted = parameters(model, active=True)
    looked_up = 0 if model.tied else counted["embeddings"]  # a tied table is the output's, too
    return sum(counted.values()) - looked_up - counted["positions"] - counted["norms"]


def mean_keys(model: Model, length: int) -> float:
    """Return how many keys a token of a text of `length` sees on average, itself included."""
    window = min(model.window or length, length)
    return window - window * (window - 1) / (2 * length)


def attention_flops(model: Model, keys: float, absorbed: bool = False) -> float:
    """Return the FLOPs of scoring and mixing `keys` keys for one token, in all layers.

    With `absorbed`, latent attention reads latents instead of rebuilt keys and values.
    """
    key = value = model.d_head
    if model.latent:
        if absorbed:
            key = value = model.latent.d_c
        key += model.latent.d_rope
    return 2.0 * model.layers * model.heads * (key + value) * keys


def rebuilding_flops(model: Model, keys: float) -> float:
    """Return the FLOPs of rebuilding `keys` cached keys and values from their latents."""
    if not model.latent:
        return 0.0
    return 2.0 * model.layers * keys * model.latent.d_c * model.heads * 2 * model.d_head


def forward_flops(model: Model, keys: float, absorbed: bool = False) -> float:
    """Return the FLOPs of one token that sees `keys` keys, output included.

    Raises `ValueError` for a model with an encoder, where tokens don't all meet the same layers.
    """
    if model.encoder_layers:
        raise ValueError(f"{model.name} has an encoder: its tokens don't all meet the same layers")
    return 2.0 * multiplied(model) + attention_flops(model, keys, absorbed)


def training_flops(model: Model, length: int) -> float:
    """Return the FLOPs of training on one token: forward, and twice as much backward."""
    return 3.0 * forward_flops(model, mean_keys(model, length))


def six_n_d(parameters: float, tokens: float) -> float:
    """Return the usual estimate of all training, `6 N D` (Kaplan et al. 2020, §2.1)."""
    return 6.0 * parameters * tokens


def cache_numbers(model: Model) -> int:
    """Return how many numbers one token leaves in the cache, in all layers."""
    if model.latent:
        return model.layers * (model.latent.d_c + model.latent.d_rope)
    return 2 * model.layers * model.kv_heads * model.d_head


def cache_bytes(model: Model, tokens: int, bytes_each: float = 2) -> float:
    """Return the memory of the cache after `tokens` tokens; a window holds no more than itself."""
    return bytes_each * cache_numbers(model) * min(tokens, model.window or tokens)


def weight_bytes(model: Model, bytes_each: float = 2) -> float:
    """Return the memory of all parameters."""
    return bytes_each * total(model)
