"""Painting: the orders of a request, painted one after the other or together, and how far they are."""

from __future__ import annotations

import base64
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event, Lock
from typing import Any

from langchain_core.callbacks import dispatch_custom_event
from langchain_core.runnables import RunnableConfig
from PIL import Image

from core import images
from generators.fidelity import Fidelity
from generators.orders import Generator, Painting, PaintOrder, PictureWithheld

PREVIEW_QUALITY = 70  # of JPEG


@dataclass(frozen=True)
class Painted:
    """An order, what was painted for it, and how faithful that is."""

    order: PaintOrder
    painting: Painting
    fidelity: Fidelity | None = None

    @property
    def image(self) -> Image.Image:
        return self.painting.image

    @property
    def score(self) -> float:
        return 0.0 if self.fidelity is None else self.fidelity.score


class Stopped(Exception):
    """Another picture of the same request failed, so this one is not wanted."""


class Account:
    """How far the pictures of a request are; each change is told as the custom event `progress`."""

    def __init__(self, count: int, config: RunnableConfig) -> None:
        self._steps, self._done = [0] * count, [0.0] * count
        self._lock, self._config = Lock(), config
        self.stopped = Event()

    def tell(self, number: int, stage: str, step: int, total: int, done: float, preview: Image.Image | None) -> None:
        if self.stopped.is_set():
            raise Stopped
        with self._lock:
            self._steps[number], self._done[number] = step, done
            steps, share = sum(self._steps), sum(self._done) / len(self._done)
        told: dict[str, Any] = {"stage": stage, "step": steps, "total": len(self._done) * total}
        told |= {"done": round(share, 3), "picture": number}
        if preview is not None:
            told["preview"] = (
                f"data:image/jpeg;base64,{base64.b64encode(images.to_jpeg(preview, PREVIEW_QUALITY)).decode()}"
            )
        dispatch_custom_event("progress", told, config=self._config)


class Teller:
    """The progress of one picture, which also hears what it looks like on the way."""

    def __init__(self, account: Account, number: int) -> None:
        self._account, self._number = account, number
        self._preview: Image.Image | None = None

    def __call__(self, stage: str, step: int, total: int, done: float) -> None:
        preview, self._preview = self._preview, None
        self._account.tell(self._number, stage, step, total, done, preview)

    def preview(self, picture: Image.Image) -> None:
        """Kept until the next step is told."""
        self._preview = picture


def paint_all(generator: Generator, orders: list[PaintOrder], config: RunnableConfig) -> list[Painted]:
    """Paint every order; together where the generator is faster so. The first error ends them all, but for pictures
    that are withheld: those are missing, unless all are."""
    account = Account(len(orders), config)
    tellers = [Teller(account, number) for number in range(len(orders))]
    if len(orders) == 1 or not generator.together:
        paintings = [_paint(generator, order, teller) for order, teller in zip(orders, tellers, strict=True)]
    else:
        paintings = _together(generator, orders, tellers, account)
    shown = [Painted(order, made) for order, made in zip(orders, paintings, strict=True) if made is not None]
    if not shown:
        raise PictureWithheld(len(orders))
    return shown


def _paint(generator: Generator, order: PaintOrder, teller: Teller) -> Painting | None:
    """None where the picture is withheld."""
    try:
        return generator.paint(order, teller)
    except PictureWithheld:
        return None


def _together(
    generator: Generator, orders: list[PaintOrder], tellers: list[Teller], account: Account
) -> list[Painting | None]:
    with ThreadPoolExecutor(len(orders), "picture") as pool:
        try:
            futures = [pool.submit(_paint, generator, *both) for both in zip(orders, tellers, strict=True)]
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            account.stopped.set()  # of no account to those that are done
    for future in sorted(done, key=futures.index):
        future.result()  # raises what the first of them failed of
    return [future.result() for future in futures]
