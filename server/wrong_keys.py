"""Wrong keys: an address that sends many is not listened to for a while, save for a key that was right there before.

Several callers may share an address, behind a proxy that is not trusted for example: one who guesses must not lock out
those who are in.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from server.refusals import TooOften

ALLOWED, SECONDS = 10, 60.0  # wrong keys of one address in so long
MOST = 10_000  # addresses that are remembered
RIGHT = 100  # keys of one address that are remembered to have been right


@dataclass
class _Address:
    since: float
    wrong: int = 0
    right: dict[str, None] = field(default_factory=dict)  # hashes of keys, the latest last


class WrongKeys:
    """Used by one thread, the loop's."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._addresses: dict[str, _Address] = {}
        self._now = now

    def refusal(self, address: str, hashed: str) -> TooOften | None:
        """What is to be said to a key of this hash from there, without a look at it."""
        known = self._addresses.get(_network(address))
        if known is None or known.wrong < ALLOWED or hashed in known.right:
            return None
        left = known.since + SECONDS - self._now()
        if left <= 0:
            known.wrong = 0
            return None
        told = f"{known.wrong} wrong keys came from {address or 'there'}"
        return TooOften(told, f"{ALLOWED} in {SECONDS:.0f} s", int(left) + 1)

    def count(self, address: str) -> None:
        """One more wrong key came from there."""
        known = self._known(address)
        if self._now() - known.since > SECONDS:
            known.since, known.wrong = self._now(), 0
        known.wrong += 1

    def forgive(self, address: str, hashed: str) -> None:
        """A right key came from there, which goes on being let in."""
        right = self._known(address).right
        right.pop(hashed, None)
        right[hashed] = None
        if len(right) > RIGHT:
            del right[next(iter(right))]

    def _known(self, address: str) -> _Address:
        network = _network(address)
        known = self._addresses.pop(network, None) or _Address(self._now())
        self._addresses[network] = known
        if len(self._addresses) > MOST:
            del self._addresses[next(iter(self._addresses))]  # the one that was heard of longest ago
        return known


def _network(address: str) -> str:
    """The address; of IPv6 its network, since one caller has all of that."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else str(known)
