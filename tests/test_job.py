"""The steps of a job, in every order that they can come."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import AtelierError
from server.jobs import steps
from server.jobs.errors import Cancelled, LeaseLost, NotRetryable
from server.jobs.job import FINAL, Event, Job
from server.jobs.steps import Step

LIMIT = 3


def fresh() -> Job:
    return steps.create(Job("1", "sleep", "image", "local", {"seconds": 1}, created=1.0)).job


def running() -> Job:
    begun = steps.begin(fresh(), "w", 2.0)
    assert begun is not None
    return begun.job


def test_a_job_that_goes_well() -> None:
    job = running()
    assert (job.state, job.attempt, job.tries, job.worker, job.started) == ("running", 1, 1, "w", 2.0)
    told = steps.report(job, 1, "progress", {"stage": "paint", "step": 1, "total": 4, "done": 0.2, "picture": 0}, 3.0)
    assert told.job.progress == {"stage": "paint", "step": 1, "total": 4, "done": 0.2}
    done = steps.end(told.job, 1, {"seeds": [7]}, 4.0)
    assert (done.job.state, done.job.finished, done.job.result) == ("done", 4.0, {"seeds": [7]})
    assert (done.event.number, done.event.type, done.event.data) == (4, "done", {"result": {"seeds": [7]}})


def test_a_worker_that_lost_its_job_is_fenced_whatever_it_wants() -> None:
    back = steps.give_back(running(), 1, "lost", LIMIT, 3.0)
    assert back is not None and steps.begin(back.job, "other", 4.0) is not None
    taken = steps.begin(back.job, "other", 4.0).job  # type: ignore[union-attr]
    for job in (back.job, taken, steps.end(taken, 2, {}, 5.0).job):
        for late in (
            lambda job: steps.report(job, 1, "progress", {}, 9.0),
            lambda job: steps.end(job, 1, {}, 9.0),
            lambda job: steps.fail(job, 1, {}, 9.0),
            lambda job: steps.stop(job, 1, 9.0),
            lambda job: steps.check(job, 1),
        ):
            with pytest.raises(LeaseLost):
                late(job)
        assert steps.give_back(job, 1, "late", LIMIT, 9.0) is None


def test_a_job_that_kills_its_workers_is_dead_after_the_limit() -> None:
    job = fresh()
    for attempt in range(1, LIMIT + 1):
        begun = steps.begin(job, "w", 2.0)
        assert begun is not None
        back = steps.give_back(begun.job, attempt, "its worker was lost", LIMIT, 3.0)
        assert back is not None
        job = back.job
    assert job.state == "dead" and "3 times" in str(job.error["message"])  # type: ignore[index]


def test_a_worker_that_has_to_go_does_not_count_against_the_job() -> None:
    job = fresh()
    for attempt in range(1, 10):
        begun = steps.begin(job, "w", 2.0)
        assert begun is not None
        job = steps.give_back(begun.job, attempt, "told to end", LIMIT, 3.0, blameless=True).job  # type: ignore[union-attr]
    assert (job.state, job.attempt, job.tries) == ("queued", 9, 0)


def test_cancel_reaches_one_that_waits_at_once_and_one_that_runs_at_its_next_word() -> None:
    assert steps.cancel(fresh(), 2.0).job.state == "cancelled"  # type: ignore[union-attr]
    job = steps.cancel(running(), 3.0).job  # type: ignore[union-attr]
    assert (job.state, job.cancelling) == ("running", True)
    assert steps.cancel(job, 4.0) is None
    with pytest.raises(Cancelled):
        steps.report(job, 1, "progress", {}, 5.0)
    assert steps.end(job, 1, {"late": True}, 5.0).job.state == "cancelled"
    assert steps.give_back(job, 1, "lost", LIMIT, 5.0).job.state == "cancelled"  # type: ignore[union-attr]
    assert steps.cancel(steps.end(running(), 1, {}, 4.0).job, 5.0) is None


def test_what_did_not_succeed_can_run_again_and_the_old_worker_stays_fenced() -> None:
    failed = steps.fail(running(), 1, {"message": "x"}, 3.0).job
    again = steps.retry(failed, 4.0).job
    assert (again.state, again.error, again.finished, again.tries, again.attempt) == ("queued", None, None, 0, 1)
    begun = steps.begin(again, "w", 5.0)
    assert begun is not None and begun.job.attempt == 2
    for job in (fresh(), running(), steps.end(running(), 1, {}, 3.0).job):
        with pytest.raises(NotRetryable):
            steps.retry(job, 4.0)


def test_jobs_and_events_survive_json() -> None:
    step = steps.end(running(), 1, {"name": "北斎 🌊", "score": 0.25}, 4.0)
    assert Job.from_json(step.job.to_json()) == step.job
    assert Event.from_json(step.event.to_json()) == step.event
    assert json.loads(step.job.to_json())["result"]["name"] == "北斎 🌊"


MOVES = ("begin", "report", "end", "fail", "stop", "give_back", "go", "cancel", "retry")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(MOVES), st.integers(0, 4)), max_size=60))
def test_whatever_comes_in_whatever_order(moves: list[tuple[str, int]]) -> None:
    """Numbers of events have no gap, attempts only grow, and what has ended stays so until a person retries it."""
    job, numbers = fresh(), [1]
    for now, (move, attempt) in enumerate(moves, 2):
        before = job
        step = _try(job, move, attempt, float(now))
        if step is None:
            continue
        job = step.job
        numbers.append(step.event.number)
        assert job.last_event == step.event.number
        assert job.attempt in (before.attempt, before.attempt + 1) and 0 <= job.tries <= LIMIT
        assert before.state not in FINAL or move == "retry"
        assert before.state != "done"
        assert (job.finished is not None) == job.ended
        assert step.event.final == job.ended
        assert replace(job, id="") == Job.from_json(replace(job, id="").to_json())
    assert numbers == list(range(1, len(numbers) + 1))


def _try(job: Job, move: str, attempt: int, now: float) -> Step | None:
    try:
        return {
            "begin": lambda: steps.begin(job, "w", now) if job.tries < LIMIT else None,
            "report": lambda: steps.report(job, attempt, "progress", {}, now),
            "end": lambda: steps.end(job, attempt, {}, now),
            "fail": lambda: steps.fail(job, attempt, {"message": "x"}, now),
            "stop": lambda: steps.stop(job, attempt, now),
            "give_back": lambda: steps.give_back(job, attempt, "lost", LIMIT, now),
            "go": lambda: steps.give_back(job, attempt, "end", LIMIT, now, blameless=True),
            "cancel": lambda: steps.cancel(job, now),
            "retry": lambda: steps.retry(job, now),
        }[move]()
    except AtelierError:
        return None
