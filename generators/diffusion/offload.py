"""Offload: what is not needed while denoising waits on the CPU where the device's memory is short.

The last rung of a ladder: half of the batch, single branches, and then this. What was moved comes back when it is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

import torch

CPU = torch.device("cpu")
OFFLOADED = "memory was short: VAE and text encoders waited on the CPU while the picture was denoised"


class Offload:
    """Thread-safe. `home` is where the modules are used; nothing is gained, or moved, where that is the CPU."""

    def __init__(self, modules: Sequence[torch.nn.Module], home: torch.device) -> None:
        self._home = home
        self._locks = {module: Lock() for module in modules}  # held while it is used or moved
        self._away: set[torch.nn.Module] = set()

    def add(self, module: torch.nn.Module) -> None:
        """One more that is not needed while denoising; before anything is painted."""
        self._locks[module] = Lock()

    @contextmanager
    def at_home(self, module: torch.nn.Module) -> Iterator[None]:
        """Have a module on the device within the block. Raises what the device does where it does not fit."""
        with self._locks[module]:
            if module in self._away:
                module.to(self._home)
                self._away.discard(module)
            yield

    def send_away(self) -> bool:
        """Move to the CPU what is on the device, each when nobody uses it; whether there was anything to move."""
        if self._home == CPU:
            return False
        moved = False
        for module, lock in self._locks.items():
            with lock:
                if module not in self._away:
                    self._away.add(module)  # first: half of it may be moved when that fails
                    module.to(CPU)
                    moved = True
        return moved
