"""Whisper in NumPy against PyTorch, on small random weights in CTranslate2's layout."""

import io
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from kernels.encoding import decode
from kernels.pretrained import ctranslate2
from kernels.whisper import (
    decoder,
    encoder,
    greedy,
    jobs,
    jobs_repetition,
    jobs_sinks,
    sound,
    spectrogram,
    tokens,
)

ASSETS = Path(__file__).parents[3] / "kernels/assets"

LAYERS, HEADS, WIDTH, FRAMES, PLACES, WORDS = 2, 3, 12, 20, 16, 19


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def small(seed):
    """A small model's variables, by CTranslate2's names."""
    rng = np.random.default_rng(seed)

    def draw(*shape):
        return (rng.standard_normal(shape) * 0.4).astype(np.float32)

    found = {
        "encoder/conv1/weight": draw(WIDTH, 80, 3),
        "encoder/conv1/bias": draw(WIDTH),
        "encoder/conv2/weight": draw(WIDTH, WIDTH, 3),
        "encoder/conv2/bias": draw(WIDTH),
        "encoder/position_encodings/encodings": draw(FRAMES, WIDTH),
        "encoder/num_heads": np.array(HEADS, np.int16),
        "decoder/num_heads": np.array(HEADS, np.int16),
        "decoder/embeddings/weight": draw(WORDS, WIDTH),
        "decoder/position_encodings/encodings": draw(PLACES, WIDTH),
    }
    dense = {
        "self_attention/linear_0": (3 * WIDTH, WIDTH),
        "self_attention/linear_1": (WIDTH, WIDTH),
        "ffn/linear_0": (4 * WIDTH, WIDTH),
        "ffn/linear_1": (WIDTH, 4 * WIDTH),
    }
    across = {
        "attention/linear_0": (WIDTH, WIDTH),
        "attention/linear_1": (2 * WIDTH, WIDTH),
        "attention/linear_2": (WIDTH, WIDTH),
    }
    for side, parts in (("encoder", dense), ("decoder", dense | across)):
        norms = {part.split("/")[0] for part in parts}
        for layer in range(LAYERS):
            for part, shape in parts.items():
                found[f"{side}/layer_{layer}/{part}/weight"] = draw(*shape)
                found[f"{side}/layer_{layer}/{part}/bias"] = draw(shape[0])
            for part in sorted(norms):
                found[f"{side}/layer_{layer}/{part}/layer_norm/gamma"] = 1 + draw(WIDTH)
                found[f"{side}/layer_{layer}/{part}/layer_norm/beta"] = draw(WIDTH)
        found[f"{side}/layer_norm/gamma"] = 1 + draw(WIDTH)
        found[f"{side}/layer_norm/beta"] = draw(WIDTH)
    return found


def file_of(variables, aliases=(("decoder/projection/weight", "decoder/embeddings/weight"),)):
    """Bytes as CTranslate2's converter writes them, version 6."""
    kinds = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}

    def text(value):
        return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"

    out = [struct.pack("<I", 6), text("WhisperSpec"), struct.pack("<II", 3, len(variables))]
    for name, values in variables.items():
        out += [text(name), struct.pack("<B", values.ndim)]
        out += [struct.pack("<I", side) for side in values.shape]
        out += [struct.pack("<BI", kinds[values.dtype.name], values.nbytes), values.tobytes()]
    out += [struct.pack("<I", len(aliases)), *(text(name) for pair in aliases for name in pair)]
    return b"".join(out)


def parameters(seed):
    return ctranslate2.read(file_of(small(seed)))[1]


