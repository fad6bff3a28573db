"""The style library: what is found, and how it keeps up with its folders."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE
from typing import Any

import chromadb
import pytest

from core import images
from core.errors import (
    BadSetting,
    BadValue,
    CorruptCatalogue,
    NoStyles,
    StoreBusy,
    StoreUnreachable,
    StyleExists,
    StyleProtected,
    StyleUnreadable,
    UnknownStyle,
)
from core.settings import ROOT, Settings
from retrievers.catalog import library_id, open_styles
from retrievers.chroma import ChromaIndex
from retrievers.embedded import WordsAndPaletteEmbeddings
from retrievers.styles import StyleLibrary, parse_choice
from tests.conftest import noise, settings_over
from tests.test_chroma import ChromaServer
from tests.test_process import free_port

Make = Callable[[], StyleLibrary]


@pytest.fixture(scope="module")
def library(shared_settings: Settings) -> StyleLibrary:
    return open_styles(shared_settings)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A shipped folder with two styles, and an empty one for added styles."""
    shipped, added = tmp_path / "shipped", tmp_path / "added"
    shipped.mkdir()
    entries = json.loads((ROOT / "styles/styles.json").read_text())["styles"]
    chosen = [entry for entry in entries if entry["id"] in ("cyberpunk", "ukiyo-e")]
    (shipped / "styles.json").write_text(json.dumps({"styles": chosen}))
    for entry in chosen:
        shutil.copy(ROOT / "styles" / entry["picture"], shipped)
    return shipped, added


@pytest.fixture
def make(folders: tuple[Path, Path], embeddings: WordsAndPaletteEmbeddings, tmp_path: Path) -> Make:
    def build() -> StyleLibrary:
        return StyleLibrary(*folders, embeddings, ChromaIndex("styles", embeddings, tmp_path / "chroma"))

    return build


def test_the_right_style_is_found(library: StyleLibrary) -> None:
    prompts = json.loads((ROOT / "tests/data/style_prompts.json").read_text())["prompts"]
    places = [[found.id for found in library.search(prompt)].index(wanted) for prompt, wanted in prompts]
    assert sum(place == 0 for place in places) >= 0.95 * len(places)
    assert max(places) < 3


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [("neon magenta night", "cyberpunk"), ("red", "ukiyo-e"), ("gold", "art-deco"), ("green", "ghibli-watercolour")],
)
def test_colours_find_styles(library: StyleLibrary, prompt: str, wanted: str) -> None:
    assert library.find_style(prompt).best.id == wanted


def test_scores_are_ordered_and_the_margin_is_theirs(library: StyleLibrary) -> None:
    found = library.find_style("woodblock print")
    scores = [found.best.score, *(style.score for style in found.runners_up)]
    assert scores == sorted(scores, reverse=True) and len(scores) == 7
    assert all(-1 <= score <= 1 for score in scores)
    assert found.margin == pytest.approx(scores[0] - scores[1]) and found.retrieved


def test_blended_weights_sum_to_one_best_first(library: StyleLibrary) -> None:
    weights = [style.weight for style in library.find_style("night", top_k=3).chosen]
    assert sum(weights) == pytest.approx(1) and weights == sorted(weights, reverse=True)


def test_named_styles_are_taken_with_their_weights(library: StyleLibrary) -> None:
    found = library.choose("cyberpunk:3, ukiyo-e:1", "a boat")
    assert [(style.id, style.weight) for style in found.chosen] == [("cyberpunk", 0.75), ("ukiyo-e", 0.25)]
    assert found.best.score is not None and not found.retrieved and found.margin is None
    assert library.choose("impasto").best.score is None


@pytest.mark.parametrize("named", ["", ":1", "a:b", "a:0", "a:-1", "a:nan", "a,a", "a,b,c,d,e", "a:1000", ","])
def test_a_choice_that_cannot_be(named: str) -> None:
    with pytest.raises(BadValue):
        parse_choice(named)


def test_bad_questions(library: StyleLibrary) -> None:
    with pytest.raises(BadValue, match="prompt"):
        library.find_style("   ")
    with pytest.raises(BadValue, match="top_k"):
        library.find_style("night", top_k=0)
    with pytest.raises(UnknownStyle, match=r"'nope'.*cyberpunk"):
        library.get("nope")


@pytest.mark.parametrize("prompt", ["🌊🌊🌊", "夜のネオン街", "x" * 10_000, "'; DROP TABLE styles; --", "%s%n"])
def test_odd_prompts_find_something(library: StyleLibrary, prompt: str) -> None:
    assert library.find_style(prompt).best.score is not None


def test_a_dropped_picture_is_found_at_the_next_call_and_forgotten_when_gone(
    make: Make, folders: tuple[Path, Path]
) -> None:
    library = make()
    assert len(library.all()) == 2
    dropped = folders[0] / "sea chart.png"
    noise(64, 64).save(dropped)
    dropped.with_suffix(".txt").write_text("Antique nautical map with a compass rose on parchment.")
    assert library.find_style("antique nautical map").best.id == "sea-chart"
    dropped.with_suffix(".txt").write_text("Quantum chromodynamics lecture notes.")
    assert library.find_style("quantum chromodynamics").best.id == "sea-chart"
    dropped.unlink()
    assert "sea-chart" not in [style.id for style in library.search("quantum chromodynamics")]


