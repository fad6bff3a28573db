"""Llava: a model on this machine that writes about pictures, loaded when it is first wanted.

Several pictures are written about in one forward pass; where memory is short, fewer at a time.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Lock, Timer
from time import monotonic
from typing import Any

import torch
from PIL import Image
from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

from core.once import Once
from core.settings import Settings
from generators.checkpoints import shown
from generators.device import give_back, is_shortage
from generators.llava.checkpoint import find_llava
from generators.llava.failures import translated
from generators.llava.model import Model, check_8bit, load
from generators.llava.pen import AllWritten, Answer, Blank, Heard, Pen, Sampling, Tongue
from generators.llava.questions import Question, as_tensors
from generators.vision.description import DescribingStopped
from generators.writing import MemoryShort, NumbersLost

MOST = 16  # rows of one forward pass
CAUTION = 25  # passes after a shortage of memory before twice as many rows are tried
PATIENCE = 0.1  # s between two looks at `stop` while others have the model

log = logging.getLogger("atelier")


class Llava:
    """Thread-safe; one caller at a time has the model, the others wait.

    Its methods raise `DescribingStopped` within a token once `stop` is set, `WritingFailed` and its kinds, and what
    loading raises: `ModelMissing` and `BadSetting`. After any of these it can be used as before.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._checkpoint = find_llava(settings)
        check_8bit(settings)
        self.engine = shown(self._checkpoint.name)
        self._lock = Lock()
        self.model: Model | None = None  # while it is loaded
        self._most, self._passes = MOST, 0
        self._used = monotonic()
        self._timer: Timer | None = None

    def write(
        self,
        pictures: Sequence[Image.Image],
        prompts: Sequence[str],
        max_new_tokens: int,
        stop: Event,
        seed: int | None = None,
        temperature: float = 0.0,
        tell: Heard | None = None,
        prefixes: Sequence[str] | None = None,
    ) -> list[str]:
        """An answer to each prompt about its picture, whole, with the prefix that it begins with.

        `tell(row, answer_so_far)` is called in the caller's thread as tokens come; where memory is short a row may
        begin anew. At temperature 0 the likeliest words are taken; above it they are drawn, the same for the same
        `seed`, whatever shares the batch (but for the last bits of sums over larger batches). Raises what `tell`
        raises, too; it must not ask for the model itself.
        """
        begun = prefixes or [""] * len(prompts)
        questions = [Question(*each) for each in zip(pictures, prompts, begun, strict=True)]
        answers = self._answers(questions, [Blank(max_new_tokens)], Sampling(temperature, seed), stop, tell)
        if any(answer.failed for answer in answers):
            raise NumbersLost
        return [answer.text for answer in answers]

    def fill_in(self, pictures: Sequence[Image.Image], prompt: str, form: Sequence[Blank], stop: Event) -> list[Answer]:
        """The same form filled in for every picture, its blanks by the likeliest words. A row that failed says so."""
        questions = [Question(picture, prompt, form[0].lead) for picture in pictures]
        return self._answers(questions, form, Sampling(), stop, None)

    def unload(self) -> None:
        """Give the model's memory back, as soon as nobody uses it; it is loaded again when it is wanted."""
        with self._lock:
            self._drop()

    def _answers(
        self, questions: Sequence[Question], form: Sequence[Blank], sampling: Sampling, stop: Event, tell: Heard | None
    ) -> list[Answer]:
        done: list[Answer] = []
        if not questions:
            return done
        with self._alone(stop) as model:
            while len(done) < len(questions):
                part = questions[len(done) : len(done) + self._most]
                heard = None if tell is None else _shifted(tell, len(done))
                found = self._tried(model, part, form, sampling, stop, heard)
                done += found or []
        return done

    def _tried(
        self,
        model: Model,
        questions: Sequence[Question],
        form: Sequence[Blank],
        sampling: Sampling,
        stop: Event,
        tell: Heard | None,
    ) -> list[Answer] | None:
        """The answers; None where they are too many at once, and fewer are to be tried."""
        try:
            answers = _pass(model, questions, form, sampling, stop, tell)
        except (RuntimeError, MemoryError) as error:
            if not is_shortage(error):
                raise
            error.with_traceback(None)  # its frames hold tensors
            if len(questions) == 1:
                raise MemoryShort(str(model.device), "writing about one picture") from error
        else:
            self._passes += 1
            if self._passes % CAUTION == 0:
                self._most = min(MOST, 2 * self._most)
            return answers
        give_back(model.device)
        self._most, self._passes = len(questions) // 2, 0
        log.warning("memory is short on %s: %d pictures at a time", model.device, self._most)
        return None

    @contextmanager
    def _alone(self, stop: Event) -> Iterator[Model]:
        """The model, to oneself."""
        while not self._lock.acquire(timeout=PATIENCE):
            if stop.is_set():
                raise DescribingStopped
        try:
            if stop.is_set():
                raise DescribingStopped
            if self.model is None:
                self.model = load(self._checkpoint, self._settings)
            yield self.model
        finally:
            self._used = monotonic()
            self._watch(self._settings.unload_after_seconds)
            self._lock.release()

    def _watch(self, seconds: float) -> None:
        """Look after so many seconds whether the model is still wanted."""
        if seconds and self._timer is None and self.model is not None:
            self._timer = Timer(seconds, self._unload_idle)
            self._timer.daemon = True
            self._timer.start()

    def _unload_idle(self) -> None:
        with self._lock:
            self._timer = None
            left = self._used + self._settings.unload_after_seconds - monotonic()
            if left > 0:
                self._watch(left)
            else:
                self._drop()

    def _drop(self) -> None:
        if self.model is None:
            return
        device, self.model = self.model.device, None
        gc.collect()  # networks refer to themselves
        give_back(device)
        log.info("%s gave its memory back", self.engine)


