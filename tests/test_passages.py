from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import BadValue, NoSuchFile, StoreBusy
from core.owner import own
from core.settings import ROOT, Settings
from generators.prompts import Illustrator
from retrievers.catalog import open_passages
from retrievers.documents.document import UnknownDocument
from retrievers.documents.documents_file import DocumentsDamaged
from retrievers.passages import NoDocuments, PassageLibrary
from tests import pdfs
from tests.conftest import settings_over
from tests.pdfs import Line, Pdf, column
from tests.reading import STEP, Hashed, files, open_library, work

KNOWLEDGE = ROOT / "samples/knowledge"
KINDS = ("chroma", "faiss")
OWNER = """
import sys, time
from pathlib import Path
from core.owner import own
own(Path(sys.argv[1]), 'a server')
print(1, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def buildings(tmp_path_factory: pytest.TempPathFactory, models: Path) -> PassageLibrary:
    """The samples' texts by the real sentence model, for tests that change nothing."""
    library = open_passages(settings_over(tmp_path_factory.mktemp("buildings"), models))
    report = library.add_folder(KNOWLEDGE)
    assert (report.new, report.failed) == (12, 0)
    return library


@pytest.fixture(params=KINDS)
def library(request: pytest.FixtureRequest, tmp_path: Path) -> PassageLibrary:
    return open_library(tmp_path / "data", request.param)


# what is found


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What does the Colosseum look like at dusk?", "Colosseum"),
        ("the iron tower of Paris at night", "Eiffel Tower"),
        ("Shah Jahan's tomb of white marble", "Taj Mahal"),
        ("battlements and watchtowers on mountain ridges", "Great Wall of China"),
        ("llamas grazing on terraces", "Machu Picchu"),
        ("Utzon's shells", "Sydney Opera House"),
        ("What burned in April 2019?", "Notre-Dame de Paris"),
        ("golden mosaics under a floating dome", "Hagia Sophia"),
        ("lotus towers reflected at sunrise", "Angkor Wat"),
        ("Frank Lloyd Wright", "Fallingwater"),
        ("columns that branch like trees", "Sagrada Família"),
        ("white plaster keep with curved roofs", "Himeji Castle"),
    ],
)
def test_questions_find_their_building(buildings: PassageLibrary, question: str, title: str) -> None:
    found = buildings.search(question, 3)
    assert found[0].title == title
    assert all(-1 <= passage.score <= 1 for passage in found)
    if "2019" not in question:  # its words are those of a date
        assert not found[0].weak and found[0].heading.startswith(title)


@pytest.mark.parametrize(
    "question",
    [
        "how do I renew my passport",
        "pasta recipe with tomatoes and garlic",
        "python list comprehension syntax",
        "who won the world cup",
        "interest rate of the central bank",
        "asdf qwer zxcv",
    ],
)
def test_what_the_documents_say_nothing_of_is_weak(buildings: PassageLibrary, question: str) -> None:
    assert all(passage.weak for passage in buildings.search(question))


def test_the_words_of_a_question_are_looked_for_and_its_meaning_too(buildings: PassageLibrary) -> None:
    named = buildings.ledger.match("Utzon", 5)
    assert len(named) == 1 and buildings.search("Utzon", 1)[0].id == named[0][0]
    meant = "a dwelling over a cascade in the woods"
    assert (
        buildings.search(meant, 1)[0].title == "Fallingwater" and "dwelling" not in buildings.search(meant, 1)[0].text
    )


def test_a_prompt_may_be_made_by_nearness(buildings: PassageLibrary) -> None:
    found = buildings.search("the Colosseum at dusk")
    said = ["At dusk the whole ruin glows amber.", "Earthquakes brought down the southern side."]
    near = buildings.nearness("the Colosseum at dusk", said)
    assert near[0] > near[1] + 0.1 and buildings.nearness("dusk", []) == []
    illustrator = Illustrator(nearness=buildings.nearness)
    made = illustrator.prompt(
        "the Colosseum at dusk", [passage.text for passage in found], [passage.title for passage in found]
    )
    assert "the whole ruin glowing amber" in made.text and "Colosseum at dusk" in made.text


def test_of_one_document_alone(buildings: PassageLibrary) -> None:
    ids = {document.title: document.id for document in buildings.list()}
    found = buildings.search("roofs like sails", 10, document=ids["Colosseum"])
    assert {passage.document for passage in found} == {ids["Colosseum"]} and all(passage.weak for passage in found)
    with pytest.raises(UnknownDocument):
        buildings.search("roofs", document="0" * 16)


