"""Three pictures as an SVG string written by hand from NumPy arrays: the least that will do."""

import base64
import struct
import zlib

import numpy as np

WIDTH, HEIGHT = 560, 340
LEFT, RIGHT, TOP, BOTTOM = 50, 550, 10, 310
PLACE = {"x": (LEFT, RIGHT), "y": (BOTTOM, TOP)}


def scaled(values: np.ndarray, low: float, high: float, axis: str) -> np.ndarray:
    """Place data on the page."""
    start, end = PLACE[axis]
    return start + (np.asarray(values, dtype=float) - low) * ((end - start) / (high - low))


def frame(x: tuple[float, float], y: tuple[float, float]) -> list[str]:
    """Draw both axes with six ticks and labels each."""
    lines = [f'<path stroke="currentColor" fill="none" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"/>']
    for value, place in zip(np.linspace(*x, 6), np.linspace(LEFT, RIGHT, 6), strict=True):
        lines.append(f'<path stroke="currentColor" d="M{place:.2f} {BOTTOM}v4"/>')
        lines.append(f'<text x="{place:.2f}" y="328" text-anchor="middle">{value:.3g}</text>')
    for value, place in zip(np.linspace(*y, 6), np.linspace(BOTTOM, TOP, 6), strict=True):
        lines.append(f'<path stroke="currentColor" d="M{LEFT} {place:.2f}h-4"/>')
        lines.append(f'<text x="42" y="{place + 4:.2f}" text-anchor="end">{value:.3g}</text>')
    return lines


def svg(lines: list[str]) -> str:
    """Wrap elements in a picture."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-size="13">'
    return "\n".join([head, *lines, "</svg>"])


def line(k: float) -> str:
    """Draw a line of 200 points."""
    x = np.linspace(0, 10, 200)
    y = np.sin(k * x)
    low, high = float(y.min()), float(y.max()) + 1e-9
    points = np.column_stack([scaled(x, 0, 10, "x"), scaled(y, low, high, "y")])
    path = " ".join(f"{a:.2f},{b:.2f}" for a, b in points.tolist())
    curve = f'<polyline fill="none" stroke="currentColor" stroke-width="1.8" points="{path}"/>'
    return svg([*frame((0, 10), (low, high)), curve])


def bars(k: float) -> str:
    """Draw a chart of 16 bars."""
    heights = np.abs(np.sin(k * np.arange(16))) + 0.01
    high = float(heights.max())
    lines = frame((0, 16), (0, high))
    tops = scaled(heights, 0, high, "y")
    step = (RIGHT - LEFT) / 16
    for index, top in enumerate(tops.tolist()):
        place = LEFT + (index + 0.1) * step
        lines.append(
            f'<rect fill="currentColor" x="{place:.2f}" y="{top:.2f}" '
            f'width="{0.8 * step:.2f}" height="{BOTTOM - top:.2f}"/>'
        )
    return svg(lines)


def heat(k: float) -> str:
    """Draw a heat map of 32 by 32 cells, as one image."""
    x = np.linspace(-2, 2, 32)
    values = np.sin(k * x[:, None]) * x[None, :]
    low, high = values.min(), values.max()
    grey = np.round((values - low) / (high - low + 1e-12) * 255).astype(np.uint8)
    data = base64.b64encode(png(grey)).decode()
    image = (
        f'<image x="{LEFT}" y="{TOP}" width="300" height="300" image-rendering="pixelated" '
        f'preserveAspectRatio="none" href="data:image/png;base64,{data}"/>'
    )
    return svg([image, *frame((0, 32), (32, 0))])


def png(grey: np.ndarray) -> bytes:
    """Encode grey levels as PNG."""
    height, width = grey.shape
    rows = np.zeros((height, width + 1), dtype=np.uint8)
    rows[:, 1:] = grey

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows.tobytes(), 1))
        + chunk(b"IEND", b"")
    )


def draw(name: str, k: float) -> str:
    """Draw one of the pictures."""
    return {"line": line, "bars": bars, "heat": heat}[name](k)