def _pass(
    model: Model,
    questions: Sequence[Question],
    form: Sequence[Blank],
    sampling: Sampling,
    stop: Event,
    tell: Heard | None,
) -> list[Answer]:
    """All answers in one run of the network."""
    tongue = Tongue(model.tokenizer)
    leads = sum(len(tongue.ids(blank.lead)) for blank in form[1:])
    most = sum(blank.tokens for blank in form) + leads
    with translated("preparing pictures and words"):
        inputs = as_tensors(model, questions, most)
    asked = inputs["attention_mask"].sum(1).tolist()
    answers = [Answer(form, tongue, question.prefix, length) for question, length in zip(questions, asked, strict=True)]
    pen = Pen(model, answers, sampling, stop, tell)
    configured: Any = GenerationConfig
    config = configured(
        max_new_tokens=most,
        do_sample=False,  # the pen draws
        num_beams=1,
        pad_token_id=model.pad,
        eos_token_id=sorted(model.ends) or None,
    )

    def foreign(error: Exception) -> bool:
        return error is pen.raised or isinstance(error, DescribingStopped)

    with translated("writing", foreign), torch.inference_mode():
        model.network.generate(
            **inputs,
            generation_config=config,
            logits_processor=LogitsProcessorList([pen]),
            stopping_criteria=StoppingCriteriaList([AllWritten(answers)]),
        )
    return answers


def _shifted(tell: Heard, rows: int) -> Heard:
    def heard(row: int, text: str) -> None:
        tell(row + rows, text)

    return heard


def open_llava(settings: Settings) -> Llava:
    """The model that the settings name, one per process, whoever asks."""
    return _llavas(settings.model_copy(update=_fixed()))


# What is read of the settings; jobs bring others of their own, which must not load the model a second time.
_READS = ("models", "vision_language_model", "device", "use_fp16", "use_8bit", "unload_after_seconds")


def _fixed() -> dict[str, object]:
    return {name: field.get_default() for name, field in Settings.model_fields.items() if name not in _READS}


_llavas: Once[Settings, Llava] = Once(Llava)
