"""Client: our HTTP API from Python, jobs and styles and pictures; what the server refuses is raised here."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from core.errors import AtelierError, MissingKey
from server.connection import SILENCE, Connection, Door, Json, NotAtelier, ServerUnreachable
from server.jobs.job import FINAL

__all__ = ["Client", "Event", "NotAtelier", "ServerUnreachable"]

PATIENCE = 60.0  # s without a server after which following a job is given up
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # s between two attempts
JOB = ("id", "state", "links")  # by which a job is known among answers
SEARCH = ("hits", "no_good_match", "closest", "total", "engine", "notes")
DESIGN = ("images", "seeds", "engine", "styles", "runners_up", "recipe", "notes")


class Event(NamedTuple):
    """Something that happened to a job; `number` counts from 1."""

    number: int
    type: str
    data: Json


class Client:
    """Every method raises `ServerUnreachable`, `NotAtelier`, or what the server refuses.

    `find` says where a server that was lost is now, and its key; `silence` and `patience` are seconds.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        find: Callable[[], Door | None] | None = None,
        silence: float = SILENCE,
        patience: float = PATIENCE,
    ) -> None:
        self._server, self._patience = Connection((url, key), find, silence), patience

    @property
    def here(self) -> bool:
        """Whether it is the server that owns this machine's DATA_DIR, found and not named."""
        return self._server.find is not None

    @property
    def url(self) -> str:
        return self._server.url

    def close(self) -> None:
        self._server.close()

    def submit_design(self, sketch: bytes | None, options: Mapping[str, Any]) -> Json:
        """Order a design with the options of the form, those that are None left out; -> its job."""
        request: dict[str, Any] = {
            "data": {field: str(value) for field, value in options.items() if value is not None},
            "headers": {"Prefer": "respond-async"},
        }
        if sketch is not None:
            request["files"] = {"file": ("sketch", sketch)}
        return self._server.ask_json("POST", "/generate", *JOB, **request)

    def design(self, job_id: str) -> Json:
        """What a design's job made, or why it made nothing: what POST /generate answers."""
        return self._server.ask_json("GET", f"{_path(job_id)}/result", *DESIGN)

    def jobs(
        self, state: str | None = None, kind: str | None = None, limit: int = 50, before: str | None = None
    ) -> list[Json]:
        """The newest jobs, newest first; `before`: older than the job of that id."""
        asked = {"state": state, "kind": kind, "limit": limit, "before": before}
        said = {name: value for name, value in asked.items() if value is not None}
        return list(self._server.ask_json("GET", "/jobs", "jobs", params=said)["jobs"])

    def job(self, job_id: str) -> Json:
        return self._server.ask_json("GET", _path(job_id), *JOB)

    def file(self, job_id: str, name: str) -> bytes:
        """A picture that came with the job, or that it made."""
        return self._server.ask("GET", f"{_path(job_id)}/files/{quote(name, safe='')}").content

    def cancel(self, job_id: str) -> Json:
        return self._server.ask_json("DELETE", _path(job_id), *JOB)

    def retry(self, job_id: str) -> Json:
        return self._server.ask_json("POST", f"{_path(job_id)}/retry", *JOB)

    def purge(self, state: str) -> int:
        """Forget the jobs that ended in that state, `finished` for any; -> how many."""
        return int(self._server.ask_json("DELETE", "/jobs", "forgotten", params={"state": state})["forgotten"])

    def follow(self, job_id: str) -> Iterator[Event]:
        """The job's events from its first to its last, each once; a connection that is lost is made again."""
        seen, ended, pause, heard = 0, False, FIRST_PAUSE, time.monotonic()
        while not ended:
            connected = False
            try:
                with self._server.events(f"{_path(job_id)}/events", seen) as events:
                    connected = True
                    for event in map(self._event, events):
                        if event.number > seen:
                            seen, ended, pause = event.number, event.type in FINAL, FIRST_PAUSE
                            yield event
                lost: AtelierError = ServerUnreachable(self.url, "its events end before the job does")
            except (ServerUnreachable, NotAtelier) as error:
                lost = error
            except MissingKey as error:
                if self._server.find is None:
                    raise
                lost = error  # a server that started again has another key, and tells it soon
            now = time.monotonic()
            heard = now if connected else heard
            if now - heard > self._patience:
                raise lost
            if not ended:
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                self._server.look_again()

    def _event(self, told: Any) -> Event:
        try:
            return Event(int(told.id), told.event, dict(json.loads(told.data)))
        except (ValueError, TypeError) as error:
            raise NotAtelier(self.url, f"{error} where an event was to come") from error

    def submit_files(self, files: Sequence[tuple[str, bytes]], tags: Iterable[str] = ()) -> Json:
        """Have pictures taken into the library; -> the job, whose result says what became of each."""
        request = {
            "data": {"tags": ",".join(tags)},
            "files": [("files", file) for file in files],
            "headers": {"Prefer": "respond-async"},
        }
        return self._server.ask_json("POST", "/pictures", *JOB, **request)

    def submit_folder(self, path: Path, force: bool = False) -> Json:
        """The same of a folder of the server's machine, for the command line beside it."""
        request = {"json": {"path": str(path), "force": force}, "headers": {"Prefer": "respond-async"}}
        return self._server.ask_json("POST", "/pictures/folder", *JOB, **request)

    def report(self, job_id: str) -> Json:
        """What became of each file, or why the job came to nothing."""
        return self._server.ask_json("GET", f"{_path(job_id)}/result", "new", "results", "seconds")

    def submit_descriptions(self, asked: Mapping[str, Any]) -> Json:
        """Have pictures described, as POST /generate_description takes it; -> the job."""
        request = {"json": dict(asked), "headers": {"Prefer": "respond-async"}}
        return self._server.ask_json("POST", "/generate_description", *JOB, **request)

    def descriptions(self, job_id: str) -> Json:
        """What became of the pictures that were to be described."""
        return self._server.ask_json("GET", f"{_path(job_id)}/result", "described", "failures", "usage")

    def submit_documents(self, files: Sequence[tuple[str, bytes]]) -> Json:
        """Have documents taken into the library; -> the job, whose result says what became of each."""
        request = {"files": [("files", file) for file in files], "headers": {"Prefer": "respond-async"}}
        return self._server.ask_json("POST", "/documents", *JOB, **request)

    def submit_document_folder(self, path: Path) -> Json:
        """The same of a folder of the server's machine, for the command line beside it."""
        request = {"json": {"path": str(path)}, "headers": {"Prefer": "respond-async"}}
        return self._server.ask_json("POST", "/documents/folder", *JOB, **request)

    def documents(self) -> list[Json]:
        return list(self._server.ask_json("GET", "/documents", "documents")["documents"])

    def passages(self, question: str, k: int, document: str | None = None) -> list[Json]:
        """The passages that answer a question best."""
        asked = {"q": question, "k": k, **({} if document is None else {"document": document})}
        return list(self._server.ask_json("GET", "/documents/search", "passages", params=asked)["passages"])

    def remove_document(self, document_id: str) -> None:
        self._server.ask("DELETE", f"/documents/{quote(document_id, safe='')}")

    def submit_illustration(self, asked: Mapping[str, Any]) -> Json:
        """Order a picture of what the documents say, as POST /illustrate takes it; -> the job."""
        request = {"json": dict(asked), "headers": {"Prefer": "respond-async"}}
        return self._server.ask_json("POST", "/illustrate", *JOB, **request)

    def illustration(self, job_id: str) -> Json:
        """What an illustration's job made: prompt, passages, pictures."""
        return self._server.ask_json("GET", f"{_path(job_id)}/result", "prompt", "passages", "images")

    def submit_story(self, picture: bytes, asked: Mapping[str, Any]) -> Json:
        """Order a story of a picture; -> its job."""
        fields = {name: str(value) for name, value in asked.items()}
        request = {"data": fields, "files": {"file": ("picture", picture)}}
        return self.job(self._server.ask_json("POST", "/generate-story", "job_id", **request)["job_id"])

    def story(self, job_id: str) -> Json:
        """What a story's job wrote."""
        return self._server.ask_json("GET", f"{_path(job_id)}/result", "title", "story", "memories")

    def submit_picture(self, asked: Mapping[str, Any]) -> Json:
        """Order a picture of a story, as POST /generate-image takes it; -> its job."""
        return self.job(self._server.ask_json("POST", "/generate-image", "job_id", json=dict(asked))["job_id"])

    def picture(self, job_id: str) -> Json:
        """What a picture's job painted: scene, style, pictures."""
        return self._server.ask_json("GET", f"{_path(job_id)}/result", "scene", "memories", "images")

    def memories(self, limit: int) -> list[Json]:
        return list(self._server.ask_json("GET", "/memories", "memories", params={"limit": limit})["memories"])

    def forget_memories(self, memory_id: str | None = None) -> int:
        """Forget one memory, or all; -> how many."""
        if memory_id is None:
            return int(self._server.ask_json("DELETE", "/memories", "forgotten")["forgotten"])
        self._server.ask("DELETE", f"/memories/{quote(memory_id, safe='')}")
        return 1

    def search(self, asked: Mapping[str, Any], image: bytes | None = None) -> Json:
        """Pictures of the library; `asked` as POST /search takes it."""
        if image is None:
            return self._server.ask_json("POST", "/search", *SEARCH, json=dict(asked))
        fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in asked.items()}
        return self._server.ask_json("POST", "/search", *SEARCH, data=fields, files={"image": ("picture", image)})

    def thumbnail(self, picture_id: str, size: int) -> bytes:
        """A picture of the library as JPEG, at most `size` px long."""
        path = f"/pictures/{quote(picture_id, safe='')}/thumbnail"
        return self._server.ask("GET", path, params={"size": size}).content

    def styles(self) -> Json:
        return self._server.ask_json("GET", "/styles", "styles", "problems")

    def add_style(self, picture: bytes, name: str, words: str, licence: str) -> Json:
        fields, files = {"name": name, "words": words, "licence": licence}, {"file": ("picture", picture)}
        return self._server.ask_json("POST", "/styles", "id", "name", data=fields, files=files)

    def remove_style(self, style_id: str) -> None:
        self._server.ask("DELETE", f"/styles/{quote(style_id, safe='')}")

    def search_styles(self, prompt: str) -> list[Json]:
        return list(self._server.ask_json("GET", "/styles/search", "styles", params={"q": prompt})["styles"])

    def submit_replay(self, picture: bytes, sketch: bytes | None = None) -> Json:
        """Order that a picture which was made there is made again and compared; -> its job."""
        files = {"file": ("picture.png", picture), **({} if sketch is None else {"sketch": ("sketch", sketch)})}
        return self._server.ask_json("POST", "/replay", *JOB, files=files, headers={"Prefer": "respond-async"})

    def replay(self, job_id: str) -> Json:
        """What a replay's job found, or why it found nothing: what POST /replay answers."""
        return self._server.ask_json("GET", f"{_path(job_id)}/result", "verdict", "differences", "recipe")

    def style_image(self, style_id: str, size: int) -> bytes:
        """A style's picture as JPEG, at most `size` px long."""
        return self._server.ask("GET", f"/styles/{quote(style_id, safe='')}/image", params={"size": size}).content


def _path(job_id: str) -> str:
    return f"/jobs/{quote(job_id, safe='')}"
