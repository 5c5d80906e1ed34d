"""The pen: smooth curves, filled shapes and tapered strokes on a canvas that remembers what each pixel shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

__all__ = ["INK", "WHITE", "Canvas", "curve", "ellipse", "inside", "mix", "shade", "vivid"]

INK = np.array([52, 34, 42], np.float32)
WHITE = np.array([255, 253, 250], np.float32)
Color = np.ndarray | Sequence[float]


def mix(first: Color, second: Color, share: float | np.ndarray) -> np.ndarray:
    """From colour ``first`` (3,) at share 0 to ``second`` at share 1."""
    return np.asarray(first, np.float32) * (1 - share) + np.asarray(second, np.float32) * share


def shade(color: Color, dark: float = 0.72) -> np.ndarray:
    """The colour in shadow: darker and a little cooler."""
    return np.asarray(color, np.float32) * np.array([dark, dark * 0.93, dark * 1.02], np.float32)


def vivid(color: Color, gain: float) -> np.ndarray:
    """The colour, its distance from grey multiplied by ``gain``."""
    color = np.asarray(color, np.float32)
    return np.clip(color.mean() + gain * (color - color.mean()), 0, 255)


def curve(points: np.ndarray, count: int = 32, closed: bool = False) -> np.ndarray:
    """A smooth curve of ``count`` places through points (k, 2) (Catmull-Rom)."""
    p = np.asarray(points, np.float32)
    k = len(p)
    ends = (p[-1:], p[:2]) if closed else (2 * p[:1] - p[1:2], np.stack([2 * p[-1] - p[-2], p[-1]]))
    p = np.concatenate([ends[0], p, ends[1]])
    at = np.linspace(0, k if closed else k - 1, count)
    i = np.minimum(at.astype(int), k - 1 if closed else k - 2)
    t = (at - i)[:, None].astype(np.float32)
    a, b, c, d = p[i], p[i + 1], p[i + 2], p[i + 3]
    return b + t * ((c - a) / 2 + t * (a - 2.5 * b + 2 * c - d / 2 + t * (1.5 * (b - c) + (d - a) / 2)))


def ellipse(center: np.ndarray, across: float, along: float, axis: Color = (1.0, 0.0), count: int = 40) -> np.ndarray:
    """(count, 2) places of an ellipse; ``across`` is its radius along the unit vector ``axis``."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)[:, None]
    x = np.asarray(axis, np.float32)
    y = np.array([-x[1], x[0]])
    return (center + across * np.cos(angle) * x + along * np.sin(angle) * y).astype(np.float32)


