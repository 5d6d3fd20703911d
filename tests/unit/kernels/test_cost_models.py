"""Counts of real models against what their makers published, and against matrices built one by one.

Released weights must be met to the last parameter. What papers state in words must be met within
the tolerance that stands beside it.
"""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.cost import configuration, counts, models
from kernels.cost.models import MODELS

TO_THE_LAST = [
    "GPT-2 small", "GPT-2 medium", "GPT-2 large", "GPT-2 XL", "Llama 2 7B", "Llama 2 13B",
    "Llama 2 70B", "Llama 3 8B", "Llama 3 70B", "Llama 3 405B", "Mistral 7B", "Mixtral 8x7B",
    "Qwen3 8B", "Qwen3 235B-A22B",
]  # fmt: skip
WITHIN = {
    "Transformer base": 0.031,  # 65 million; the paper does not say what it counts
    "Transformer big": 0.006,  # 213 million
    "GPT-3 175B": 0.0025,
    "PaLM 540B": 0.0001,
    "DeepSeek-V2": 0.0015,
    "DeepSeek-V3": 0.0001,
}


def test_every_model_is_held_to_its_published_size():
    assert set(TO_THE_LAST) | set(WITHIN) == set(MODELS)


@pytest.mark.parametrize("name", TO_THE_LAST)
def test_released_weights_are_met_to_the_last_parameter(name):
    assert counts.total(MODELS[name]) == MODELS[name].reported


@pytest.mark.parametrize(("name", "tolerance"), WITHIN.items())
def test_stated_sizes_are_met_within_their_tolerance(name, tolerance):
    model = MODELS[name]
    assert abs(counts.total(model) / model.reported - 1) < tolerance


@pytest.mark.parametrize(
    ("name", "tolerance"),
    [("Mixtral 8x7B", 0.002), ("Qwen3 235B-A22B", 0.01), ("DeepSeek-V2", 0.02),
     ("DeepSeek-V3", 0.016)],
)  # fmt: skip
def test_active_sizes_are_met_within_their_tolerance(name, tolerance):
    model = MODELS[name]
    assert abs(counts.total(model, active=True) / model.reported_active - 1) < tolerance


def test_deepseek_v3_works_with_the_parameters_its_notes_on_the_weights_state():
    """36.6 billion, the output's 0.9 included and the table of embeddings left out."""
    assert round(counts.multiplied(models.DEEPSEEK_V3) / 1e9, 1) == 36.6
    assert round(counts.parameters(models.DEEPSEEK_V3)["output"] / 1e9, 1) == 0.9


def shapes_of_a_gated_decoder(model):
    """List every matrix and vector of a plain decoder, as a checkpoint would."""
    d, key_width = model.d_model, model.kv_heads * model.d_head
    yield (model.vocabulary, d)
    for _ in range(model.layers):
        yield from [(d,), (d,)]  # norms
        yield (d, model.heads * model.d_head)
        yield from [(d, key_width), (d, key_width)]
        yield (model.heads * model.d_head, d)
        yield from [(d, model.d_ff), (d, model.d_ff), (model.d_ff, d)]
    yield (d,)
    if not model.tied:
        yield (model.vocabulary, d)


MADE_UP = st.builds(
    lambda layers, width, groups, shared, d_head, d_ff, vocabulary, tied: configuration.Model(
        "made up", "nowhere", layers, width, groups * shared, groups, d_head, d_ff, vocabulary,
        reported=1.0, tied=tied,
    ),
    *[st.integers(1, 9)] * 7,
    st.booleans(),
)  # fmt: skip


@settings(deadline=None)
@given(MADE_UP)
def test_total_counts_every_entry_of_every_matrix(model):
    entries = 0
    for shape in shapes_of_a_gated_decoder(model):
        size = 1
        for side in shape:
            size *= side
        entries += size
    assert counts.total(model) == entries


