"""Outline: the four sides of a sheet, told from its shape or from its edges alone."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np

from core.colours import Array
from generators.cut import Mask, Pixels

CONVEX, BOXY = 0.94, 0.84  # share of its hull that a sheet covers, and of the smallest box around it
NEAR_SIDE = 2  # px; farther from the line of a side is a corner that is folded or rounded
INSIDE = 0.004  # share of the picture; what is nearer to its end may go on beyond
FILLED = 0.96  # share of the area within its four sides that a sheet has
TURNED = 25  # degrees; what lies turned by more may be meant to
LEAST, MOST = 0.1, 0.97  # share of the picture that a sheet has
STEEP = 24  # of 255; Canny's upper threshold for a white sheet on a white table
SIDE_SEEN = 0.75  # share of a side on which there is an edge
STEP = 0.015  # of lightness by which paper is lighter than a table, at least
BEYOND = 2.0  # px of the rim that no line is looked for on
SHARED = 0.7  # share of each side along which it is


def hull_of(sheet: Mask, skin: Mask) -> Pixels | None:
    """The hull of what is as convex and as boxy as paper, shape (n, 1, 2) in px; fingers may lie over its edge."""
    h, w = sheet.shape
    outlines, _ = cv2.findContours(sheet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = max(outlines, key=cv2.contourArea)
    hull = cv2.convexHull(outline)
    whole = cv2.contourArea(hull)
    held = cv2.countNonZero(cv2.fillConvexPoly(np.zeros_like(sheet), hull, 1) * skin * (1 - sheet))
    area = cv2.contourArea(outline) + held
    (_, (width, height), _) = cv2.minAreaRect(hull)
    if not LEAST * h * w < area < MOST * h * w or area < CONVEX * whole or whole < BOXY * width * height:
        return None
    return np.asarray(hull)


def four_corners(hull: Pixels, width: int, height: int) -> Array | None:
    """The four corners of a sheet in px, from the upper left one clockwise; None where they are not sure.

    Each is where two lines meet that are fitted to its sides: folds and shadows round off the ends of paper.
    """
    quad = cv2.approxPolyN(hull, 4, ensure_convex=True).reshape(-1, 2).astype(np.float64)
    points = hull.reshape(-1, 2).astype(np.float64)
    steps = np.linspace(0, 1, 40, endpoint=False)[:, None, None]
    rim = (points + steps * (np.roll(points, -1, 0) - points)).reshape(-1, 2)
    sides = [_line(rim, one, other) for one, other in zip(quad, np.roll(quad, -1, 0), strict=True)]
    lines = [side for side in sides if side is not None]
    if len(lines) < 4:
        return None
    found = np.array([_crossing(lines[i - 1], lines[i]) for i in range(4)])
    shares = found / (width - 1, height - 1)
    if not np.isfinite(found).all() or shares.min() < INSIDE or shares.max() > 1 - INSIDE:
        return None
    found = np.roll(found, -int(found.sum(1).argmin()), 0)
    if cv2.contourArea(found.astype(np.float32), oriented=True) < 0:
        found = found[[0, 3, 2, 1]]
    top = found[1] - found[0]
    whole, within = cv2.contourArea(hull), cv2.contourArea(found.astype(np.float32))
    if abs(np.degrees(np.arctan2(top[1], top[0]))) > TURNED or whole < FILLED * within:
        return None
    return found


def _crossing(one: Array, other: Array) -> Array:
    """Where two lines meet, each a direction and a point; far away where they do not."""
    across = one[0] * other[1] - one[1] * other[0]
    if abs(across) < 0.2:
        return np.full(2, np.inf)
    share = ((other[2] - one[2]) * other[1] - (other[3] - one[3]) * other[0]) / across
    return np.asarray(one[2:] + share * one[:2])


def hull_of_edges(light: Pixels) -> Pixels | None:
    """The hull of a sheet that is hardly lighter than its table, of 8-bit lightness: four straight edges around it."""
    h, w = light.shape
    light = cv2.medianBlur(cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)), 5)  # no lines on it
    edges = cv2.Canny(light, 0.4 * STEEP, STEEP)
    edges[[0, -1]] = edges[:, [0, -1]] = 0
    found = cv2.HoughLines(edges, 1, np.pi / 180, round(0.35 * min(h, w)))
    if found is None:
        return None
    lines = _apart(found.reshape(-1, found.shape[-1])[:60, :2].astype(np.float64))
    flat = [line for line in lines if abs(line[1] - np.pi / 2) < np.radians(TURNED)]
    steep = [line for line in lines if abs((line[1] + np.pi / 2) % np.pi - np.pi / 2) < np.radians(TURNED)]
    near = cv2.dilate(edges, np.ones((3, 3), np.uint8))
    best: Pixels | None = None
    for top, bottom in combinations(sorted(flat, key=lambda line: line[0]), 2):
        for left, right in combinations(sorted(steep, key=lambda line: abs(line[0])), 2):
            quad = np.array([_meet(*pair) for pair in ((left, top), (top, right), (right, bottom), (bottom, left))])
            if quad.min() < 1 or (quad > (w - 2, h - 2)).any() or not cv2.isContourConvex(quad.astype(np.float32)):
                continue
            area = cv2.contourArea(quad.astype(np.float32))
            larger = best is None or area > cv2.contourArea(best)
            if LEAST * h * w < area < MOST * h * w and larger and _is_paper(quad, near, light):
                best = quad.astype(np.float32)[:, None]
    return None if best is None else _fitted(best, edges)


def _fitted(quad: Pixels, edges: Pixels) -> Pixels | None:
    """The same with each side laid through the edges near it."""
    y, x = np.nonzero(edges)
    points, corners = np.stack([x, y], -1).astype(np.float64), quad.reshape(-1, 2).astype(np.float64)
    lines = [_line(points, one, other) for one, other in zip(corners, np.roll(corners, -1, 0), strict=True)]
    sides = [line for line in lines if line is not None]
    if len(sides) < 4:
        return quad
    fitted = np.array([_crossing(sides[i - 1], sides[i]) for i in range(4)])
    outwards = fitted - fitted.mean(0)
    wider = fitted + BEYOND * outwards / np.abs(outwards)  # a line along the end of the paper looks like the table
    return np.asarray(wider[:, None], np.float32) if np.isfinite(wider).all() else None


def _line(points: Array, one: Array, other: Array) -> Array | None:
    """Direction and place of the line through those points that are near the way from one corner to the other."""
    along = other - one
    length = max(1.0, float(np.linalg.norm(along)))
    share = (points - one) @ along / length**2
    off = np.abs((points - one) @ np.array([-along[1], along[0]])) / length
    side = points[(off < NEAR_SIDE) & (share > 0.12) & (share < 0.88)]
    if len(side) < 2:
        return None
    return np.asarray(cv2.fitLine(side.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel(), np.float64)


def _apart(lines: Array) -> list[tuple[float, float]]:
    """The strongest of lines (distance from the origin in px, angle) that are nearly one."""
    kept: list[tuple[float, float]] = []
    for rho, theta in lines.tolist():
        if rho < 0:
            rho, theta = -rho, theta - np.pi
        if all(abs(rho - one) > 4 or abs(theta - other) > 0.07 for one, other in kept):
            kept.append((rho, theta))
    return kept[:16]


def _meet(one: tuple[float, float], other: tuple[float, float]) -> Array:
    normals = np.array([[np.cos(theta), np.sin(theta)] for _, theta in (one, other)])
    if abs(np.linalg.det(normals)) < 0.2:
        return np.full(2, -1.0)
    return np.asarray(np.linalg.solve(normals, np.array([one[0], other[0]])))


def _is_paper(quad: Array, near: Pixels, light: Pixels) -> bool:
    """Whether there are edges all along its sides, and paper within that is lighter than what is around it."""
    h, w = light.shape
    middle, lighter = quad.mean(0), []
    for one, other in zip(quad, np.roll(quad, -1, 0), strict=True):
        way = one + np.linspace(0.05, 0.95, 40)[:, None] * (other - one)
        x, y = np.round(way).astype(int).T
        if (near[y, x] > 0).mean() < SIDE_SEEN:
            return False
        across = np.array([other[1] - one[1], one[0] - other[0]]) / np.linalg.norm(other - one)
        across = across if (middle - one) @ across > 0 else -across
        levels = []
        for reach in (4, -4):
            x, y = np.clip(np.round(way + reach * across).astype(int), 0, (w - 1, h - 1)).T
            levels.append(light[y, x].astype(np.float64))
        lighter.append(float((levels[0] > (1 + STEP) * levels[1]).mean()))
    return min(lighter) > SHARED