class InTorch:
    """The same model from PyTorch's own functions, without a cache."""

    def __init__(self, known):
        self.known = {name: torch.tensor(np.array(values)) for name, values in known.items()}

    def norm(self, name, x):
        own = f"{name}/layer_norm"
        return F.layer_norm(
            x, (WIDTH,), self.known[f"{own}/gamma"], self.known[f"{own}/beta"], 1e-5
        )

    def dense(self, name, x):
        return F.linear(x, self.known[f"{name}/weight"], self.known[f"{name}/bias"])

    def heads(self, x):
        return x.unflatten(-1, (HEADS, -1)).transpose(-2, -3)

    def think(self, layer, x):
        wide = F.gelu(self.dense(f"{layer}/ffn/linear_0", self.norm(f"{layer}/ffn", x)))
        return x + self.dense(f"{layer}/ffn/linear_1", wide)

    def look(self, part, x, causal):
        together = self.dense(f"{part}/linear_0", self.norm(part, x))
        q, k, v = map(self.heads, together.chunk(3, -1))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        seen = torch.eye(len(x)).expand(HEADS, -1, -1)
        weights = F.scaled_dot_product_attention(q, k, seen, is_causal=causal)
        return x + self.dense(f"{part}/linear_1", mixed.transpose(0, 1).flatten(1)), weights

    def encode(self, heard):
        x = torch.tensor(heard)[None]
        for name, stride in (("conv1", 1), ("conv2", 2)):
            weight, bias = self.known[f"encoder/{name}/weight"], self.known[f"encoder/{name}/bias"]
            x = F.gelu(F.conv1d(x, weight, bias, stride=stride, padding=1))
        x = x[0].T + self.known["encoder/position_encodings/encodings"]
        for layer in range(LAYERS):
            x, _ = self.look(f"encoder/layer_{layer}/self_attention", x, causal=False)
            x = self.think(f"encoder/layer_{layer}", x)
        return self.norm("encoder", x)

    def decode(self, encoded, ids):
        places = self.known["decoder/position_encodings/encodings"][: len(ids)]
        x = self.known["decoder/embeddings/weight"][ids] + places
        own, cross = [], []
        for layer in range(LAYERS):
            x, weights = self.look(f"decoder/layer_{layer}/self_attention", x, causal=True)
            part = f"decoder/layer_{layer}/attention"
            q = self.heads(self.dense(f"{part}/linear_0", self.norm(part, x)))
            k, v = map(self.heads, self.dense(f"{part}/linear_1", encoded).chunk(2, -1))
            mixed = F.scaled_dot_product_attention(q, k, v).transpose(0, 1).flatten(1)
            identity = torch.eye(len(encoded)).expand(HEADS, -1, -1)
            cross.append(F.scaled_dot_product_attention(q, k, identity))
            own.append(weights)
            x = self.think(f"decoder/layer_{layer}", x + self.dense(f"{part}/linear_2", mixed))
        logits = self.norm("decoder", x) @ self.known["decoder/embeddings/weight"].T
        return logits.numpy(), torch.stack(own).numpy(), torch.stack(cross).numpy()


@pytest.mark.parametrize("seed", range(3))
def test_encoder_and_decoder_agree_with_pytorch(seed):
    known = parameters(seed)
    rng = np.random.default_rng(seed)
    heard = rng.standard_normal((80, 2 * FRAMES)).astype(np.float32)
    ids = rng.integers(0, WORDS, 9).tolist()
    reference = InTorch(known)
    encoded = encoder.encode(known, heard)
    expected = reference.encode(heard)
    assert encoded.shape == (FRAMES, WIDTH) and encoded.dtype == np.float32
    np.testing.assert_allclose(encoded, expected, atol=1e-4)
    reading = decoder.extend(known, decoder.listen(known, expected.numpy()), ids)
    logits, own, cross = reference.decode(expected, ids)
    np.testing.assert_allclose(reading.logits, logits, atol=1e-4)
    np.testing.assert_allclose(reading.own, own, atol=1e-5)
    np.testing.assert_allclose(reading.cross, cross, atol=1e-5)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_a_cache_changes_nothing(seed, pieces):
    known = parameters(seed)
    rng = np.random.default_rng(seed)
    encoded = rng.standard_normal((FRAMES, WIDTH)).astype(np.float32)
    ids = rng.integers(0, WORDS, sum(pieces)).tolist()
    whole = decoder.extend(known, decoder.listen(known, encoded), ids)
    cache, done = decoder.listen(known, encoded), 0
    for piece in pieces:
        part = decoder.extend(known, cache, ids[done : done + piece])
        rows = slice(done, done + piece)
        done += piece
        np.testing.assert_allclose(part.logits, whole.logits[rows], atol=2e-4)
        np.testing.assert_allclose(part.own, whole.own[:, :, rows, :done], atol=2e-5)
        np.testing.assert_allclose(part.cross, whole.cross[:, :, rows], atol=2e-5)
        assert cache.length == done