@pytest.mark.parametrize("final_norm", [False, True])
def test_encoder_and_decoder_are_counted_as_torchs_layers(final_norm):
    d, heads, d_ff = 12, 3, 20
    model = configuration.Model(
        "made up", "nowhere", layers=2, d_model=d, heads=heads, kv_heads=heads, d_head=4, d_ff=d_ff,
        vocabulary=10, reported=1.0, gated=False, tied=True, attention_biases=True, ff_biases=True,
        norm_vectors=2, final_norm=final_norm, encoder_layers=3,
    )  # fmt: skip
    parts = [torch.nn.TransformerEncoderLayer(d, heads, d_ff) for _ in range(3)]
    parts += [torch.nn.TransformerDecoderLayer(d, heads, d_ff) for _ in range(2)]
    parts += [torch.nn.Embedding(10, d)] + [torch.nn.LayerNorm(d)] * final_norm
    entries = sum(p.numel() for part in parts for p in part.parameters())
    assert counts.total(model) == entries


def test_latents_and_routers_are_counted_matrix_by_matrix():
    """DeepSeek-V2, eqs. 9-17, with a norm for each latent; a bias for each expert as in V3."""
    d, heads, d_head, d_c, d_cq, d_rope = 20, 3, 4, 5, 7, 2
    model = configuration.Model(
        "made up", "nowhere", layers=3, d_model=d, heads=heads, kv_heads=heads, d_head=d_head,
        d_ff=11, vocabulary=10, reported=1.0, latent=configuration.Latent(d_c, d_cq, d_rope),
        experts=configuration.Experts(6, 2, d_ff=9, shared=1, dense_layers=1, biases=True),
    )  # fmt: skip
    down = d * d_c + d * d_cq + d * d_rope
    keys_and_values = 2 * (d_c * heads * d_head)
    queries = d_cq * heads * d_head + d_cq * heads * d_rope
    attention = down + keys_and_values + queries + heads * d_head * d
    assert counts.parameters(model) == {
        "embeddings": 10 * d,
        "positions": 0,
        "attention": 3 * attention,
        "feed-forward": 3 * d * 11,
        "norms": 3 * (d + d + d_c + d_cq) + d,
        "output": 10 * d,
        "experts": 2 * (6 + 1) * 3 * d * 9,
        "routers": 2 * (d * 6 + 6),
    }
    assert counts.parameters(model, active=True)["experts"] == 2 * (2 + 1) * 3 * d * 9


def test_learned_positions_are_added_and_not_multiplied():
    d, d_ff = 768, 3072
    layer = 4 * d * d + 2 * d * d_ff + 4 * d + d_ff + d  # matrices, and the biases added to them
    assert counts.multiplied(models.GPT2_SMALL) == 12 * layer + 50_257 * d


@settings(deadline=None)
@given(MADE_UP)
def test_multiplied_counts_matrices_but_no_look_up(model):
    matrices = [shape for shape in shapes_of_a_gated_decoder(model) if len(shape) == 2]
    if not model.tied:
        matrices = matrices[1:]  # a row of the table is looked up
    assert counts.multiplied(model) == sum(rows * columns for rows, columns in matrices)


@settings(deadline=None)
@given(MADE_UP, st.integers(1, 6), st.integers(1, 6), st.integers(0, 2))
def test_all_experts_active_is_the_whole_model(model, routed, d_ff, shared):
    every = configuration.Experts(routed, routed, d_ff, shared)
    mixture = replace(model, experts=every)
    assert counts.total(mixture, active=True) == counts.total(mixture)
    one = replace(model, experts=replace(every, active=1))
    spared = model.layers * (routed - 1) * 3 * model.d_model * d_ff
    assert counts.total(one, active=True) == counts.total(one) - spared


@settings(deadline=None)
@given(MADE_UP, st.integers(1, 12), st.none() | st.integers(1, 12))
def test_mean_keys_agrees_with_a_loop_over_positions(model, length, window):
    seen = [min(position + 1, window or length) for position in range(length)]
    found = counts.mean_keys(replace(model, window=window), length)
    assert found == pytest.approx(sum(seen) / length, rel=1e-12)


