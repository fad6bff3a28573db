"""What a fresh start opens to the network: one port, on this machine alone."""

from __future__ import annotations

import re
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest

from tests.conftest import data_over
from tests.servers import Server

LISTEN, UNCONNECTED = "0A", "07"  # states of TCP and UDP sockets in /proc/net


def sockets_of(pid: int) -> set[str]:
    """Inodes of the sockets that a process and its children hold."""
    found = set()
    for process in [pid, *children(pid)]:
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                found |= set(re.findall(r"^socket:\[(\d+)\]$", str(descriptor.readlink())))
    return found


def children(pid: int) -> list[int]:
    told = " ".join(path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children"))
    direct = [int(child) for child in told.split()]
    return [*direct, *(one for child in direct for one in children(child))]


def listening(pid: int) -> list[tuple[str, str, int]]:
    """Protocol, address and port of everything that can be reached of them."""
    own, found = sockets_of(pid), []
    for protocol in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{pid}/net/{protocol}").read_text().splitlines()[1:]:
            _, local, _, state, *rest = line.split()
            if rest[5] in own and state in (LISTEN, UNCONNECTED):
                address, port = local.split(":")
                words = [bytes.fromhex(address[at : at + 8])[::-1] for at in range(0, len(address), 8)]
                packed = b"".join(words)
                kind = IPv4Address if len(packed) == 4 else IPv6Address
                found.append((protocol, str(kind(packed)), int(port, 16)))
    return found


def addresses_of_this_machine() -> set[str]:
    """Those that others can reach."""
    found = {str(told[4][0]) for told in socket.getaddrinfo(socket.gethostname(), None)}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # nothing is sent: it only chooses the address
        found.add(probe.getsockname()[0])
    return {address for address in found if not address.startswith("127.") and address != "::1"}


def is_open(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="it reads what Linux tells of sockets")
def test_a_fresh_start_listens_on_this_machine_alone(tmp_path: Path, models: Path) -> None:
    with Server(data_over(tmp_path, models)) as server:
        assert server.generate(mode="preview").status_code == 200  # all that starts later has started
        assert listening(server.process.pid) == [("tcp", "127.0.0.1", server.port)]
        assert is_open("127.0.0.1", server.port)
        with ThreadPoolExecutor(8) as pool:
            assert not any(pool.map(lambda address: is_open(address, server.port), addresses_of_this_machine()))