def test_what_may_not_be_seen_isn_t():
    known = parameters(4)
    encoded = np.random.default_rng(4).standard_normal((FRAMES, WIDTH)).astype(np.float32)
    visible = decoder.window(7, 2, 1)
    reading = decoder.extend(known, decoder.listen(known, encoded), list(range(7)), visible)
    assert (reading.own[..., ~visible] == 0).all()
    np.testing.assert_allclose(reading.own.sum(axis=-1), 1, atol=1e-6)
    everything = decoder.window(7, 7, 0)
    same = decoder.extend(known, decoder.listen(known, encoded), list(range(7)), everything)
    free = decoder.extend(known, decoder.listen(known, encoded), list(range(7)))
    np.testing.assert_array_equal(same.logits, free.logits)


@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 30))
def test_a_window_shows_the_last_and_the_first(n, recent, first):
    visible = decoder.window(n, recent, first)
    for query in range(n):
        expected = {key for key in range(query + 1) if query - key < recent or key < first}
        assert set(np.flatnonzero(visible[query])) == expected


def test_more_tokens_than_places_are_refused():
    known = parameters(5)
    cache = decoder.listen(known, np.zeros((FRAMES, WIDTH), np.float32))
    with pytest.raises(ValueError, match="17 tokens, but the model has 16 places"):
        decoder.extend(known, cache, [0] * 17)


def test_ctranslate2_gives_what_was_written():
    entries = {
        "a": np.arange(6, dtype=np.float16).reshape(2, 3),
        "b": np.array(-3, np.int16),
        "c": np.zeros((0, 4), np.float32),
        "d": np.arange(4, dtype=np.int8),
    }
    name, found = ctranslate2.read(file_of(entries, [("e", "d")]))
    assert name == "WhisperSpec"
    assert found.keys() == {*entries, "e"}
    np.testing.assert_array_equal(found["e"], entries["d"])
    for key, values in entries.items():
        assert found[key].dtype == values.dtype
        np.testing.assert_array_equal(found[key], values)


def test_broken_models_are_refused():
    content = file_of({"a": np.zeros(3, np.float32)})
    with pytest.raises(ValueError, match="binary version 9"):
        ctranslate2.read(struct.pack("<I", 9) + content[4:])
    with pytest.raises(ValueError, match="in the middle of a field"):
        ctranslate2.read(content[:-5])
    plain = file_of({"a": np.zeros(3, np.int16)})
    strange = plain.replace(struct.pack("<BI", 2, 6), struct.pack("<BI", 9, 6))
    with pytest.raises(ValueError, match="a is of type 9"):
        ctranslate2.read(strange)


def slaney_edges():
    """The bands' corners, from the scale's own words: even to 1000 Hz, then 27 mels an octave's."""
    highest = 15 + 27 * np.log(8000 / 1000) / np.log(6.4)
    mels = np.linspace(0, highest, 82)
    return np.array([m * 200 / 3 if m < 15 else 1000 * 6.4 ** ((m - 15) / 27) for m in mels])


def test_bands_are_slaney_s_triangles():
    edges, frequencies = slaney_edges(), np.arange(201) * 40.0
    found = spectrogram.bands()
    for band in range(80):
        left, peak, right = edges[band : band + 3]
        expected = np.interp(frequencies, [left, peak, right], [0, 1, 0]) * 2 / (right - left)
        np.testing.assert_allclose(found[band], expected, atol=1e-12)


@given(st.floats(0, 8000))
def test_the_mel_scale_goes_both_ways(hertz):
    assert float(spectrogram.to_hertz(spectrogram.to_mel(hertz))) == pytest.approx(hertz, abs=1e-6)