def test_a_passage_says_where_it_stands(library: PassageLibrary) -> None:
    made = Pdf("A guide")
    made.page([Line("The church", y=760, size=20), *column(["Grey stone and red glass."] * 3, top=700)])
    made.page(column(["A harbour of ochre houses."] * 2))
    library.add([("guide.pdf", made.data())])
    first, *_ = library.search("grey stone and red glass")
    assert (first.title, first.heading, first.page) == ("A guide", "The church", 1)
    assert first.source.startswith("A guide, page") and first.source.endswith("The church")
    assert first.as_dict()["document"] == library.list()[0].id == first.document


@pytest.mark.parametrize(("question", "k"), [("", 5), (" \n", 5), ("x" * 20_000, 5), ("tower", 0), ("tower", 101)])
def test_questions_that_cannot_be_asked(buildings: PassageLibrary, question: str, k: int) -> None:
    with pytest.raises(BadValue):
        buildings.search(question, k)


@pytest.mark.parametrize("question", ["?!", "the of and", "日本", '"quoted" AND (NOT x) *', "\x00 tower"])
def test_odd_questions_are_answered(buildings: PassageLibrary, question: str) -> None:
    assert len(buildings.search(question, 2)) == 2


def test_an_empty_library_says_so(library: PassageLibrary) -> None:
    with pytest.raises(NoDocuments):
        library.search("tower")
    assert library.list() == []


# what is taken in


def test_one_bad_document_stops_no_other(library: PassageLibrary) -> None:
    sent = [
        ("good.txt", b"A grey tower stands by the river."),
        ("locked.pdf", pdfs.locked(pdfs.prose("secret"), "secret")),
        ("scan.pdf", pdfs.pictures_alone()),
        ("long.txt", b"x " * 60_000),
        ("empty.md", b""),
        ("also good.html", b"<p>A red boat lies on the sand.</p>"),
    ]
    told: list[tuple[int, int, str]] = []
    report = library.add(sent, lambda done, total, last: told.append((done, total, last)))
    assert [result.outcome for result in report.results] == ["new", "failed", "failed", "failed", "failed", "new"]
    errors = [result.error["type"] for result in report.failures if result.error]
    assert errors == ["locked_document", "no_text", "document_too_large", "empty_document"]
    assert told[0] == (0, 6, "") and told[-1] == (6, 6, "also good.html")
    listed = {document.name: document for document in library.list()}
    assert listed["locked.pdf"].error and not listed["locked.pdf"].chunks and listed["good.txt"].error is None
    assert {passage.title for passage in library.search("a boat and a tower")} == {"good", "also good"}


def test_the_same_bytes_twice_cost_nothing(tmp_path: Path) -> None:
    model = Hashed()
    library = open_library(tmp_path / "data", embeddings=model)
    sent = files(4)
    library.add(sent)
    spent = model.embedded
    report = library.add([*sent, ("another name.txt", sent[1][1]), sent[0]])
    assert +report.counts == {"unchanged": 6} and model.embedded == spent
    assert len(library.list()) == 4
    twin = next(document for document in library.list() if len(document.places) == 2)
    assert set(twin.places) == {"tower1.txt", "another name.txt"}


def test_a_changed_file_of_the_same_name_replaces_the_old_one(library: PassageLibrary) -> None:
    library.add([("guide.txt", b"The grey tower is old."), ("other.txt", b"A red boat.")])
    before = {document.name: document.id for document in library.list()}
    report = library.add([("guide.txt", b"The white lighthouse is new.")])
    assert report.changed == 1
    after = {document.name: document.id for document in library.list()}
    assert after["other.txt"] == before["other.txt"] and after["guide.txt"] != before["guide.txt"]
    assert not any("grey" in passage.text for passage in library.search("the grey tower is old", 10))
    with pytest.raises(UnknownDocument):
        library.get(before["guide.txt"])
    assert library.index.count() == 2


def test_a_version_that_cannot_be_read_replaces_nothing(library: PassageLibrary) -> None:
    library.add([("guide.pdf", pdfs.prose("The grey tower is old."))])
    report = library.add([("guide.pdf", b"%PDF-1.7 damaged")])
    assert report.failed == 1 and library.search("the grey tower", 1)[0].text == "The grey tower is old."


