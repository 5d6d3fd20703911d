"""MiniLM in NumPy against PyTorch, on small random weights in the published file's layout."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save
from scipy import special

from kernels.minilm import encoder, jobs, wordpiece
from kernels.pretrained import layers, safetensors

LAYERS, HEADS, WIDTH, PLACES, WORDS = 3, 4, 24, 12, 17
SHAPE = encoder.Shape(LAYERS, HEADS)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def weights_file(seed):
    """A small model's `model.safetensors`, written by the format's own library."""
    rng = np.random.default_rng(seed)

    def draw(*shape):
        return rng.standard_normal(shape).astype(np.float32) * np.float32(0.4)

    entries = {
        "embeddings.position_ids": np.arange(PLACES)[None],
        "embeddings.word_embeddings.weight": draw(WORDS, WIDTH),
        "embeddings.position_embeddings.weight": draw(PLACES, WIDTH),
        "embeddings.token_type_embeddings.weight": draw(2, WIDTH),
    }
    dense = {"attention.self.query": (WIDTH, WIDTH), "attention.self.key": (WIDTH, WIDTH)}
    dense |= {"attention.self.value": (WIDTH, WIDTH), "attention.output.dense": (WIDTH, WIDTH)}
    dense |= {"intermediate.dense": (4 * WIDTH, WIDTH), "output.dense": (WIDTH, 4 * WIDTH)}
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        for name, shape in dense.items():
            entries[f"encoder.layer.{layer}.{name}.weight"] = draw(*shape)
            entries[f"encoder.layer.{layer}.{name}.bias"] = draw(shape[0])
        norms += [
            f"encoder.layer.{layer}.{name}.LayerNorm" for name in ("attention.output", "output")
        ]
    for norm in norms:
        entries[f"{norm}.weight"], entries[f"{norm}.bias"] = 1 + draw(WIDTH), draw(WIDTH)
    return entries, save(entries, metadata={"format": "pt"})


def in_torch(entries, ids):
    """The same model from PyTorch's own functions: output and attention."""
    known = {name: torch.tensor(values) for name, values in entries.items()}

    def norm(x, name):
        return F.layer_norm(x, (WIDTH,), known[f"{name}.weight"], known[f"{name}.bias"], 1e-12)

    def dense(x, name):
        return F.linear(x, known[f"{name}.weight"], known[f"{name}.bias"])

    x = F.embedding(torch.tensor(ids), known["embeddings.word_embeddings.weight"])
    x = x + known["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(x + known["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    maps = []
    for layer in range(LAYERS):
        own = f"encoder.layer.{layer}"
        q, k, v = (
            dense(x, f"{own}.attention.self.{part}").unflatten(-1, (HEADS, -1)).transpose(0, 1)
            for part in ("query", "key", "value")
        )
        identity = torch.eye(len(ids)).expand(HEADS, -1, -1)
        maps.append(F.scaled_dot_product_attention(q, k, identity))
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(0, 1).flatten(1)
        x = norm(
            x + dense(mixed, f"{own}.attention.output.dense"), f"{own}.attention.output.LayerNorm"
        )
        wide = F.gelu(dense(x, f"{own}.intermediate.dense"))
        x = norm(x + dense(wide, f"{own}.output.dense"), f"{own}.output.LayerNorm")
    return x.numpy(), torch.stack(maps).numpy()


@pytest.mark.parametrize("seed", range(4))
def test_forward_agrees_with_pytorch(seed):
    entries, content = weights_file(seed)
    ids = np.random.default_rng(seed).integers(0, WORDS, 3 + 3 * seed).tolist()
    states, maps = encoder.forward(safetensors.read(content), ids, SHAPE)
    expected, expected_maps = in_torch(entries, ids)
    assert states.dtype == maps.dtype == np.float32
    np.testing.assert_allclose(states[-1], expected, atol=2e-5)
    np.testing.assert_allclose(maps, expected_maps, atol=1e-5)


def test_states_are_what_each_layer_reads():
    parameters = safetensors.read(weights_file(5)[1])
    states, maps = encoder.forward(parameters, [1, 2, 3, 4], SHAPE)
    for layer in range(LAYERS):
        again = encoder.attend(parameters, layer, states[layer], SHAPE)[1]
        np.testing.assert_array_equal(again, maps[layer])
    assert len(states) == LAYERS + 1


def test_more_tokens_than_places_are_refused():
    parameters = safetensors.read(weights_file(6)[1])
    with pytest.raises(ValueError, match="13 tokens, but the model has only 12 places"):
        encoder.forward(parameters, [0] * 13, SHAPE)


def test_a_sentence_s_vector_has_length_one():
    parameters = safetensors.read(weights_file(7)[1])
    states, _ = encoder.forward(parameters, [1, 5, 2], SHAPE)
    vector = encoder.sentence_vector(states)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    expected = F.normalize(torch.tensor(states[-1]).mean(0), dim=0)
    np.testing.assert_allclose(vector, expected, atol=1e-6)


def test_erf_is_as_near_as_it_says():
    x = np.linspace(-6, 6, 4001)
    assert np.abs(layers.erf(x) - special.erf(x)).max() < 1.6e-7
    single = x.astype(np.float32)
    assert layers.erf(single).dtype == np.float32
    np.testing.assert_allclose(layers.gelu(single), F.gelu(torch.tensor(single)), atol=2e-6)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(2, 9))