def inside(shape: np.ndarray, extent: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns, each (m,), of the pixels inside a polygon (k, 2), by the even-odd rule."""
    limits = (extent[1], extent[0])
    left, top = np.clip(np.floor(shape.min(0)).astype(int), 0, limits)
    right, bottom = np.clip(np.ceil(shape.max(0)).astype(int), 0, limits)
    if right <= left or bottom <= top:
        return np.zeros(0, int), np.zeros(0, int)
    row = np.arange(top, bottom)[:, None] + 0.5
    ax, ay = shape.T
    bx, by = np.roll(ax, -1), np.roll(ay, -1)
    r, edge = np.nonzero((ay > row) != (by > row))
    cross = ax[edge] + (row[r, 0] - ay[edge]) / (by[edge] - ay[edge]) * (bx[edge] - ax[edge])
    column = np.clip(np.ceil(cross - 0.5).astype(int) - left, 0, right - left)
    wide = right - left + 1
    flips = np.bincount(r * wide + column, minlength=(bottom - top) * wide).reshape(-1, wide)
    rows, columns = np.nonzero(np.cumsum(flips, 1)[:, :-1] & 1)
    return rows + top, columns + left


class Canvas:
    """A drawing in progress: ``rgb`` float32 (size, size, 3) in 0..255 and ``region`` uint8 (size, size)."""

    def __init__(self, size: int) -> None:
        self.rgb = np.zeros((size, size, 3), np.float32)
        self.region = np.zeros((size, size), np.uint8)
        self.size = size

    def fill(self, shape: np.ndarray, color: Color | Callable[[np.ndarray], np.ndarray], *, alpha: float = 1.0,
             clip: np.ndarray | None = None, region: int | None = None) -> np.ndarray:
        """Fill a polygon (k, 2) with a colour (3,) or a function of the rows (m,) -> (m, 3).

        ``clip`` (size, size) bool bounds it; ``region`` is what the pixels show from now on. Returns where it
        was filled, bool (size, size).
        """
        rows, columns = inside(shape, self.region.shape)
        if clip is not None:
            kept = clip[rows, columns]
            rows, columns = rows[kept], columns[kept]
        value = color(rows) if callable(color) else np.asarray(color, np.float32)
        self.rgb[rows, columns] += alpha * (value - self.rgb[rows, columns])
        if region is not None:
            self.region[rows, columns] = region
        filled = np.zeros(self.region.shape, bool)
        filled[rows, columns] = True
        return filled

    def stroke(self, points: np.ndarray | Sequence[np.ndarray], width: float | np.ndarray, color: Color, *,
               taper: tuple[float, float] = (0.15, 0.15), alpha: float = 1.0, clip: np.ndarray | None = None,
               region: int | None = None) -> None:
        """A line through points (k, 2), thin at its ends; ``width`` may change along it; ``taper``: shares of it."""
        points = np.asarray(points, np.float32)
        p = curve(points, 28) if len(points) > 2 else np.linspace(points[0], points[-1], 28)
        t = np.linspace(0, 1, len(p))
        ends = np.minimum((t + 0.04) / max(taper[0], 1e-3), (1.04 - t) / max(taper[1], 1e-3))
        along = np.interp(t, np.linspace(0, 1, np.size(width)), np.atleast_1d(width))
        half = along / 2 * np.minimum(1, ends) ** 0.7
        step = np.gradient(p, axis=0)
        step /= np.linalg.norm(step, axis=1, keepdims=True) + 1e-6
        aside = np.stack([-step[:, 1], step[:, 0]], -1) * half[:, None]
        self.fill(np.concatenate([p + aside, (p - aside)[::-1]]), color, alpha=alpha, clip=clip, region=region)

    def loop(self, points: np.ndarray, width: float, color: Color, region: int | None = None) -> None:
        """An even closed line around a polygon (k, 2)."""
        p = curve(points, 3 * len(points), closed=True)
        step = np.roll(p, -1, 0) - np.roll(p, 1, 0)
        step /= np.linalg.norm(step, axis=1, keepdims=True) + 1e-6
        aside = np.stack([-step[:, 1], step[:, 0]], -1) * width / 2
        outer, inner = p + aside, p - aside
        self.fill(np.concatenate([outer, outer[:1], inner[:1], inner[::-1]]), color, region=region)

    def blend(self, cover: np.ndarray, color: Color, region: int | None = None) -> None:
        """Lay a colour (3,) over the canvas with coverage (size, size) in [0, 1]."""
        at = np.nonzero(cover > 0.01)
        self.rgb[at] += cover[at][:, None] * (np.asarray(color, np.float32) - self.rgb[at])
        if region is not None:
            self.region[cover > 0.5] = region

    def shrunk(self, over: int) -> tuple[np.ndarray, np.ndarray]:
        """Means of ``over`` x ``over`` pixels: uint8 (3, size / over, size / over), and the regions there."""
        small = self.size // over
        mean = self.rgb.reshape(small, over, small, over, 3).mean((1, 3))
        pixels = np.ascontiguousarray(np.rint(mean).clip(0, 255).astype(np.uint8).transpose(2, 0, 1))
        return pixels, np.ascontiguousarray(self.region[over // 2::over, over // 2::over])
