"""Flat spiral coils as sets of concentric circles, and what two of them have of each other.

Provenance: inductances of coils as sums over their circles are Maxwell's method, as A. C. M. de
Queiroz sets it out (Mutual inductance and inductance calculations by Maxwell's method, 2003, eq.
5). A circle anywhere is threaded by the line integral of the other's vector potential, which
is known in closed form; around a closed curve the trapezoidal rule is exact but for a remainder
that falls exponentially with the number of points.
"""

from dataclasses import dataclass

import numpy as np

from . import rings

POINTS = 48  # along each circle that is not on the axis


@dataclass(frozen=True)
class Spiral:
    """A flat coil: `turns` circles from the `inner` to the `outer` radius; `wire` is the wire's.

    All in metres. Raises `ValueError` where the turns would overlap.
    """

    outer: float
    inner: float
    turns: int
    wire: float

    def __post_init__(self) -> None:
        if self.turns > 1 and (self.outer - self.inner) / (self.turns - 1) <= 2.0 * self.wire:
            raise ValueError(f"{self.turns} turns don't fit between {self.inner} and {self.outer}")

    def radii(self) -> np.ndarray:
        """Return the radii of the circles, `(turns,)`."""
        return np.linspace(self.inner, self.outer, self.turns)


def own_inductance(coil: Spiral) -> float:
    """Return the inductance of a coil, H: every circle's own, and each with every other."""
    radii = coil.radii()
    gap = coil.wire * np.eye(coil.turns)  # a circle with itself: one wire's radius apart
    return float(rings.coaxial(radii[:, None], radii, gap).sum())


def coaxial_inductance(one: Spiral, other: Spiral, gap) -> np.ndarray:
    """Return the mutual inductance of two coils on one axis, H, for each `gap`."""
    gap = np.asarray(gap, dtype=float)[..., None, None]
    return rings.coaxial(one.radii()[:, None], other.radii(), gap).sum(axis=(-2, -1))


def placed(radius, gap, offset=0.0, tilt=0.0, points=POINTS):
    """Return points of circles and their tangents, both `(..., points, 3)` for radii `(...)`.

    The centre is `gap` above the origin and `offset` to the side along x; the circles are turned
    about y by `tilt`, in radians. A tangent times `2 pi / points` is the step to the next point.
    """
    phi = 2.0 * np.pi * np.arange(points) / points
    size = np.asarray(radius, dtype=float)[..., None, None]
    lean, rise = np.cos(tilt), -np.sin(tilt)
    at = np.stack([lean * np.cos(phi), np.sin(phi), rise * np.cos(phi)], axis=1)
    along = np.stack([-lean * np.sin(phi), np.cos(phi), -rise * np.sin(phi)], axis=1)
    return size * at + np.array([offset, 0.0, gap]), size * along


def mutual_inductance(one: Spiral, other: Spiral, gap, offset=0.0, tilt=0.0, points=POINTS):
    """Return the mutual inductance of two coils, the second one shifted and tilted, in H.

    Negative where the second coil catches more of the flux's way back than of its way out.
    """
    at, along = placed(other.radii(), gap, offset, tilt, points)  # (turns, points, 3)
    distance = np.hypot(at[..., 0], at[..., 1])
    strength = rings.potential_over_distance(one.radii()[:, None, None], distance, at[..., 2])
    # The potential runs round the axis of the first coil; its part along the wire counts.
    along_it = at[..., 0] * along[..., 1] - at[..., 1] * along[..., 0]
    return float((strength.sum(axis=0) * along_it).mean(axis=-1).sum() * 2.0 * np.pi)


def coupling(mutual, one_inductance, other_inductance):
    """Return the coupling `k`: the share of one coil's flux that the other one catches."""
    return mutual / np.sqrt(one_inductance * other_inductance)
