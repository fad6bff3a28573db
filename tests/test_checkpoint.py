from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.errors import BadSetting, ModelMissing
from core.settings import ROOT
from retrievers.checkpoint import DEFAULT, PINNED, command, find_checkpoint
from tests.tiny_clip import write_clip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("whole") / "tiny")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "tiny"))


def into_cache(folder: Path, cache: Path, repository: str, commit: str, ref: str | None = None) -> Path:
    """Lay a checkpoint into a hub's cache."""
    home = cache / f"models--{repository.replace('/', '--')}"
    place = Path(shutil.copytree(folder, home / "snapshots" / commit))
    if ref is not None:
        (home / "refs" / ref).parent.mkdir(parents=True, exist_ok=True)
        (home / "refs" / ref).write_text(commit)
    return place


def test_a_folder_is_found_by_its_path_from_the_checkout_or_from_the_root(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find_checkpoint(str(folder))
    assert (found.name, found.folder) == ("tiny", folder)
    assert found.size == (folder / "model.safetensors").stat().st_size
    monkeypatch.setenv("HOME", str(folder.parent))
    assert find_checkpoint("~/tiny").digest == found.digest
    with pytest.raises(ModelMissing, match=str(ROOT / "samples")):
        find_checkpoint("samples")


def test_the_digest_is_of_what_the_files_hold(folder: Path, tmp_path: Path) -> None:
    digests = {find_checkpoint(str(folder)).digest, find_checkpoint(str(write_clip(tmp_path / "b", seed=1))).digest}
    assert digests == {find_checkpoint(str(shutil.copytree(folder, tmp_path / "c"))).digest} | digests
    told = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").write_text(json.dumps({**told, "image_mean": [0.1, 0.2, 0.3]}))
    digests.add(find_checkpoint(str(folder)).digest)
    assert len(digests) == 3


@pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json", "vocab.json", "model.safetensors"])
def test_a_missing_file_is_named_with_setting_and_command(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelMissing) as caught:
        find_checkpoint(str(folder))
    assert (name if name != "vocab.json" else "tokenizer.json") in caught.value.message
    assert "EMBEDDING_MODEL" in caught.value.remedy and f"hf download {DEFAULT}" in caught.value.remedy


@pytest.mark.parametrize("kept", [0, 4, 1_000, 100_000])
def test_weights_that_were_cut_off_are_said_to_be(folder: Path, kept: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ModelMissing, match=r"model\.safetensors is (cut off|damaged)"):
        find_checkpoint(str(folder))


@pytest.mark.parametrize("text", ["version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 605157884\n", "[]"])
def test_what_is_no_safetensors_file_is_said(folder: Path, text: str) -> None:
    (folder / "model.safetensors").write_text(text)
    with pytest.raises(ModelMissing, match="no safetensors file"):
        find_checkpoint(str(folder))


@pytest.mark.parametrize(
    ("config", "said"),
    [('{"model_type": "siglip"}', "'siglip'"), ("{", "cannot be read"), ("[]", "no JSON object"), ("{}", "None")],
)
def test_what_is_no_clip_is_said(folder: Path, config: str, said: str) -> None:
    (folder / "config.json").write_text(config)
    with pytest.raises(ModelMissing, match=said):
        find_checkpoint(str(folder))


def test_half_a_clip_is_said(folder: Path) -> None:
    head = json.dumps({"text_projection.weight": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}}).encode()
    (folder / "model.safetensors").write_bytes(len(head).to_bytes(8, "little") + head + b"ab")
    with pytest.raises(ModelMissing, match="visual_projection"):
        find_checkpoint(str(folder))


def test_shards_are_read_by_their_index(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00001.safetensors")
    index = {"weight_map": {"text_projection.weight": "model-00001-of-00001.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    assert find_checkpoint(str(folder)).size > 0
    (folder / "model-00001-of-00001.safetensors").unlink()
    with pytest.raises(ModelMissing, match="model-00001-of-00001"):
        find_checkpoint(str(folder))


def test_the_default_is_the_revision_that_has_safetensors(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with pytest.raises(ModelMissing) as caught:
        find_checkpoint(DEFAULT, cache=cache)
    assert str(cache) in caught.value.message and "model.safetensors" in caught.value.message
    assert f"hf download {DEFAULT} --revision {PINNED[DEFAULT]}" in caught.value.remedy
    main = into_cache(folder, cache, DEFAULT, "a" * 40, "main")
    (main / "model.safetensors").rename(main / "pytorch_model.bin")  # as its main branch is
    with pytest.raises(ModelMissing, match=r"pytorch_model\.bin may hold a program"):
        find_checkpoint(DEFAULT, cache=cache)
    pinned = into_cache(folder, cache, DEFAULT, PINNED[DEFAULT])
    found = find_checkpoint(DEFAULT, cache=cache)
    assert (found.name, found.folder) == (DEFAULT, pinned)


def test_a_name_may_have_a_revision(folder: Path, tmp_path: Path) -> None:
    into_cache(folder, tmp_path, "owner/name", "b" * 40, "main")
    for named in ("owner/name", "owner/name@main", f"owner/name@{'b' * 40}"):
        assert find_checkpoint(named, cache=tmp_path).name == "owner/name"
    with pytest.raises(ModelMissing, match="refs/pr/3"):
        find_checkpoint("owner/name@refs/pr/3", cache=tmp_path)
    assert command("owner/name@refs/pr/3").startswith("hf download owner/name --revision refs/pr/3 ")


def test_a_pickle_is_never_read(folder: Path, tmp_path: Path) -> None:
    place = into_cache(folder, tmp_path, "owner/name", "b" * 40, "main")
    (place / "model.safetensors").rename(place / "pytorch_model.bin")
    with pytest.raises(ModelMissing, match=r"refs/pr/"):
        find_checkpoint("owner/name", cache=tmp_path)


def test_what_is_not_in_the_cache_is_said_with_the_command_that_gets_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="not in the hub's cache") as caught:
        find_checkpoint("owner/name", cache=tmp_path)
    assert "hf download owner/name" in caught.value.remedy


@pytest.mark.parametrize("named", ["", "two words", "a/b/c", "a--b/c", "/nowhere/at/all", "./nowhere", "~nobody"])
def test_a_name_that_cannot_be(named: str, tmp_path: Path) -> None:
    with pytest.raises((BadSetting, ModelMissing), match="EMBEDDING_MODEL"):
        find_checkpoint(named, cache=tmp_path)
