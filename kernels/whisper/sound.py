"""Recordings: read a WAV file, and bring it to the 16,000 samples a second that Whisper takes.

Provenance: WAVE's PCM form as Python's `wave` reads it; the low-pass filter is a sinc under a
Kaiser window (Kaiser 1974, Nonrecursive digital filter design using the I0-sinh window function).
"""

import io
import wave

import numpy as np

RATE = 16_000  # samples a second
LOBES = 16  # of the sinc, to each side
BETA = 8.0  # Kaiser's window: about 80 dB of what would alias is taken away


def read_wav(content):
    """Return a 16-bit recording as samples from -1 to 1, channels averaged, and its rate.

    Raises `ValueError` for samples of another width.
    """
    with wave.open(io.BytesIO(content)) as file:
        if file.getsampwidth() != 2:
            raise ValueError(f"samples of {8 * file.getsampwidth()} bits; only 16 can be read")
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.reshape(-1, file.getnchannels()).mean(axis=1) / 32768.0, file.getframerate()


def low_pass(factor):
    """Return a filter that keeps what `1/factor` of the rate can carry: `(2 LOBES factor + 1,)`."""
    place = np.arange(-LOBES * factor, LOBES * factor + 1)
    taps = np.sinc(place / factor) * np.kaiser(len(place), BETA)
    return taps / taps.sum()


def to_rate(samples, rate):
    """Return samples at `RATE`: `(time,)`.

    Raises `ValueError` where `rate` is no whole multiple of it.
    """
    factor, rest = divmod(rate, RATE)
    if rest or not factor:
        raise ValueError(f"{rate} samples a second is no whole multiple of {RATE}")
    if factor == 1:
        return samples
    return np.convolve(samples, low_pass(factor), mode="same")[::factor]


def join(clips, gap):
    """Lay clips one after the other with `gap` seconds of silence before each and at the end."""
    silence = np.zeros(round(gap * RATE))
    return np.concatenate([part for clip in clips for part in (silence, clip)] + [silence])
