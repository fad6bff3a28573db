"""Quantisation: the matrices of a model in eight bits, and whether it still finds the same pictures.

Each row of a matrix has a scale of its own; what is multiplied with it is brought to eight bits by the processor as it
comes, in groups (retrievers/runtime.py). So nothing is calibrated, and no picture has outliers that were not foreseen.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from core.colours import Array
from retrievers.offline import openvino

LEAST = 0.95  # of the nearest five that float32 finds, which eight bits must find as well
PICTURES, NEAREST = 64, 5


def quantise(model: Any) -> None:
    """Every product with a constant matrix, in place."""
    ops = openvino.opset13
    for node in model.get_ordered_ops():
        if node.get_type_name() != "MatMul" or node.input_value(1).get_node().get_type_name() != "Constant":
            continue
        weights = np.array(node.input_value(1).get_node().data, np.float32)
        if weights.ndim != 2:
            continue
        how = node.get_attributes()
        rows = weights if how.get("transpose_b") else weights.T
        scale = np.maximum(np.abs(rows).max(1, keepdims=True) / 127, 1e-12).astype(np.float32)
        bits = ops.convert(ops.constant(np.round(rows / scale).astype(np.int8)), "f32")
        product = ops.matmul(
            node.input_value(0), ops.multiply(bits, ops.constant(scale)), bool(how.get("transpose_a")), True
        )
        for taker in node.output(0).get_target_inputs():
            taker.replace_source_output(product.output(0))
    model.validate_nodes_and_infer_types()


def overlap(found: Array, wanted: Array) -> float:
    """Share of the NEAREST rows of each row, by cosine, that are the same in both; shape (n, dimension) each."""
    nearest = []
    for rows in (found, wanted):
        unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        scores = unit @ unit.T
        np.fill_diagonal(scores, -2)
        nearest.append(np.argsort(-scores, axis=1)[:, :NEAREST])
    return float(np.mean([len(set(a) & set(b)) / NEAREST for a, b in zip(*nearest, strict=True)]))


def draw_pictures() -> list[Image.Image]:
    """PICTURES pictures of 256x256 px: a wash of two colours with shapes, lines and grain; always the same ones."""
    pictures = []
    numbers = np.random.default_rng(0)
    for _ in range(PICTURES):
        ends = numbers.integers(0, 256, (2, 3))
        down = np.linspace(0, 1, 256)[:, None, None]
        wash = ends[0] * (1 - down) + ends[1] * down + numbers.normal(0, numbers.uniform(0, 40), (256, 256, 3))
        image = Image.fromarray(np.clip(wash, 0, 255).astype(np.uint8))
        draw = ImageDraw.Draw(image)
        for _ in range(int(numbers.integers(1, 12))):
            left, top, wide, high = (int(n) for n in numbers.integers((0, 0, 8, 8), (220, 220, 160, 160)))
            box, fill = (left, top, left + wide, top + high), f"rgb{tuple(numbers.integers(0, 256, 3).tolist())}"
            shape = numbers.integers(0, 3)
            if shape == 0:
                draw.ellipse(box, fill)
            elif shape == 1:
                draw.rectangle(box, fill)
            else:
                draw.line(box, fill, 6)
        pictures.append(image)
    return pictures
