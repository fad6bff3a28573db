"""Provider: a chat model that is asked politely by many threads. It knows nothing of what it is asked about."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable, Sequence
from threading import Event
from typing import Any

from langchain_core.messages import BaseMessage, BaseMessageChunk

from core.settings import Settings, redacted
from generators.chat.answer import Answer, answer_of
from generators.chat.errors import AskingStopped, ProviderBusy, shortened
from generators.chat.model import key_of, open_chat_model
from generators.chat.pace import LONGEST, Pace, TooFarAway, pause
from generators.chat.verdict import Verdict, judge

log = logging.getLogger("atelier")

LONGEST_PAUSE = 60.0  # s between two attempts, where the provider names no moment


class Provider:
    """The chat model `provider:model`. Thread-safe.

    A request that fails for a reason that may pass is sent again, PROVIDER_ATTEMPTS times in all, after pauses that
    double on average and are drawn at random (full jitter, Brooker 2015); `pause` is the longest first one, in
    seconds. Where the provider names a moment, all requests wait for it.

    Raises `BadSetting`, `ModelMissing` and `ProviderRefuses` as `open_chat_model` does; nothing is sent for that.
    """

    def __init__(self, name: str, settings: Settings, *, pause: float = 1.0, **options: Any) -> None:
        self.name = name
        self.at_once = settings.provider_requests
        self._attempts, self._pause = settings.provider_attempts, pause
        self._timeout = settings.provider_timeout_seconds
        self._key = key_of(name.partition(":")[0])
        self._pace = Pace(settings.provider_requests)
        self._last_told = ""  # by a provider that was busy
        self._model = open_chat_model(name, settings, **options)
        self.answered = False  # ever

    def __repr__(self) -> str:
        return f"Provider({self.name!r})"

    def ask(self, messages: Sequence[BaseMessage], stop: Event, tell: Callable[[str], object] | None = None) -> Answer:
        """The model's answer; `tell` hears it as far as it has come, and anew where it is asked for once more.

        Raises `AskingStopped` where `stop` is set while it waits for its turn (a request that is under way is waited
        for: it is paid for; one that is heard ends with its next words), a `ProviderFailed`, and what `tell` raises.
        """
        number = self._pace.number()
        attempt = 0
        while True:
            attempt += 1
            found = self._attempt(messages, number, stop, tell)
            if isinstance(found, Answer):
                return found
            if not found.passing or attempt >= self._attempts:
                raise found.failure(self.name, attempt)
            log.info("%s %s: attempt %d of %d", self.name, found.what, attempt, self._attempts)
            if found.seconds is None:
                pause(random.uniform(0, min(LONGEST_PAUSE, self._pause * 2 ** (attempt - 1))), stop)

    def _attempt(
        self, messages: Sequence[BaseMessage], number: int, stop: Event, tell: Callable[[str], object] | None
    ) -> Answer | Verdict:
        try:
            with self._pace.turn(number, stop) as begun:
                found = self._invoke(messages, stop, tell)
        except TooFarAway as far:
            seconds = far.seconds
        else:
            if isinstance(found, Answer):
                self.answered = True
                self._pace.go_on()
                return found
            if found.kind is not ProviderBusy:
                return found
            self._last_told = found.told
            self._pace.slow_down(begun, found.seconds)
            if found.seconds is None or found.seconds <= LONGEST:
                return found
            seconds = found.seconds
        raise self._busy_for(seconds)

    def _invoke(
        self, messages: Sequence[BaseMessage], stop: Event, tell: Callable[[str], object] | None
    ) -> Answer | Verdict:
        listener = _Listener(stop, tell)
        try:
            if tell is None:
                return answer_of(self._model.invoke(list(messages)))
            return listener.heard(self._model.stream(list(messages)))
        except Exception as error:
            if error is listener.raised:
                raise
            return judge(error, self.name, self._key, self._timeout)

    def _busy_for(self, seconds: float) -> ProviderBusy:
        moment = time.strftime("%H:%M on %d %B", time.localtime(time.time() + seconds))
        told, remedy = shortened(self._last_told), "ask again then, or name another model"
        return ProviderBusy(self.name, f"is busy until {moment}", told, remedy, retry_after=round(seconds))


class _Listener:
    """Hears one answer as it comes."""

    def __init__(self, stop: Event, tell: Callable[[str], object] | None) -> None:
        self._stop, self._tell = stop, tell
        self.raised: Exception | None = None  # here, and not by the provider's package

    def heard(self, parts: Iterable[BaseMessageChunk]) -> Answer:
        whole: BaseMessageChunk | None = None
        for part in parts:
            whole = part if whole is None else whole + part
            if part.text:
                self._pass_on(redacted(str(whole.text)))
        return Answer("") if whole is None else answer_of(whole)

    def _pass_on(self, text: str) -> None:
        try:
            if self._stop.is_set():
                raise AskingStopped
            if self._tell is not None:
                self._tell(text)
        except Exception as error:
            self.raised = error
            raise
