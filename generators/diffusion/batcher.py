"""Batcher: one thread that denoises for everybody. Requests join and leave between two steps.

Requests are let in in the order in which they come, while their branches have room in one forward pass. Whoever has
waited longest for a step leads the next pass, and all of its size go along.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from itertools import count
from threading import Condition, Thread

import torch

from generators.denoised import DENOISED, Denoised
from generators.device import give_back, is_shortage
from generators.diffusion.denoiser import Denoiser, go_together
from generators.diffusion.failures import as_ours
from generators.diffusion.memory import branches_that_fit
from generators.diffusion.offload import OFFLOADED
from generators.diffusion.pipeline import Pipeline, compile_every_variant
from generators.diffusion.rows import Branch, Row
from generators.orders import PaintingFailed

CAUTION = 25  # rounds after a shortage of memory before a pass of twice the size is tried
PATIENCE = 0.25  # s between two reports of a row that does not move


class Batcher:
    """Thread-safe. Its thread outlives whatever fails in it, and ends with the process."""

    def __init__(self, pipeline: Pipeline, denoiser: Denoiser, max_branches: int) -> None:
        self._pipeline, self._denoiser = pipeline, denoiser
        self._max = self._limit = max_branches
        self._rounds = 0  # since memory was short
        self._waiting: deque[Row] = deque()
        self._live: list[Row] = []
        self._changed = Condition()
        self._turns = count(1)
        self._thread = Thread(target=self._work, name="denoising", daemon=True)
        self._thread.start()

    @property
    def live(self) -> int:
        """Requests that are being denoised, or wait for it."""
        with self._changed:
            return sum(not row.ended for row in (*self._live, *self._waiting))

    def run(self, row: Row, report: Callable[[int], None]) -> None:
        """Denoise a row to its end; `report` hears of its steps in the caller's thread, and ends it by raising.

        Raises what `report` raises, at most a step later than that is all, and the row's own error.
        """
        with self._changed:
            self._waiting.append(row)
            self._changed.notify()
        try:
            while not row.ended:
                row.moved.wait(PATIENCE)
                row.moved.clear()
                report(row.step)
                if not self._thread.is_alive():  # a mistake of this file; better than to wait for ever
                    raise PaintingFailed("the denoising thread has ended", "start this process anew")
        finally:
            row.left = True
        if row.error is not None:
            raise row.error

    def _work(self) -> None:
        if self._pipeline.compiled:
            compile_every_variant()
        while True:
            self._step(self._next())

    def _step(self, branches: list[Branch]) -> None:
        """A step of every row of these branches; nothing here remembers them while the thread waits for others."""
        start, passes = time.perf_counter(), _passes(branches, self._limit)
        for together in passes:
            self._isolated(self._denoiser.predict, together)
        rows = dict.fromkeys(branch.row for branch in branches)
        for row in rows:
            if row.error is None:
                self._isolated(_advance, list(row.branches[:1]))
            row.moved.set()
        room, took = len(passes) * self._max, time.perf_counter() - start
        DENOISED.add(Denoised(sum(row.error is None for row in rows), len(passes), len(branches), room, took))
        self._rounds += 1
        if self._rounds % CAUTION == 0:
            self._limit = min(self._max, 2 * self._limit)

    def _isolated(self, work: Callable[[list[Branch]], None], branches: list[Branch], last: bool = False) -> None:
        """Do the work; where it fails, do it again by halves, until what fails is alone and its row has the error.

        So one bad request costs the others nothing, and what is too much at once is done bit by bit. Where one branch
        alone is too much, it is tried once more, the `last` time, without the modules that can wait on the CPU.
        """
        failed: Exception | None = None
        try:
            work(branches)
        except Exception as error:  # noqa: BLE001 - the libraries raise anything; recorded on the row
            failed = error.with_traceback(None) if len(branches) > 1 else error
        if failed is None:
            return
        shortage = is_shortage(failed)
        if len(branches) == 1 and shortage and not last and self._made_room(branches[0].row, failed):
            return self._isolated(work, branches, last=True)
        if len(branches) == 1:
            row = branches[0].row
            row.error = as_ours(failed, self._pipeline.device, f"denoising (step {row.step + 1} of {row.total})")
        if shortage:
            give_back(self._pipeline.device)
            self._limit, self._rounds = max(1, min(self._limit, len(branches) // 2)), 0
        if len(branches) == 1:
            return
        middle = len(branches) // 2
        for half in (branches[:middle], branches[middle:]):
            alive = [branch for branch in half if branch.row.error is None]
            if alive:
                self._isolated(work, alive)

    def _made_room(self, row: Row, failed: Exception) -> bool:
        """Whether there is more memory on the device than there was, which the row's notes then tell."""
        if not self._pipeline.offload.send_away():
            return False
        failed.with_traceback(None)  # its frames hold tensors
        give_back(self._pipeline.device)
        row.notes = tuple(dict.fromkeys((*row.notes, OFFLOADED)))
        return True

    def _next(self) -> list[Branch]:
        """The branches of the next pass; waits until there are any."""
        with self._changed:
            while True:
                self._forget_ended()
                self._let_in()
                if self._live:
                    return self._chosen()
                self._limit = self._max
                self._changed.wait()

    def _forget_ended(self) -> None:
        for row in self._live:
            if row.ended:
                row.branches = ()  # they name their row: tensors would wait for the garbage collector
        self._live = [row for row in self._live if not row.ended]

    def _let_in(self) -> None:
        while self._waiting:
            row = self._waiting[0]
            if not row.ended and self._live and not self._has_room(row):
                return
            self._waiting.popleft()
            if not row.ended:
                self._live.append(row)

    def _has_room(self, row: Row) -> bool:
        taken = sum(len(other.branches) for other in self._live) + len(row.branches)
        pipeline = self._pipeline
        fitting = branches_that_fit(pipeline.device, pipeline.unet, pipeline.dtype, row.size)
        return taken <= self._limit and (fitting is None or taken <= fitting)

    def _chosen(self) -> list[Branch]:
        """The branches of whoever waits longest for a step, and of all others of that size."""
        lead = min(self._live, key=lambda row: row.served)
        chosen = [row for row in self._live if row.size == lead.size]
        turn = next(self._turns)
        for row in chosen:
            row.served = turn
        return [branch for row in chosen for branch in row.branches]


def _passes(branches: list[Branch], limit: int) -> list[list[Branch]]:
    """The branches in as few forward passes as there must be; it is one where nothing stands against that."""
    passes: list[list[Branch]] = []
    for branch in branches:
        for others in passes:
            if len(others) < limit and go_together([*others, branch]):
                others.append(branch)
                break
        else:
            passes.append([branch])
    return passes


@torch.inference_mode()
def _advance(branches: list[Branch]) -> None:
    branches[0].row.advance()