def test_layer_norm_agrees_with_pytorch(seed, rows, width):
    rng = np.random.default_rng(seed)
    x, gain, bias = rng.standard_normal((rows, width)), *rng.standard_normal((2, width))
    expected = F.layer_norm(
        *map(torch.tensor, (x,)), (width,), *map(torch.tensor, (gain, bias)), 1e-5
    )
    np.testing.assert_allclose(layers.layer_norm(x, gain, bias, 1e-5), expected, atol=1e-9)


def test_safetensors_gives_what_its_library_wrote():
    entries = {
        "a": np.arange(6, dtype=np.float16).reshape(2, 3),
        "b": np.array(7, np.int64),
        "c": np.zeros((0, 4), np.float32),
        "d": np.array([True, False]).astype(np.uint8),
    }
    found = safetensors.read(save(entries))
    assert found.keys() == entries.keys()
    for name, values in entries.items():
        assert found[name].dtype == values.dtype
        np.testing.assert_array_equal(found[name], values)


def safetensors_file(entry, data=b"\0" * 8):
    header = json.dumps({"x": entry}).encode()
    return len(header).to_bytes(8, "little") + header + data


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\1\2", "end before the header"),
        (b"\xff" * 20, "end before the header"),
        (safetensors_file({"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]}), "x is BF16"),
        (safetensors_file({"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}), "doesn't fit"),
        (safetensors_file({"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}), "doesn't fit"),
    ],
)
def test_broken_safetensors_are_refused(content, says):
    with pytest.raises(ValueError, match=says):
        safetensors.read(content)


PIECES = """[PAD] [UNK] [CLS] [SEP] un ##aff ##able ##a the noble ##r naive
' - , 世 界 $ 5 cafe"""
VOCABULARY = {piece: place for place, piece in enumerate(PIECES.split())}


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("unaffable", "un ##aff ##able"),
        ("The NOBLER the,the", "the noble ##r the , the"),
        ("naïve café", "naive cafe"),
        ("世界the", "世 界 the"),
        ("noble$5-'", "noble $ 5 - '"),
        ("the\x00re the\ufffd", "[UNK] the"),
        ("unknown", "[UNK]"),
        ("un\u00adaff  \n\t the", "un ##aff the"),
        ("una" + "a" * 98, "[UNK]"),
        ("", ""),
    ],
)
def test_word_pieces(text, pieces):
    assert wordpiece.tokenise(text, VOCABULARY) == ["[CLS]", *pieces.split(), "[SEP]"]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_words_hold_no_spaces_capitals_or_accents(text):
    for word in wordpiece.words(text):
        assert word and not any(letter.isspace() for letter in word)
        assert word == "".join(wordpiece.words(word))


def test_a_vocabulary_counts_its_lines():
    assert wordpiece.read_vocabulary("[PAD]\nthe\n##re\n") == {"[PAD]": 0, "the": 1, "##re": 2}


def test_a_passage_goes_from_one_phrase_to_another_on_one_line():
    play = "It is.\nTo be,  \nor not\nto be. It is done. To be."
    assert jobs.passage(play, "To be", "done.") == "To be, or not to be. It is done."


def test_a_head_that_is_recomputed_with_a_fault_is_noticed(tmp_path):
    job, root = jobs.minilm_attention, jobs.Path(__file__).parents[3] / "kernels/assets"
    context = job.context(reduced=True, assets=root / job.name)
    found = job.check(context)
    assert all(job.tolerance.allows(difference) for difference in found.values())
    faulty = dict(context.asset("crop.npz"))
    faulty["q 0 2"] = faulty["q 0 2"] * np.float16(0.5)
    context.asset = lambda name, read=context.asset: faulty if name == "crop.npz" else read(name)
    assert not all(job.tolerance.allows(difference) for difference in job.check(context).values())
