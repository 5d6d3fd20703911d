"""Real models of the catalogue, each with where its numbers stand.

Provenance: the papers' tables; for weights that were released, also the configuration and the
number of parameters that were released with them. `reported` is what their makers say, `counts`
what the shape gives.
"""

from dataclasses import replace

from kernels.cost.configuration import Experts, Latent, Model


def transformer(name, d_model, heads, reported):
    """Describe the encoder-decoder of 2017: six layers each, one table for all embeddings."""
    return Model(
        name, "Vaswani et al. 2017, Table 3 and §5.1",
        layers=6, d_model=d_model, heads=heads, kv_heads=heads, d_head=64, d_ff=4 * d_model,
        vocabulary=37_000, reported=reported, gated=False, tied=True, ff_biases=True,
        norm_vectors=2, final_norm=False, encoder_layers=6,
    )  # fmt: skip


def gpt(name, source, layers, d_model, heads, context, reported):
    """Describe a GPT-2 or GPT-3: LayerNorm, biases everywhere, learned positions, tied table."""
    return Model(
        name, source,
        layers=layers, d_model=d_model, heads=heads, kv_heads=heads, d_head=d_model // heads,
        d_ff=4 * d_model, vocabulary=50_257, context=context, reported=reported, gated=False,
        tied=True, attention_biases=True, ff_biases=True, norm_vectors=2, positions=context,
    )  # fmt: skip


def gpt2(name, layers, d_model, heads, reported):
    """Describe a GPT-2; the paper's own table states sizes that are too small."""
    source = "Radford et al. 2019, Table 2; hparams.json of the released models"
    return gpt(name, source, layers, d_model, heads, 1024, reported)


def llama(name, paper, layers, d_model, heads, kv_heads, d_ff, vocabulary, context, reported):
    """Describe a model of Llama's kind: RMSNorm, gated, rotary, no biases, heads of 128."""
    return Model(
        name, f"{paper}; config.json of the released model",
        layers=layers, d_model=d_model, heads=heads, kv_heads=kv_heads, d_head=128, d_ff=d_ff,
        vocabulary=vocabulary, context=context, reported=reported,
    )  # fmt: skip


def deepseek(name, source, layers, d_model, d_ff, vocabulary, experts, reported, active):
    """Describe a DeepSeek with 128 heads of latent attention."""
    return Model(
        name, source,
        layers=layers, d_model=d_model, heads=128, kv_heads=128, d_head=128, d_ff=d_ff,
        vocabulary=vocabulary, context=4096, reported=reported, reported_active=active,
        experts=experts, latent=Latent(d_c=512, d_cq=1536, d_rope=64),
    )  # fmt: skip


LLAMA_2 = "Touvron et al. 2023, Llama 2"
LLAMA_3 = "Grattafiori et al. 2024, Table 3"
DEEPSEEK = "config.json and README of the released model"

TRANSFORMER_BASE = transformer("Transformer base", 512, 8, 65e6)
TRANSFORMER_BIG = transformer("Transformer big", 1024, 16, 213e6)
GPT2_SMALL = gpt2("GPT-2 small", 12, 768, 12, 124_439_808)
GPT2_MEDIUM = gpt2("GPT-2 medium", 24, 1024, 16, 354_823_168)
GPT2_LARGE = gpt2("GPT-2 large", 36, 1280, 20, 774_030_080)
GPT2_XL = gpt2("GPT-2 XL", 48, 1600, 25, 1_557_611_200)
GPT3 = gpt("GPT-3 175B", "Brown et al. 2020, Table 2.1", 96, 12_288, 96, 2048, 175.0e9)
PALM = Model(
    "PaLM 540B", "Chowdhery et al. 2022, Table 1 and §2",
    layers=118, d_model=18_432, heads=48, kv_heads=1, d_head=256, d_ff=73_728, vocabulary=256_000,
    context=2048, reported=540.35e9, tied=True, norms=1,
)  # fmt: skip
LLAMA_2_7B = llama("Llama 2 7B", LLAMA_2, 32, 4096, 32, 32, 11_008, 32_000, 4096, 6_738_415_616)
LLAMA_2_13B = llama("Llama 2 13B", LLAMA_2, 40, 5120, 40, 40, 13_824, 32_000, 4096, 13_015_864_320)
LLAMA_2_70B = llama("Llama 2 70B", LLAMA_2, 80, 8192, 64, 8, 28_672, 32_000, 4096, 68_976_648_192)
LLAMA_3_8B = llama("Llama 3 8B", LLAMA_3, 32, 4096, 32, 8, 14_336, 128_256, 8192, 8_030_261_248)
LLAMA_3_70B = llama("Llama 3 70B", LLAMA_3, 80, 8192, 64, 8, 28_672, 128_256, 8192, 70_553_706_496)
LLAMA_3_405B = llama(
    "Llama 3 405B", LLAMA_3, 126, 16_384, 128, 8, 53_248, 128_256, 8192, 405_853_388_800
)
MISTRAL_7B = replace(
    llama("Mistral 7B", "Jiang et al. 2023, Table 1", 32, 4096, 32, 8, 14_336, 32_000, 8192,
          7_241_732_096),
    window=4096,
)  # fmt: skip
MIXTRAL_8X7B = replace(
    llama("Mixtral 8x7B", "Jiang et al. 2024, Table 1", 32, 4096, 32, 8, 14_336, 32_000, 32_768,
          46_702_792_704),
    reported_active=12.9e9, experts=Experts(routed=8, active=2, d_ff=14_336),
)  # fmt: skip
QWEN3_8B = replace(
    llama("Qwen3 8B", "Yang et al. 2025, Table 1", 36, 4096, 32, 8, 12_288, 151_936, 32_768,
          8_190_735_360),
    qk_norm=True,
)  # fmt: skip
QWEN3_235B = replace(
    llama("Qwen3 235B-A22B", "Yang et al. 2025, Table 2", 94, 4096, 64, 4, 12_288, 151_936, 32_768,
          235_093_634_560),
    reported_active=22e9, qk_norm=True, experts=Experts(routed=128, active=8, d_ff=1536),
)  # fmt: skip
DEEPSEEK_V2 = deepseek(
    "DeepSeek-V2", f"DeepSeek-AI 2024 (V2), §3.1.2; {DEEPSEEK}", 60, 5120, 12_288, 102_400,
    Experts(routed=160, active=6, d_ff=1536, shared=2, dense_layers=1), 236e9, 21e9,
)  # fmt: skip
DEEPSEEK_V3 = deepseek(
    "DeepSeek-V3", f"DeepSeek-AI 2024 (V3), §4.2; {DEEPSEEK}", 61, 7168, 18_432, 129_280,
    Experts(routed=256, active=8, d_ff=2048, shared=1, dense_layers=3, biases=True), 671e9, 37e9,
)  # fmt: skip

MODELS = {model.name: model for model in list(globals().values()) if isinstance(model, Model)}