def test_a_folder_is_kept_up_with(library: PassageLibrary, tmp_path: Path) -> None:
    root = tmp_path / "texts"
    (root / "deep").mkdir(parents=True)
    for name, data in files(6):
        (root / "deep" / name).write_bytes(data)
    (root / "picture.png").write_bytes(b"no document")
    (root / "empty.txt").write_bytes(b"")
    report = library.add_folder(root)
    assert +report.counts == {"new": 6, "failed": 1}
    assert +library.add_folder(root).counts == {"unchanged": 6, "failed": 1}

    (root / "deep/tower1.txt").rename(root / "moved.txt")
    (root / "deep/tower2.txt").write_bytes(b"A lighthouse with a lamp.")
    (root / "deep/tower3.txt").unlink()
    (root / "empty.txt").write_bytes(b"No longer empty.")
    report = library.add_folder(root)
    assert +report.counts == {"unchanged": 3, "renamed": 1, "changed": 1, "new": 1, "gone": 1}
    names = sorted(document.name for document in library.list())
    assert names == ["empty.txt", "moved.txt", "tower0.pdf", "tower2.txt", "tower4.pdf", "tower5.txt"]
    assert not any("Tower3 " in passage.text for passage in library.search("Tower3", 10))


def test_what_is_taken_out_stays_out_of_its_folder(library: PassageLibrary, tmp_path: Path) -> None:
    root = tmp_path / "texts"
    root.mkdir()
    for name, data in files(3):
        (root / name).write_bytes(data)
    library.add_folder(root)
    gone = next(document for document in library.list() if document.name == "tower1.txt")
    library.remove(gone.id)
    with pytest.raises(UnknownDocument):
        library.remove(gone.id)
    assert +library.add_folder(root).counts == {"unchanged": 3} and len(library.list()) == 2
    assert library.index.count() == library.ledger.count()
    assert (root / "tower1.txt").exists()
    library.add([("tower1.txt", (root / "tower1.txt").read_bytes())])
    assert len(library.list()) == 3


def test_paths_that_cannot_be_taken_in(library: PassageLibrary, tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile):
        library.add_folder(tmp_path / "nowhere")
    with pytest.raises(BadValue, match="own"):
        library.add_folder(tmp_path / "data/library/documents")
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    with pytest.raises(NoSuchFile):
        library.add_folder(pipe)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/broken.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / os.fsdecode(b"texts/t\xfcrme.txt")).write_bytes(b"Red towers.")
    report = library.add_folder(tmp_path / "texts")
    assert +report.counts == {"new": 1, "failed": 1} and library.search("red towers", 1)[0].title == "t�rme"


def test_what_tell_raises_ends_an_addition_and_keeps_what_is_done(library: PassageLibrary) -> None:
    def stop(done: int, total: int, last: str) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.add(files(6), stop)
    assert len(library.list()) == 2 and library.index.count() == library.ledger.count() > 0
    assert +library.add(files(6)).counts == {"unchanged": 2, "new": 4}


# what is kept


def test_the_index_is_made_anew_from_the_ledger_without_embedding(tmp_path: Path) -> None:
    model = Hashed()
    library = open_library(tmp_path / "data", "faiss", model)
    library.add(files(5))
    spent, wanted = model.embedded, library.search("Tower3 colour3", 3)
    again = open_library(tmp_path / "data", "chroma", model)
    assert again.index.count() == library.index.count() and model.embedded == spent + 1
    assert [passage.id for passage in again.search("Tower3 colour3", 3)] == [passage.id for passage in wanted]
    library.index.delete([wanted[0].id])
    library.index.upsert(["stray-0", "stray-1"], [[1.0] * 64] * 2, ["stray"] * 2, [{}] * 2)
    mended = open_library(tmp_path / "data", "faiss", model)
    assert [passage.id for passage in mended.search("Tower3 colour3", 3)] == [passage.id for passage in wanted]


def test_another_model_embeds_the_kept_texts_anew(tmp_path: Path) -> None:
    open_library(tmp_path / "data").add(files(3))
    model = Hashed("other-words")
    library = open_library(tmp_path / "data", embeddings=model)
    assert library.search("Tower2 colour2", 1)[0].text.startswith("Tower2") and model.embedded > 3


def test_the_library_is_rebuilt_from_its_originals(library: PassageLibrary, tmp_path: Path) -> None:
    library.add([*files(3), ("deep/guide.txt", b"A grey tower."), ("other/guide.txt", b"A red boat.")])
    library.remove(next(document.id for document in library.list() if document.name == "tower1.txt"))
    wanted = sorted(document.id for document in library.list())
    report = library.rebuild()
    assert report.failed == 0 and sorted(document.id for document in library.list()) == wanted
    library.ledger.close()
    for path in (tmp_path / "data/library").glob("documents.db*"):
        path.unlink()
    anew = open_library(tmp_path / "data", "faiss")
    assert anew.list() == [] and anew.rebuild().new == 4
    assert sorted(document.id for document in anew.list()) == wanted
    assert {passage.text for passage in anew.search("tower boat", 10)} >= {"A grey tower.", "A red boat."}