def test_the_spectrogram_agrees_with_pytorch():
    samples = np.random.default_rng(6).standard_normal(30_000) * 0.1
    padded = torch.tensor(np.pad(samples, (0, 450_000)))
    window = torch.hann_window(400, dtype=torch.float64)
    power = torch.stft(padded, 400, 160, window=window, return_complex=True)[..., :-1].abs() ** 2
    decades = torch.clamp(torch.tensor(spectrogram.bands()) @ power, min=1e-10).log10()
    expected = (torch.maximum(decades, decades.max() - 8.0) + 4.0) / 4.0
    found = spectrogram.log_mel(samples)
    assert found.shape == (80, 3000)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_more_than_30_seconds_are_cut():
    samples = np.random.default_rng(7).standard_normal(500_000)
    assert len(spectrogram.fit(samples)) == 480_000
    np.testing.assert_array_equal(spectrogram.fit(samples), samples[:480_000])


def recording(samples, rate, channels=1, width=2):
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(samples)
    return stream.getvalue()


def test_channels_are_averaged():
    content = recording(np.array([[16384, 0], [-32768, -32768]], "<i2").tobytes(), 48_000, 2)
    samples, rate = sound.read_wav(content)
    assert (samples.tolist(), rate) == ([0.25, -1.0], 48_000)
    with pytest.raises(ValueError, match="8 bits"):
        sound.read_wav(recording(b"\0\1", 8000, 1, 1))


def test_resampling_keeps_what_fits_and_drops_the_rest():
    time = np.arange(48_000) / 48_000
    kept, dropped = np.sin(2 * np.pi * 1000 * time), np.sin(2 * np.pi * 11_000 * time)
    found = sound.to_rate(kept + dropped, 48_000)
    expected = signal.resample_poly(kept, 1, 3)
    middle = slice(200, -200)
    np.testing.assert_allclose(found[middle], kept[::3][middle], atol=1e-3)
    np.testing.assert_allclose(found[middle], expected[middle], atol=3e-3)
    assert sound.to_rate(kept, 16_000) is kept
    with pytest.raises(ValueError, match="44100 samples a second"):
        sound.to_rate(kept, 44_100)


def test_clips_are_joined_with_silence_around():
    found = sound.join([np.ones(3), np.full(2, 2.0)], 2 / 16_000)
    assert found.tolist() == [0, 0, 1, 1, 1, 0, 0, 2, 2, 0, 0]


def test_letters_are_gpt_2_s():
    assert tokens.to_bytes("Ġthe") == b" the"
    assert tokens.to_bytes("Ċ") == b"\n"
    assert sorted(tokens.LETTERS.values()) == list(range(256))


def test_text_leaves_special_tokens_out():
    vocabulary = {5: "ĠFront", 6: "Ã", 7: "©", tokens.START: "<|startoftranscript|>"}
    assert tokens.to_text(vocabulary, [tokens.START, 5, 6, 7]) == " Fronté"
    labels = tokens.labels(vocabulary, [tokens.START, 5, 6])
    assert labels == ["<|startoftranscript|>", " Front", "�"]


def test_a_transcript_is_what_the_whole_text_would_say(monkeypatch):
    monkeypatch.setattr(greedy, "PROMPT", (1, 2))
    monkeypatch.setattr(greedy, "END", 0)
    known = parameters(8)
    encoded = np.random.default_rng(9).standard_normal((FRAMES, WIDTH)).astype(np.float32)
    found = greedy.transcribe(known, encoded, suppressed=[3, 4], also_first=[0], limit=10)
    assert len(found.tokens) - 2 + found.finished == len(found.probabilities)
    assert not {3, 4} & set(found.tokens[2:])
    for place in range(2, len(found.tokens)):
        reading = decoder.extend(known, decoder.listen(known, encoded), found.tokens[:place])
        logits = torch.tensor(reading.logits[-1], dtype=torch.float64)
        logits[[3, 4, 0] if place == 2 else [3, 4]] = -torch.inf
        chances = F.softmax(logits, dim=0)
        assert int(chances.argmax()) == found.tokens[place]
        assert float(chances.max()) == pytest.approx(found.probabilities[place - 2], abs=1e-4)


