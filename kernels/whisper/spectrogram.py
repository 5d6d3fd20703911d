"""What Whisper hears: how loud each of 80 bands of pitch is, 100 times a second.

Provenance: Radford et al. 2022, Robust Speech Recognition via Large-Scale Weak Supervision
(arXiv:2212.04356), §2.2: windows of 25 ms, every 10 ms, 80 channels, log magnitudes, scaled to lie
between about -1 and 1; details as in the published `whisper/audio.py`. The bands are Slaney's
(Auditory Toolbox, 1998): even below 1000 Hz, even in the logarithm above.
"""

import numpy as np

from kernels.whisper.sound import RATE

WINDOW = 400  # samples: 25 ms
HOP = 160  # samples: 10 ms
BANDS = 80
SECONDS = 30  # the model's view, never more nor less
STEP = 200.0 / 3.0  # hertz a mel below 1000 Hz
KNEE = 1000.0 / STEP  # mel
GROWTH = np.log(6.4) / 27.0  # of the frequency, a mel above 1000 Hz


def to_hertz(mel):
    """Return the frequency of a place on Slaney's mel scale."""
    above = 1000.0 * np.exp(GROWTH * (np.maximum(mel, KNEE) - KNEE))
    return np.where(mel < KNEE, STEP * mel, above)


def to_mel(hertz):
    """Return the place of a frequency on Slaney's mel scale."""
    above = KNEE + np.log(np.maximum(hertz, 1000.0) / 1000.0) / GROWTH
    return np.where(hertz < 1000.0, hertz / STEP, above)


def bands():
    """Return each band's triangle over the spectrum's frequencies, of area one: `(80, 201)`."""
    edges = to_hertz(np.linspace(0.0, to_mel(RATE / 2), BANDS + 2))  # left, peak, right of each
    frequencies = np.linspace(0.0, RATE / 2, WINDOW // 2 + 1)
    widths = np.diff(edges)[:, None]
    rising = (frequencies - edges[:-2, None]) / widths[:-1]
    falling = (edges[2:, None] - frequencies) / widths[1:]
    area = (edges[2:] - edges[:-2])[:, None] / 2
    return np.maximum(0.0, np.minimum(rising, falling)) / area


def power(samples):
    """Return the power spectrum of every window: `(201, windows)`.

    Windows are centred on every 160th sample; the ends are mirrored. Samples are `(time,)`.
    """
    mirrored = np.pad(samples, WINDOW // 2, mode="reflect")
    cut = np.lib.stride_tricks.sliding_window_view(mirrored, WINDOW)[::HOP]  # (windows, 400)
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(WINDOW) / WINDOW)  # Hann's
    return np.abs(np.fft.rfft(cut * window).T) ** 2


def fit(samples):
    """Cut samples to 30 seconds, or fill up with silence: `(480000,)`."""
    length = SECONDS * RATE
    return np.pad(samples[:length], (0, max(0, length - len(samples))))


def log_mel(samples):
    """Return what the model hears of 30 seconds: `(80, 3000)` of float32.

    Logarithms reach down to 80 dB below the loudest, and are shifted and scaled (§2.2).
    """
    loudness = bands() @ power(fit(samples))[:, :-1]  # the last window is beyond the 30 s
    decades = np.log10(np.maximum(loudness, 1e-10))
    return ((np.maximum(decades, decades.max() - 8.0) + 4.0) / 4.0).astype(np.float32)