def test_a_damaged_ledger_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "data/library").mkdir(parents=True)
    (tmp_path / "data/library/documents.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(DocumentsDamaged, match=r"documents\.db") as caught:
        open_library(tmp_path / "data")
    assert "rebuild" in caught.value.remedy


def test_only_the_owner_writes_and_others_read(tmp_path: Path, models: Path) -> None:
    settings = settings_over(tmp_path / "data", models)
    holder = own(settings.data_dir)
    open_passages(settings).add([("guide.txt", b"The grey tower is old.")])
    holder.release()
    command = [sys.executable, "-c", OWNER, str(settings.data_dir)]
    other = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert other.stdout and other.stdout.readline()
        reader = open_passages(_as_new(settings))
        assert reader.search("an old tower", 1)[0].text == "The grey tower is old." and reader.index.in_memory
        with pytest.raises(StoreBusy, match="a server"):
            reader.add([("more.txt", b"More.")])
    finally:
        other.kill()
        other.wait()
    assert reader.add([("more.txt", b"A red boat lies on the sand.")]).new == 1
    assert reader.search("a boat", 1)[0].title == "more" and not reader.index.in_memory


def _as_new(settings: Settings) -> Settings:
    """Other settings over the same data, so that nothing that was opened before is handed out again."""
    return settings.model_copy(update={"top_k_retrieval": 7})


def test_threads_ask_while_one_adds(library: PassageLibrary) -> None:
    library.add(files(2))

    def ask(number: int) -> int:
        return len([library.search(f"Tower{number % 4} colour{number % 4}", 3) for _ in range(10)])

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask, number) for number in range(4)]
        library.add(files(12, 2))
        assert [future.result() for future in asked] == [10] * 4
    assert library.index.count() == library.ledger.count()


# kills


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Processes that have imported everything already."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.reading"])
    return context


def run(
    processes: ForkServerContext, data: Path, kind: str, batches: Any, kill_at: int | None, delay: float = 0
) -> Any:
    """The work in a process; killed after so many steps and a delay. -> what it holds, the batches done, and steps."""
    here, there = processes.Pipe(duplex=False)
    process = processes.Process(target=work, args=(data, kind, batches, there))
    process.start()
    there.close()
    steps, done = 0, -1
    try:
        while True:
            told = here.recv()
            if isinstance(told, int):
                done = told
            elif told != STEP:
                return told, done, steps
            else:
                steps += 1
            if steps == kill_at:
                time.sleep(delay)
                process.kill()
                while here.poll(5):  # what it said before it died
                    told = here.recv()
                    done = told if isinstance(told, int) else done
    except EOFError:
        return None, done, steps
    finally:
        process.join(60)


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_half(
    processes: ForkServerContext, tmp_path: Path, kind: str
) -> None:
    first, second = files(4), [*files(3, 4), ("tower1.txt", b"Another tower, of wood. " * 40)]
    wanted, _, steps = run(processes, _begin(tmp_path / "undisturbed"), kind, [first, second], None)
    assert wanted["count"] == len(wanted["chunks"]) and len(wanted["documents"]) == 7
    rng = np.random.default_rng(3)
    for number, moment in enumerate(np.linspace(2, steps - 1, 4).round().astype(int)):
        data = _begin(tmp_path / str(number))
        found, done, _ = run(processes, data, kind, [first, second], int(moment), float(rng.uniform(0, 0.02)))
        if found is None:
            copy = tmp_path / f"{number}-seen"
            shutil.copytree(data, copy)
            held, *_ = run(processes, copy, kind, [], None)
            chunks, counts = [row[0] for row in held["chunks"]], {row[0]: row[4] for row in held["documents"]}
            assert {id_: chunks.count(id_) for id_ in counts} == counts and held["count"] == len(chunks)
            acknowledged = {name for batch in [first, second][: done + 1] for name, _ in batch}
            assert acknowledged <= {path.decode() for _, path, _ in held["places"]}
            assert set(counts) <= set(held["originals"])
        again, *_ = run(processes, data, kind, [first, second], None)
        for what in wanted:
            if what != "originals":  # one that was killed before the ledger had it may stay
                assert again[what] == wanted[what], f"{what} after a kill at step {moment} of {steps}"


def _begin(data: Path) -> Path:
    data.mkdir()
    return data


def test_the_ledger_is_plain_sqlite(tmp_path: Path) -> None:
    library = open_library(tmp_path / "data")
    library.add(files(1))
    library.ledger.close()
    with sqlite3.connect(tmp_path / "data/library/documents.db") as db:
        assert db.execute("select kind, pages, chunks from document").fetchone() == ("pdf", 1, 3)
