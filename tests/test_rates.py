from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from starlette.types import Message, Receive, Scope, Send

from core.settings import read_settings
from server.auth import LOCAL, Caller
from server.rates import HERE, Rates
from server.wrong_keys import ALLOWED, MOST, WrongKeys
from tests.conftest import private, serving, settings_over

ALICE = {"X-API-Key": "a-long-random-word-1"}
BOB = {"X-API-Key": "a-long-random-word-2"}
KEYS = ("alice:a-long-random-word-1", "bob:a-long-random-word-2")


def test_a_key_that_asks_too_often_waits_and_no_other_does(tmp_path: Path, models: Path) -> None:
    with serving(settings_over(tmp_path, models, api_keys=KEYS, requests_per_minute=3)) as client:
        got = [client.get("/styles", headers=ALICE) for _ in range(5)]
        assert [answer.status_code for answer in got] == [200, 200, 200, 429, 429]
        assert 1 <= int(got[-1].headers["Retry-After"]) <= 20
        told = got[-1].json()["error"]
        assert told["type"] == "too_often" and "REQUESTS_PER_MINUTE" in told["message"] and "alice" in told["message"]
        assert client.get("/styles", headers=BOB).status_code == 200
        assert client.get("/healthz").status_code == 200 and client.get("/").status_code == 200
        assert {client.get("/styles", headers=private(client)).status_code for _ in range(20)} == {200}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def scope_of(caller: Caller) -> Scope:
    return {"type": "http", "method": "GET", "path": "/styles", "headers": [], "state": {"caller": caller}}


async def ask(rates: Rates, caller: Caller) -> int:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    await rates(scope_of(caller), receive, send)
    return int(sent[0]["status"])


def test_requests_come_back_with_time_and_this_machine_may_more() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def run() -> None:
        clock = Clock()
        rates = Rates(application, read_settings(requests_per_minute=60), clock)
        alice = Caller("alice")
        assert [await ask(rates, alice) for _ in range(61)] == [200] * 60 + [429]
        clock.now = 2.0
        assert [await ask(rates, alice) for _ in range(3)] == [200, 200, 429]
        clock.now = 1_000.0
        assert [await ask(rates, alice) for _ in range(61)] == [200] * 60 + [429]  # no more is saved up than a minute's
        assert [await ask(rates, LOCAL) for _ in range(60 * HERE + 1)] == [200] * (60 * HERE) + [429]

    asyncio.run(run())


def test_so_many_at_a_time_and_one_that_fails_gives_its_place_back() -> None:
    async def run() -> None:
        gate = asyncio.Event()

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            await gate.wait()
            if scope["path"] == "/broken":
                raise RuntimeError
            await send({"type": "http.response.start", "status": 200, "headers": []})

        rates = Rates(application, read_settings(concurrent_requests=2))
        waiting = [asyncio.ensure_future(ask(rates, Caller("alice"))) for _ in range(2)]
        await asyncio.sleep(0)
        assert await ask(rates, Caller("alice")) == 429
        other = asyncio.ensure_future(ask(rates, Caller("bob")))
        gate.set()
        assert await asyncio.gather(*waiting, other) == [200, 200, 200]
        for _ in range(5):
            with contextlib.suppress(RuntimeError):
                await rates({**scope_of(Caller("alice")), "path": "/broken"}, None, None)  # type: ignore[arg-type]
        assert await ask(rates, Caller("alice")) == 200

    asyncio.run(run())


def test_wrong_keys_are_forgotten_after_a_minute_and_counted_by_network() -> None:
    clock = Clock()
    wrong = WrongKeys(clock)
    for number in range(ALLOWED):
        assert wrong.refusal(f"2001:db8::{number:x}", "x") is None
        wrong.count(f"2001:db8::{number:x}")
    refused = wrong.refusal("2001:db8::ffff", "x")
    assert refused is not None and refused.data["retry_after"] == 61
    assert wrong.refusal("2001:db8:0:1::1", "x") is None  # another network
    clock.now = 61.0
    assert wrong.refusal("2001:db8::ffff", "x") is None
    wrong.count("2001:db8::1")
    assert wrong.refusal("2001:db8::ffff", "x") is None
    for number in range(MOST + 50):
        wrong.count(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(wrong._addresses) == MOST