def test_added_styles_are_found_and_survive_a_restart(make: Make) -> None:
    library = make()
    data = images.to_png(noise(64, 64))
    style = library.add(data, "Kandinsky shapes", "Abstract circles and triangles of the Bauhaus.", "CC0-1.0")
    assert library.find_style("Bauhaus abstraction").best.id == style.id == "kandinsky-shapes"
    again = make()
    assert again.find_style("Bauhaus abstraction").best.id == style.id
    again.remove(style.id)
    assert len(again.all()) == 2
    with pytest.raises(UnknownStyle):
        again.remove(style.id)


def test_names_are_unique_and_shipped_styles_stay(make: Make) -> None:
    library, data = make(), images.to_png(noise(64, 64))
    with pytest.raises(StyleExists):
        library.add(data, "Cyberpunk", "")
    with pytest.raises(StyleProtected):
        library.remove("cyberpunk")
    assert len(library.all()) == 2


def test_nothing_is_embedded_twice(
    folders: tuple[Path, Path], embeddings: WordsAndPaletteEmbeddings, tmp_path: Path
) -> None:
    written: list[str] = []

    class Counting(ChromaIndex):
        def upsert(self, ids: list[str], *rest: Any) -> None:
            written.extend(ids)
            super().upsert(ids, *rest)

    def build() -> StyleLibrary:
        return StyleLibrary(*folders, embeddings, Counting("styles", embeddings, tmp_path / "chroma"))

    assert len(build().search("night")) == 2 and written
    written.clear()
    assert len(build().search("night")) == 2
    assert written == []


def test_half_written_rows_are_written_again(make: Make) -> None:
    first = make()
    whole = len(first.index.rows()) if first.all() else 0
    first.index.delete(["cyberpunk#0", "cyberpunk#3"])
    again = make()
    assert len(again.all()) == 2 and len(again.index.rows()) == whole


def test_a_picture_deleted_behind_our_back(make: Make, folders: tuple[Path, Path]) -> None:
    library = make()
    style = library.get("cyberpunk")
    style.path.unlink()
    assert [found.id for found in library.search("neon")] == ["ukiyo-e"]
    with pytest.raises(StyleUnreadable, match=r"cyberpunk\.jpg"):
        library.get("cyberpunk")
    with pytest.raises(StyleUnreadable):
        style.read()


def test_a_catalogue_that_breaks_and_is_mended(make: Make, folders: tuple[Path, Path]) -> None:
    library, path = make(), folders[0] / "styles.json"
    good = path.read_text()
    assert len(library.all()) == 2
    path.write_text(good[:-20])
    with pytest.raises(CorruptCatalogue):
        library.find_style("neon")
    path.write_text(good)
    assert library.find_style("neon").best.id == "cyberpunk"


def test_an_empty_library_says_where_to_put_a_picture(tmp_path: Path, embeddings: WordsAndPaletteEmbeddings) -> None:
    library = StyleLibrary(tmp_path / "a", tmp_path / "b", embeddings, ChromaIndex("empty", embeddings))
    with pytest.raises(NoStyles, match=str(tmp_path / "a")):
        library.find_style("night")


def test_a_search_never_sees_half_of_a_change(make: Make, folders: tuple[Path, Path]) -> None:
    library = make()
    words = (folders[0] / "cyberpunk.txt", folders[0] / "extra.txt")
    noise(64, 64).save(words[1].with_suffix(".png"))
    with ThreadPoolExecutor(5) as pool:
        searches = [pool.submit(library.find_style, "neon city") for _ in range(40)]
        for round_ in range(6):
            words[1].write_text(f"Parchment and ink, version {round_}.")
            pool.submit(library.search, "parchment").result()
        found = [future.result() for future in searches]
    assert {one.best.id for one in found} == {"cyberpunk"}
    assert all(len(one.runners_up) == 2 for one in found)


def test_a_broken_style_can_be_removed(make: Make, folders: tuple[Path, Path]) -> None:
    folders[1].mkdir()
    (folders[1] / "z.png").write_bytes(b"")
    library = make()
    assert "z" in library.shelf().problems
    library.remove("z")
    assert not library.shelf().problems and list(folders[1].iterdir()) == []
    (folders[0] / "cyberpunk.jpg").unlink()
    with pytest.raises(StyleProtected):
        library.remove("cyberpunk")


def test_a_prompt_is_limited_wherever_it_comes_from(make: Make) -> None:
    library = make()
    for ask in (library.search, library.find_style, lambda prompt: library.choose("cyberpunk", prompt)):
        with pytest.raises(BadValue, match="100,000 characters"):
            ask("x" * 100_000)