@settings(deadline=None)
@given(MADE_UP, st.integers(1, 12))
def test_attention_counts_the_products_of_scores_and_mixtures(model, keys):
    products = 0
    for _layer in range(model.layers):
        for _head in range(model.heads):
            for _key in range(keys):
                products += 2 * model.d_head  # one for the score, one for the mixture
    assert counts.attention_flops(model, keys) == 2 * products


def test_work_is_two_for_each_parameter_and_the_attention():
    model = models.LLAMA_2_7B
    assert counts.forward_flops(model, 0) == 2 * counts.multiplied(model)
    whole = counts.training_flops(model, 4096)
    shares = 3 * 2 * counts.multiplied(model), 3 * counts.attention_flops(model, 4097 / 2)
    assert whole == pytest.approx(sum(shares), rel=1e-12)


def test_llama_3_405b_costs_what_its_paper_says():
    """Grattafiori et al. 2024, §1: 3.8 × 10²⁵ FLOPs on 15.6 trillion tokens."""
    assert counts.six_n_d(405e9, 15.6e12) == pytest.approx(3.8e25, rel=0.003)


def test_an_encoder_is_refused_where_tokens_do_not_all_meet_the_same_layers():
    with pytest.raises(ValueError, match="Transformer big has an encoder"):
        counts.forward_flops(models.TRANSFORMER_BIG, 10)


def test_absorbed_attention_reads_wider_vectors_and_less_memory():
    model = models.DEEPSEEK_V3
    rebuilt, absorbed = (counts.attention_flops(model, 1, way) for way in (False, True))
    assert rebuilt == 2 * 61 * 128 * (128 + 64 + 128)
    assert absorbed == 2 * 61 * 128 * (512 + 64 + 512)
    assert counts.attention_flops(model, 1) == rebuilt  # unless told otherwise
    assert counts.forward_flops(model, 1) == 2 * counts.multiplied(model) + rebuilt


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("Llama 2 7B", 2 * 32 * 4096),
        ("Llama 2 70B", 2 * 80 * 8 * 128),
        ("PaLM 540B", 2 * 118 * 256),
        ("DeepSeek-V2", 60 * 576),
        ("DeepSeek-V3", 61 * 576),
    ],
)
def test_what_a_token_leaves_in_the_cache(name, numbers):
    assert counts.cache_numbers(MODELS[name]) == numbers
    assert counts.cache_bytes(MODELS[name], 3) == 3 * 2 * numbers


def test_a_window_bounds_the_cache():
    """Jiang et al. 2023, §2: at 32k tokens an eighth of the memory."""
    whole = counts.cache_bytes(replace(models.MISTRAL_7B, window=None), 32_768)
    assert counts.cache_bytes(models.MISTRAL_7B, 32_768) == whole / 8
    assert counts.cache_bytes(models.MISTRAL_7B, 100) == 100 * 2 * 65_536


def test_weights_of_seventy_billion_in_two_bytes_are_138_gigabytes():
    assert counts.weight_bytes(models.LLAMA_2_70B) == pytest.approx(138e9, rel=0.001)
    assert counts.weight_bytes(models.LLAMA_2_70B, 0.5) == pytest.approx(34.5e9, rel=0.001)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_every_model_says_where_its_numbers_stand(model):
    assert any(year in model.source for year in ("2017", "2019", "202"))
    assert all(count >= 0 for count in counts.parameters(model).values())


def test_heads_that_do_not_share_evenly_are_refused():
    with pytest.raises(ValueError, match="made up: 6 heads can't share 4 key heads"):
        configuration.Model("made up", "nowhere", 1, 8, 6, 4, 2, 8, 10, reported=1.0)


@pytest.mark.parametrize("active", [0, 9])
def test_more_experts_than_there_are_is_refused(active):
    with pytest.raises(ValueError, match=f"{active} of 8 experts"):
        configuration.Experts(routed=8, active=active, d_ff=4)


@pytest.mark.parametrize(
    "module", sorted(Path(counts.__file__).parent.glob("*.py")), ids=lambda m: m.name
)
def test_modules_of_cost_are_short_enough_to_be_shown(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) < 150
