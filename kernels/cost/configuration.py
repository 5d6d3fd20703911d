"""What has to be known of a Transformer to count its parameters, its work and its cache.

Provenance: the fields are those that papers' tables and released configurations state; `models`
holds real ones.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Experts:
    """A layer of experts: `routed` ones, of which each token takes `active`, and `shared` ones."""

    routed: int
    active: int
    d_ff: int  # inner width of one expert
    shared: int = 0  # experts that every token takes
    dense_layers: int = 0  # first layers that have one plain feed-forward part instead
    biases: bool = False  # one number an expert, for balancing (DeepSeek-V3)

    def __post_init__(self):
        if not 0 < self.active <= self.routed:
            raise ValueError(f"a token can't take {self.active} of {self.routed} experts")


@dataclass(frozen=True)
class Latent:
    """The widths of multi-head latent attention (DeepSeek-V2, §2.1)."""

    d_c: int  # keys' and values' latent
    d_cq: int  # queries' latent
    d_rope: int  # rotated part of a key, and of every head's query


@dataclass(frozen=True)
class Model:
    """A Transformer, described as far as counting needs it.

    Heads are `d_head` wide, which need not be `d_model / heads`. With `latent`, `d_head` is the
    width of a value and of a key's part without position.
    """

    name: str
    source: str  # where the numbers stand
    layers: int  # of the decoder
    d_model: int
    heads: int
    kv_heads: int
    d_head: int
    d_ff: int
    vocabulary: int
    reported: float  # published parameters
    reported_active: float | None = None
    context: int | None = None  # tokens it was trained on at once, where that is published
    gated: bool = True  # three matrices in the feed-forward part, not two
    tied: bool = False  # one table for embeddings and output
    attention_biases: bool = False
    ff_biases: bool = False
    norm_vectors: int = 1  # a scale; with LayerNorm a shift as well
    norms: int = 2  # in a layer
    final_norm: bool = True
    qk_norm: bool = False  # queries and keys are normalised head by head
    positions: int = 0  # learned position vectors
    window: int | None = None  # keys a query may see in every layer
    encoder_layers: int = 0  # a decoder layer then has a second attention and a third norm
    experts: Experts | None = None
    latent: Latent | None = None

    def __post_init__(self):
        if self.heads % self.kv_heads:
            raise ValueError(
                f"{self.name}: {self.heads} heads can't share {self.kv_heads} key heads evenly"
            )

    @property
    def expert_layers(self) -> int:
        """How many layers have experts."""
        return self.layers - self.experts.dense_layers if self.experts else 0