def test_a_wordy_style_has_a_bounded_number_of_rows(make: Make) -> None:
    library = make()
    before = len(library.index.rows()) if library.all() else 0
    library.add(images.to_png(noise(64, 64)), "wordy", "four words in here, " * 190)
    library.add(images.to_png(noise(64, 64, 1)), "wordier", ", ".join(f"phrase number {i} here" for i in range(170)))
    assert len(library.index.rows()) - before < 80


def test_threads_add_and_search_at_once(make: Make) -> None:
    library, data = make(), images.to_png(noise(64, 64))
    with ThreadPoolExecutor(6) as pool:
        added = [pool.submit(library.add, data, f"style {i}", f"words number {i}") for i in range(6)]
        searches = [pool.submit(library.search, "night") for _ in range(12)]
        for future in added + searches:
            future.result()
    assert len(library.all()) == 8


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    running = ChromaServer(tmp_path_factory.mktemp("server") / "first")
    yield running
    running.kill()


def test_libraries_of_two_data_directories_share_a_server_without_harm(
    tmp_path: Path, models: Path, server: ChromaServer, folders: tuple[Path, Path]
) -> None:
    (tmp_path / "none").mkdir()
    both = [
        open_styles(settings_over(tmp_path / data, models, chroma_url=server.url, styles_dir=shipped))
        for data, shipped in (("a", folders[0]), ("b", tmp_path / "none"))
    ]
    both[1].add(images.to_png(noise(64, 64)), "Sea chart", "Antique nautical map with a compass rose.")
    for _ in range(2):
        assert {found.id for found in both[0].search("night")} == {"cyberpunk", "ukiyo-e"}
        assert [found.id for found in both[1].search("night")] == ["sea-chart"]
    assert not any(library.index.in_memory for library in both)
    assert {str(row["style"]) for row in both[0].index.rows().values()} == {"cyberpunk", "ukiyo-e"}
    names = {collection.name for collection in chromadb.HttpClient(port=server.port).list_collections()}
    assert len(names) == 2
    for data in ("a", "b"):
        id_ = (tmp_path / data / "library-id").read_text()
        assert library_id(tmp_path / data) == id_ and any(name.endswith(f"-{id_}") for name in names)


def test_a_library_fills_a_server_that_came_back_empty(
    tmp_path: Path, models: Path, server: ChromaServer, folders: tuple[Path, Path]
) -> None:
    library = open_styles(settings_over(tmp_path / "data", models, chroma_url=server.url, styles_dir=folders[0]))
    before = library.search("neon")
    rows = library.index.rows()
    assert [found.id for found in before] == ["cyberpunk", "ukiyo-e"]
    server.kill()
    with pytest.raises(StoreUnreachable, match="CHROMA_URL"):
        library.search("neon")
    server.start(tmp_path / "another")
    assert library.search("neon") == before and library.index.rows() == rows


def test_a_server_that_is_named_is_not_replaced_by_memory(tmp_path: Path, models: Path) -> None:
    nowhere = settings_over(tmp_path, models, chroma_url=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StoreUnreachable, match="CHROMA_URL"):
        open_styles(nowhere)


@pytest.mark.parametrize("on_a_server", [False, True])
def test_what_another_process_owns_is_searched_and_not_written_to(
    tmp_path: Path, models: Path, server: ChromaServer, folders: tuple[Path, Path], on_a_server: bool
) -> None:
    url = server.url if on_a_server else None
    settings = settings_over(tmp_path / "data", models, styles_dir=folders[0], chroma_url=url)
    (settings.data_dir / "styles").mkdir()
    noise(64, 64).save(settings.data_dir / "styles/sea.png")
    script = "import sys\nfrom pathlib import Path\nfrom core.owner import own\nown(Path(sys.argv[1]), 'the owner')"
    waiting = f"{script}\nprint('owns', flush=True)\nsys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", waiting, str(settings.data_dir)], cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True
    ) as owner:
        assert owner.stdout is not None and owner.stdout.readline() == "owns\n"
        library = open_styles(settings)
        assert library.index.in_memory and library.find_style("neon").best.id == "cyberpunk"
        refused = rf"the owner \(process {owner.pid}\)"
        with pytest.raises(StoreBusy, match=refused):
            library.add(images.to_png(noise(64, 64)), "Another", "")
        with pytest.raises(StoreBusy, match=refused):
            library.remove("sea")
        assert [path.name for path in (settings.data_dir / "styles").iterdir()] == ["sea.png"]
        assert not (settings.data_dir / "chroma").exists()
        owner.kill()
    library.remove("sea")  # nobody owns it now
    assert "sea" not in library.shelf().styles


def test_the_id_of_a_data_directory_never_changes_and_a_broken_one_is_said(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(library_id, [tmp_path] * 8))) == 1
    assert library_id(tmp_path) == (tmp_path / "library-id").read_text()
    (tmp_path / "library-id").write_text("../..")
    with pytest.raises(CorruptCatalogue, match="library-id"):
        library_id(tmp_path)
    with pytest.raises(BadSetting, match="DATA_DIR"):
        library_id(tmp_path / "nowhere")
