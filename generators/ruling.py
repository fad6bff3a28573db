"""Ruling: the printed lines of school paper, ruled or squared, which are no ink of the drawing.

They run from end to end of the page, are evenly spaced, and are of one tone; a pen that crosses them is darker.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.colours import Array
from generators.cut import Mask, Pixels

TILT, STEP = 6.0, 0.4  # degrees by which lines may slope, and between two slopes that are tried
COVERED = 0.6  # share of a line's way on which it is seen; pens draw seldom so far
LEAST = 6  # lines of one spacing; fewer may be drawn
EVEN = 0.16  # of the spacing, by which lines are off it
NARROW = 2 / 512  # of the long side, to each side of a line
DARKER, MOSTLY, ALIKE = 1.3, 60, 80  # times the tone of a line that it mostly has, in percent; there a pen crosses it
FILLED = 0.45  # of the steps from the first to the last line that goes across the page, on which there is one
DARK = 0.8  # of the darkest ink, which a pen leaves
MARGIN = 0.8  # of its way; the line along a margin
POINTS = 4000  # are enough to tell a slope by
AROUND = 9  # px; a line is narrower
SEEN = 9  # of 255; less ink is grain


def find_ruling(ink: Pixels) -> Mask | None:
    """1 on the lines of ruled and of squared paper, on ink of shape (h, w), 8-bit; None on plain paper."""
    turned = np.ascontiguousarray(ink.T)
    tilts = np.arange(-TILT, TILT + STEP, STEP)
    one, other = _sharpness(ink, tilts), _sharpness(turned, -tilts)
    best = {int(one.argmax()), int(other.argmax()), int((one + other).argmax())}  # squares share their tilt
    for tilt in tilts[sorted(best)]:
        across, along = _lines(ink, tilt, LEAST, COVERED), _lines(turned, -tilt, LEAST, COVERED)
        if len(across[1]) or len(along[1]):
            break
    else:
        return None
    if not len(along[1]):
        along = _lines(turned, -_degrees(across[0]), 1, MARGIN)
    elif not len(across[1]):
        across = _lines(ink, -_degrees(along[0]), 1, MARGIN)
    mask = _drawn(ink, *across) | _drawn(turned, *along).T
    return np.ascontiguousarray(mask, np.uint8)


def _degrees(slope: float) -> float:
    return float(np.degrees(np.arctan(slope)))


def _sharpness(ink: Pixels, tilts: Array) -> Array:
    """How much ink lies on narrow lines from side to side at each of these tilts in degrees; 1 for the most."""
    h, w = ink.shape
    points = cv2.findNonZero(cv2.inRange(ink, SEEN + 1.0, max(SEEN + 2.0, DARK * float(ink.max()))))
    if points is None:
        return np.zeros(len(tilts), np.float32)
    few = points.reshape(-1, 2)[:: 1 + len(points) // POINTS].astype(np.float32)
    slopes = np.tan(np.radians(tilts)).astype(np.float32)[:, None]
    places = np.clip(few[:, 1] + 0.5 - slopes * (few[:, 0] - w / 2), 0, h - 1).astype(np.int32)
    places += h * np.arange(len(tilts), dtype=np.int32)[:, None]
    counts = np.bincount(places.ravel(), minlength=h * len(tilts)).reshape(len(tilts), h).astype(np.float32)
    full = COVERED * w * len(few) / len(points)  # of a line all along; a pen's longest strokes weigh no more
    peaks = (np.clip(counts - cv2.blur(counts, (AROUND, 1)), 0, full) ** 2).sum(1)
    return np.asarray(peaks / max(1e-6, float(peaks.max())), np.float32)


def _lines(ink: Pixels, tilt: float, least: int, covered: float) -> tuple[float, Array]:
    """The slope of lines that go from side to side, near a tilt in degrees, and where each begins, in px."""
    near = tilt + np.arange(-STEP, STEP, STEP / 4)
    slope = float(np.tan(np.radians(near[int(_sharpness(ink, near).argmax())])))
    found = _rows(ink, slope, covered)
    if least > 1:
        found = _spaced(found)
    return slope, found if len(found) >= least else found[:0]


def _rows(ink: Pixels, slope: float, covered: float) -> Array:
    """Where lines of a slope begin that are seen on most of their way."""
    h, w = ink.shape
    level = np.array([[1, 0, 0], [-slope, 1, slope * w / 2]], np.float64)
    flat = cv2.warpAffine(ink, level, (w, h), flags=cv2.INTER_LINEAR)
    seen = (cv2.dilate(flat, np.ones((3, 1), np.uint8)) > SEEN).mean(1)
    depth = flat.mean(1) * (seen > covered)
    peak = (depth > 0) & (depth >= np.roll(depth, 1)) & (depth > np.roll(depth, -1))
    bare = np.minimum(np.roll(seen, 4), np.roll(seen, -4)) < 0.6 * seen
    return np.nonzero(peak & bare)[0].astype(np.float32)


def _spaced(rows: Array) -> Array:
    """The longest chain of rows one step apart, where it fills most of the page; what is between is drawn."""
    best = rows[:0]
    for i in range(len(rows) - LEAST + 1):
        for j in range(i + 1, min(i + 4, len(rows))):
            chain = _chain(rows, i, float(rows[j] - rows[i]))
            if len(chain) > len(best):
                best = chain
    step = float(np.median(np.diff(best))) if len(best) > 1 else 0.0
    return best if step and len(best) > FILLED * (rows[-1] - rows[0]) / step else rows[:0]


def _chain(rows: Array, start: int, step: float) -> Array:
    """The rows one step after another; perspective changes the step slowly, dense drawing hides some rows."""
    chain, last, missed = [rows[start]], float(rows[start]), 0
    while missed <= len(chain) and last < rows[-1]:
        last += step
        near = rows[np.abs(rows - last).argmin()]
        if abs(near - last) > max(1.0, EVEN * step):
            missed += 1
            continue
        step += 0.3 * (float(near) - float(chain[-1])) / (missed + 1) - 0.3 * step
        last, missed = float(near), 0
        chain.append(near)
    return np.array(chain, np.float32)


def _drawn(ink: Pixels, slope: float, rows: Array) -> Mask:
    """1 on these lines where they are no darker than they mostly are, for all are printed alike."""
    h, w = ink.shape
    mask = np.zeros((h, w), np.uint8)
    if len(rows) == 0:
        return mask
    reach = max(2, round(NARROW * max(h, w)))
    x = np.arange(w)
    middle = np.round(_continued(rows, h)[:, None] + slope * (x - w / 2)).astype(np.int64)
    y = middle[:, None] + np.arange(-reach, reach + 1)[:, None]  # (lines, 2 reach + 1, w)
    inside = (y >= 0) & (y < h)
    y = np.clip(y, 0, h - 1)
    band = ink[y, x]
    tone = np.percentile(np.percentile(band, MOSTLY, axis=2), ALIKE, axis=0)
    tone = cv2.dilate(tone[:, None], np.ones((3, 1), np.uint8))  # a line lies between two pixels, or on one
    pale = inside & (band < DARKER * tone + SEEN)
    mask[y[pale], np.broadcast_to(x, y.shape)[pale]] = 1
    return mask


def _continued(rows: Array, height: int) -> Array:
    """Lines that leave the page on their way, or are missed, follow those that are found."""
    if len(rows) < LEAST:
        return rows
    step = float(np.median(np.diff(rows)))
    gaps = np.round(np.diff(rows) / step)
    missed = [rows[i] + (rows[i + 1] - rows[i]) * np.arange(1, n) / n for i, n in enumerate(gaps) if n > 1]
    before = np.arange(rows[0] - step, -0.1 * height, -step)
    return np.concatenate([before, rows, *missed, np.arange(rows[-1] + step, 1.1 * height, step)])
