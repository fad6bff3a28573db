"""Spans: a LangChain callback that tells Langfuse of a chain: a trace for each call, a span for each step.

Steps that find are retrievers, steps that make are generations; the runnables that only hold steps together are left
out. A trouble here is LangChain's to log: it never ends the chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, Literal
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage
from langchain_core.outputs import LLMResult

from chains.redaction import told
from generators import card

FINDING = ("find_style", "find_pictures", "find_passages", "recall", "find_undescribed")
MAKING = ("paint", "write", "describe_picture", "describe_pictures", "make_prompt", "condense_story")
HELD = ("Runnable",)  # beginnings of names of runs that are no steps
Kind = Literal["span", "chain", "retriever", "generation"]


class Spans(BaseCallbackHandler):
    """Of one call of a chain. `client` is a Langfuse client, `about` goes with the trace."""

    raise_error = False

    def __init__(self, client: Any, name: str, about: Mapping[str, Any]) -> None:
        self._client, self._name, self._about = client, name, dict(about)
        self._spans: dict[UUID, Any] = {}  # by run; a run that is no step has its parent's
        self._own: set[UUID] = set()
        self._asked: set[UUID] = set()  # steps in which a chat model was asked: it counts its tokens itself
        self._above: dict[UUID, UUID | None] = {}
        self._lock = Lock()

    def _begin(self, run: UUID, parent: UUID | None, name: str, kind: Kind, given: Any, **more: Any) -> None:
        with self._lock:
            above = None if parent is None else self._spans.get(parent)
            self._above[run] = parent
        if above is not None and name.startswith(HELD):
            with self._lock:
                self._spans[run] = above
            return
        if above is None:
            span = self._client.start_observation(
                name=self._name, as_type="chain", input=told(given), metadata=self._about
            )
        else:
            span = above.start_observation(name=name, as_type=kind, input=told(given), **more)
        with self._lock:
            self._spans[run] = span
            self._own.add(run)

    def _end(self, run: UUID, made: Any = None, error: BaseException | None = None, **more: Any) -> None:
        with self._lock:
            span, own, asked = self._spans.pop(run, None), run in self._own, run in self._asked
            root = self._above.pop(run, None) is None
            self._own.discard(run)
            self._asked.discard(run)
        if span is None or not own:
            return
        if error is not None:
            more |= {"level": "ERROR", "status_message": told(f"{type(error).__name__}: {error}")}
        memory = card.memory()
        about = {"engine": _engine_of(made), "gpu_memory": memory or None}
        metadata = {name: value for name, value in about.items() if value is not None}
        if root:
            metadata |= self._about
        elif type(span).__name__ == "LangfuseGeneration":
            more = {"model": about["engine"], "usage_details": None if asked else _tokens_of(made), **more}
        span.update(output=told(made), metadata=metadata, **{k: v for k, v in more.items() if v is not None})
        span.end()

    def on_chain_start(
        self,
        serialized: dict[str, Any],
        inputs: Any,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        name = str(kwargs.get("name") or "step")
        kind: Kind = "retriever" if name in FINDING else "generation" if name in MAKING else "span"
        given = inputs if parent_run_id is None or kind == "span" else _question(inputs)
        self._begin(run_id, parent_run_id, name, kind, given)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        self._end(run_id, outputs)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self._end(run_id, error=error)

    def on_retriever_start(
        self,
        serialized: dict[str, Any],
        query: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        self._begin(run_id, parent_run_id, str(kwargs.get("name") or "retriever"), "retriever", query)

    def on_retriever_end(self, documents: Any, *, run_id: UUID, **kwargs: Any) -> None:
        self._end(run_id, documents)

    def on_retriever_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self._end(run_id, error=error)

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        asked = [{"role": one.type, "content": one.content} for each in messages for one in each]
        with self._lock:
            above = parent_run_id
            while above is not None:
                self._asked.add(above)
                above = self._above.get(above)
        named = (kwargs.get("metadata") or {}).get("ls_model_name")
        called = str(kwargs.get("name") or (serialized or {}).get("name") or "chat model")
        self._begin(run_id, parent_run_id, called, "generation", asked, **({"model": str(named)} if named else {}))

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        found = response.generations[0][0] if response.generations and response.generations[0] else None
        usage = getattr(getattr(found, "message", None), "usage_metadata", None) or {}
        tokens = {name: usage.get(f"{name}_tokens") for name in ("input", "output", "total")}
        counted = {name: count for name, count in tokens.items() if count}
        self._end(run_id, None if found is None else found.text, usage_details=counted or None)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self._end(run_id, error=error)


def _question(inputs: Any) -> Any:
    """Of all that a chain has gathered, what a step that finds or makes is asked with."""
    if not isinstance(inputs, Mapping):
        return inputs
    asked = {
        name: inputs[name] for name in ("options", "query", "prompt", "scene", "sketch", "picture") if name in inputs
    }
    return asked or inputs


def _engine_of(made: Any) -> str | None:
    """The engine that made it, where what was made tells that."""
    if isinstance(made, Sequence) and not isinstance(made, (str, bytes)) and made:
        return _engine_of(made[0])
    painting = getattr(made, "painting", made)
    found = painting.get("engine") if isinstance(painting, Mapping) else getattr(painting, "engine", None)
    if found is None and isinstance(made, Mapping):
        inner = made.get("story") or made.get("design")
        return None if inner is None else _engine_of(inner)
    return None if found is None else str(found)


def _tokens_of(made: Any) -> dict[str, int] | None:
    """Of a model that LangChain does not know of."""
    usage = getattr(made, "usage", None)
    counted = {name: getattr(usage, f"{name}_tokens", 0) for name in ("input", "output")}
    return counted if any(counted.values()) else None