@pytest.mark.parametrize(
    ("ids", "length"),
    [
        ([1, 2, 3], None),
        ([9, 5, 5, 5], 1),
        ([9, 1, 2, 1, 2, 1, 2], 2),
        ([1, 2, 1, 2, 1], None),
        ([7, 1, 2, 3, 1, 2, 3, 1, 2, 3], 3),
        ([7, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1], 3),
        ([], None),
    ],
)
def test_a_loop_is_known_by_its_period(ids, length):
    assert greedy.period(ids) == length


def test_a_loop_compresses_well():
    assert greedy.compression("I am going to the shop. " * 20) > 2.4
    assert greedy.compression("Front, left, front, center, rear, right.") < 2.4


@pytest.mark.parametrize(
    ("job", "file", "entry"),
    [
        (jobs.whisper_attention, "crop.npz", "q"),
        (jobs_sinks.whisper_sinks, "heads.npz", "k"),
        (jobs_repetition.whisper_repetition, "crop.npz", "q"),
    ],
)
def test_a_job_s_crops_give_its_numbers_and_a_fault_is_noticed(job, file, entry):
    context = job.context(reduced=True, assets=ASSETS / job.name)
    assert all(job.tolerance.allows(difference) for difference in job.check(context).values())
    faulty = dict(context.asset(file))
    faulty[entry] = faulty[entry] * np.float16(0.5)
    context.asset = lambda name, read=context.asset: faulty if name == file else read(name)
    assert not all(job.tolerance.allows(difference) for difference in job.check(context).values())


def test_every_word_s_row_looks_at_its_own_clip():
    said = decode("a.json", (ASSETS / "whisper-attention/transcript.json").read_bytes())
    aligned = decode("a.json", (ASSETS / "whisper-attention/alignment.json").read_bytes())
    words = [place for place, label in enumerate(said["labels"]) if label.strip().isalpha()]
    assert len(words) == 2 * len(said["clips"]) == 16
    for number, place in enumerate(words):
        clip = said["clips"][number // 2]
        before = aligned["seconds"][place - 1]  # the row that writes the word
        assert clip["begins"] <= before <= clip["ends"]
        assert said["labels"][place].strip().lower() in clip["clip"].lower()


def test_likelihood_agrees_with_pytorch():
    logits = np.random.default_rng(3).standard_normal((6, 9)).astype(np.float32)
    ids = [1, 2, 5, 0, 8, 3]
    found = jobs_sinks.likelihood(logits, ids)
    rows, wanted = torch.tensor(logits[1:-1]), torch.tensor(ids[2:])
    assert found["nats"] == pytest.approx(float(F.cross_entropy(rows, wanted)), abs=1e-6)
    assert found["right"] == float((rows.argmax(-1) == wanted).double().mean())


def test_copying_is_looking_at_what_followed_a_period_ago():
    length, period = 12, 3
    own = np.zeros((1, 2, length, length))
    for query in range(length):
        own[0, 0, query, max(0, query + 1 - period)] = 1.0  # what is about to be written again
        own[0, 1, query, query] = 1.0
    assert jobs_repetition.copied(own, period).tolist() == [[1.0, 0.0]]


def test_over_and_over_fills_the_model_s_view():
    found = jobs_repetition.over_and_over(np.arange(7.0))
    assert len(found) == 480_000
    assert found[7:14].tolist() == list(range(7))
    assert found[-1] == (480_000 - 1) % 7


def test_the_loop_is_real_and_its_clip_alone_is_none():
    path = ASSETS / "whisper-repetition"
    rows = decode("a.json", (path / "transcripts.json").read_bytes())
    loop = decode("a.json", (path / "loop.json").read_bytes())
    once, again = (rows[f"{loop['clip']} {times}"] for times in ("once", "repeated"))
    assert once["finished"] and once["period"] is None and once["compression"] < 2.4
    assert not again["finished"] and again["compression"] > 2.4
    assert len(again["tokens"]) / again["period"] > 4 * again["heard"]  # far more than was said
    assert set(loop["seconds"][40:]) == {29.98}  # it has stopped listening
