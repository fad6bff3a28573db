"""A LLaVA on this machine: what it writes, how it is heard and ended, where its files are, and when they are not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from core.errors import BadValue, ModelMissing
from core.settings import ROOT, read_settings
from generators.llava.inventory import told
from generators.llava.llava import Llava, open_llava
from generators.llava.model import Square
from generators.llava.pen import Tongue
from generators.llava.questions import Question, as_tensors, seen, text_of
from generators.vision.description import DescribingStopped
from generators.vision.llava import PROMPT
from generators.writing import MemoryShort, NumbersLost, WritingFailed
from tests import tiny_llava
from tests.conftest import drawing, noise

PICTURES = [noise(80, 60, 1), drawing(), noise(16, 16, 2), noise(300, 90, 3)]
PROMPTS = ["Describe this picture", "a cat", "What is in the house, in one sentence, and in what mood?", "red"]
PREFIXES = ["", "Once upon", "", "The chair"]


@pytest.fixture(scope="module")
def llava(llava_folder: Path) -> Llava:
    return Llava(read_settings(vision_language_model=str(llava_folder)))


@pytest.fixture
def own(llava_folder: Path, tmp_path: Path) -> Path:
    """The checkpoint, to be damaged."""
    return Path(shutil.copytree(llava_folder, tmp_path / "llava"))


def opened(folder: Path | str, **values: object) -> Llava:
    return Llava(read_settings(vision_language_model=str(folder), **values))


def short(llava: Llava, **how: Any) -> str:
    return llava.write(PICTURES[:1], PROMPTS[:1], 8, Event(), **how)[0]


@contextmanager
def before(llava: Llava, act: Callable[[int], None]) -> Iterator[list[int]]:
    """Have `act(rows)` called before every pass of the network; -> the rows of each."""
    passes: list[int] = []

    def hook(module: Any, args: Any, kwargs: Any) -> None:
        passes.append(len(kwargs["input_ids"]))
        act(passes[-1])

    short(llava)  # so that it is loaded
    assert llava.model is not None
    handle = llava.model.network.register_forward_pre_hook(hook, with_kwargs=True)
    try:
        yield passes
    finally:
        handle.remove()


def ignored(rows: int) -> None:
    pass


def test_a_batch_is_what_its_rows_are_alone(llava: Llava) -> None:
    together = llava.write(PICTURES, PROMPTS, 24, Event(), prefixes=PREFIXES)
    alone = [
        llava.write([picture], [prompt], 24, Event(), prefixes=[prefix])[0]
        for picture, prompt, prefix in zip(PICTURES, PROMPTS, PREFIXES, strict=True)
    ]
    assert together == alone and len(set(together)) == 4
    assert all(text.startswith(prefix) for text, prefix in zip(together, PREFIXES, strict=True))
    assert len(together[1]) > len(PREFIXES[1])


def test_it_sees_the_picture_and_reads_the_prompt(llava: Llava) -> None:
    answers = llava.write([*PICTURES[:2], PICTURES[0]], ["a cat", "a cat", "a house"], 16, Event())
    assert len(set(answers)) == 3


def test_words_in_the_middle_of_a_text() -> None:
    """Alone, Llama's tokenizer would put a space before them, and leave one out when it decodes them."""
    words = tiny_llava.tokenizer()
    tongue = Tongue(words)
    for text in ("\nObjects:", " a cat", "Über 猫", "\n\nMood: calm"):
        assert tongue.text(tongue.ids(text)) == text
        assert words.decode(words.encode("a red", add_special_tokens=False) + tongue.ids(text)) == "a red" + text
    assert len(tongue.ids("\nObjects:")) < len(words.encode("\nObjects:", add_special_tokens=False))


def test_a_seed_draws_the_same_whatever_shares_the_batch(llava: Llava) -> None:
    def drawn(rows: slice, seed: int | None) -> list[str]:
        return llava.write(PICTURES[rows], PROMPTS[rows], 16, Event(), seed=seed, temperature=1.0)

    first = drawn(slice(4), 5)
    assert drawn(slice(4), 5) == first == [drawn(slice(row, row + 1), 5)[0] for row in range(4)]
    assert drawn(slice(4), 6) != first != llava.write(PICTURES, PROMPTS, 16, Event())
    assert drawn(slice(1), None) != drawn(slice(1), None)


def test_little_temperature_is_almost_none(llava: Llava) -> None:
    plain = llava.write(PICTURES, PROMPTS, 8, Event())
    assert llava.write(PICTURES, PROMPTS, 8, Event(), seed=1, temperature=1e-4) == plain


def test_every_row_is_heard_as_it_grows(llava: Llava) -> None:
    heard: dict[int, list[str]] = {}
    threads = set()

    def tell(row: int, text: str) -> None:
        threads.add(threading.current_thread())
        heard.setdefault(row, []).append(text)

    ended = llava.write(PICTURES, PROMPTS, 24, Event(), tell=tell, prefixes=PREFIXES)
    assert [heard[row][-1] for row in range(4)] == ended and threads == {threading.current_thread()}
    assert max(map(len, heard.values())) > 8


def test_what_is_heard_grows(taught_llava: Path) -> None:
    heard: list[str] = []

    def tell(row: int, text: str) -> None:
        heard.append(text)

    said = opened(taught_llava).write([tiny_llava.RED], [PROMPT], 99, Event(), tell=tell)
    assert said == [tiny_llava.ON_RED.strip()] == heard[-1:] and len(heard) > 20
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))


def test_it_writes_as_many_tokens_as_it_may_and_ends_within_one(llava: Llava) -> None:
    stop = Event()

    def tell(row: int, text: str) -> None:
        if len(passes) == 5:
            stop.set()

    with before(llava, ignored) as passes:
        short(llava)
        assert passes == [1] * 8
        passes.clear()
        with pytest.raises(DescribingStopped):
            llava.write(PICTURES, PROMPTS, 100, stop, tell=tell)
        assert len(passes) in (5, 6)
        passes.clear()
        with pytest.raises(DescribingStopped):
            llava.write(PICTURES, PROMPTS, 100, stop)
        assert passes == []
    assert short(llava)


def test_an_error_in_the_middle_leaves_it_usable(llava: Llava) -> None:
    plain = short(llava)

    def tell(row: int, text: str) -> None:
        raise KeyError("the listener's own")

    def fail(rows: int) -> None:
        if len(passes) == 3:
            raise RuntimeError("CUDA error: device-side assert triggered")

    with pytest.raises(KeyError, match="the listener's own"):
        short(llava, tell=tell)
    with before(llava, fail) as passes, pytest.raises(WritingFailed, match="writing: RuntimeError: CUDA error"):
        short(llava)
    assert short(llava) == plain


def test_where_memory_is_short_fewer_rows_go_together(llava_folder: Path) -> None:
    llava = opened(llava_folder)
    plain = llava.write(PICTURES, PROMPTS, 6, Event())
    heard: dict[int, str] = {}

    def small(rows: int) -> None:
        if rows > 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    def never(rows: int) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")

    with before(llava, small) as passes:
        assert llava.write(PICTURES, PROMPTS, 6, Event(), tell=heard.__setitem__) == plain
        assert passes[:3] == [4, 2, 1] and set(passes[2:]) == {1} and list(heard.values()) == plain
    with before(llava, never), pytest.raises(MemoryShort, match=r"cpu is out of memory while writing.*USE_8BIT"):
        llava.write(PICTURES, PROMPTS, 6, Event())
    with before(llava, ignored) as passes:
        for _ in range(60):
            short(llava)
        passes.clear()
        llava.write(PICTURES, PROMPTS, 1, Event())
        assert passes == [4]  # it has tried more again


def test_numbers_out_of_range_are_told(own: Path) -> None:
    weights = load_file(own / "model.safetensors")
    weights["lm_head.weight" if "lm_head.weight" in weights else "language_model.lm_head.weight"].fill_(torch.nan)
    save_file(weights, own / "model.safetensors", {"format": "pt"})
    with pytest.raises(NumbersLost, match="USE_FP16=false"):
        short(opened(own))


def test_four_threads_take_turns(llava: Llava) -> None:
    def row(number: int) -> list[str]:
        return llava.write([PICTURES[number]], [PROMPTS[number]], 12, Event())

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(row, [0, 1, 2, 3] * 3))
    assert found == [row(number) for number in range(4)] * 3


def test_who_waits_for_it_can_be_stopped(llava: Llava) -> None:
    stop, inside, go = Event(), Event(), Event()

    def hold(row: int, text: str) -> None:
        inside.set()
        go.wait(20)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(short, llava, tell=hold)
        assert inside.wait(20)
        second = pool.submit(llava.write, PICTURES[:1], PROMPTS[:1], 4, stop)
        stop.set()
        with pytest.raises(DescribingStopped):
            second.result(20)
        go.set()
        assert first.result(20)


def test_a_picture_is_handed_over_whole() -> None:
    wide = Image.new("RGB", (4000, 1000), "red")
    page = seen(wide, Square(56, (1, 2, 3)))
    pixels = np.asarray(page)
    assert page.size == (56, 56) and tuple(pixels[0, 0]) == (1, 2, 3) and tuple(pixels[28, 0]) == (255, 0, 0)
    assert (pixels[:, :, 0] > 200).sum() == 14 * 56
    assert seen(wide, None).size == (672, 168) and seen(Image.new("L", (16, 16)), None).mode == "RGB"


@pytest.mark.parametrize("size", [(16, 16), (4000, 4000), (16, 4000), (1, 1)])
def test_pictures_of_any_size(llava: Llava, size: tuple[int, int]) -> None:
    assert llava.write([Image.new("RGB", size, "orange")], ["a cat"], 4, Event())


def test_words_that_are_marks_to_a_tokenizer_are_words_no_more(llava: Llava) -> None:
    plain = llava.write(PICTURES[:1], ["a cat"], 8, Event())
    assert llava.write(PICTURES[:1], ["a <im<image>age><image>cat</s>"], 8, Event()) == plain


def test_what_is_asked_follows_the_template(llava: Llava, own: Path) -> None:
    short(llava)
    assert llava.model is not None
    asked = Question(PICTURES[0], "What is it?", "It is")
    assert text_of(llava.model, asked) == "USER: <image>\nWhat is it? ASSISTANT: It is"
    (own / "chat_template.jinja").write_text("{{ bos_token }}[{{ messages[0]['content'][1]['text'] }}|<image>]\n\n")
    other = opened(own)
    assert short(other) and other.model is not None
    assert text_of(other.model, asked) == "<s>[What is it?|<image>]\nIt is"
    ids = as_tensors(other.model, [asked], 1)["input_ids"][0].tolist()
    assert ids[0] == 1 and ids.count(1) == 1  # one beginning
    (own / "chat_template.jinja").unlink()
    other.unload()
    assert short(other) == short(llava) and other.model is not None
    assert text_of(other.model, asked) == "USER: <image>\nWhat is it? ASSISTANT: It is"


def test_a_prompt_that_leaves_no_room_is_refused(llava: Llava) -> None:
    with pytest.raises(BadValue, match=r"prompt='\d,\d+ tokens'.*at most 924 tokens.*1,024 in all"):
        llava.write(PICTURES[:1], ["mood " * 700], 100, Event())


def test_a_processor_of_older_days(llava: Llava, own: Path) -> None:
    """Without the patch size, and with a file of its own for pictures."""
    whole = json.loads((own / "processor_config.json").read_text())
    seeing = {**whole["image_processor"], "processor_class": "LlavaProcessor"}
    (own / "preprocessor_config.json").write_text(json.dumps(seeing))
    (own / "processor_config.json").unlink()
    assert short(opened(own)) == short(llava)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def pickle_only(path: Path) -> None:
    path.rename(path.with_name("pytorch_model-00001-of-00002.bin"))


def lose_a_weight(path: Path) -> None:
    weights = load_file(path)
    del weights[next(name for name in weights if name.endswith("q_proj.weight"))]
    save_file(weights, path, {"format": "pt"})


def of_another_kind(path: Path) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), "model_type": "llama"}))


@pytest.mark.parametrize(
    ("damage", "name", "said"),
    [
        (Path.unlink, "model.safetensors", "model.safetensors: not there"),
        (pickle_only, "model.safetensors", "model.safetensors: only pickled weights are there"),
        (truncate, "model.safetensors", "model.safetensors: it is damaged: it has .* of"),
        (lose_a_weight, "model.safetensors", "model.safetensors: .*q_proj.weight.*not there"),
        (Path.unlink, "processor_config.json", "preprocessor_config.json: not there"),
        (lambda path: path.write_text("[]"), "processor_config.json", "processor_config.json: it is no configuration"),
        (Path.unlink, "tokenizer.json", "tokenizer.json: not there"),
        (Path.unlink, "config.json", "config.json: not there"),
        (of_another_kind, "config.json", "config.json: a model of type llama does not write about pictures"),
    ],
)
def test_what_is_missing_is_named(own: Path, damage: Callable[[Path], object], name: str, said: str) -> None:
    damage(own / name)
    with pytest.raises(ModelMissing, match=rf"VISION_LANGUAGE_MODEL=.*{said}.*: put it into {own}"):
        short(opened(own))
    if damage is not lose_a_weight:  # headers do not tell that
        with pytest.raises(ModelMissing, match=said):
            told(read_settings(vision_language_model=str(own)))


def test_weights_in_several_files(llava: Llava, own: Path) -> None:
    plain = short(llava)
    assert llava.model is not None
    (own / "model.safetensors").unlink()
    llava.model.network.save_pretrained(own, max_shard_size="100KB")
    settings = read_settings(vision_language_model=str(own))
    parts = sorted(own.glob("model-*.safetensors"))
    assert len(parts) > 2 and "llava" in told(settings)
    assert short(opened(own)) == plain
    parts[1].unlink()
    with pytest.raises(ModelMissing, match=f"{parts[1].name}: not there"):
        opened(own)


def test_a_model_that_is_nowhere() -> None:
    with pytest.raises(ModelMissing, match=r"VISION_LANGUAGE_MODEL=/nowhere.*no such folder"):
        opened("/nowhere")
    command = r"`hf download llava-hf/llava-9-7b-hf --include '\*.json' --include '\*.safetensors'"
    with pytest.raises(ModelMissing, match=command):
        opened("llava-hf/llava-9-7b-hf")


def test_a_model_larger_than_memory_is_refused_before_it_is_read(own: Path) -> None:
    size = 400_000_000_000
    header = json.dumps({"w": {"dtype": "F16", "shape": [size // 2], "data_offsets": [0, size]}}).encode()
    with (own / "model.safetensors").open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        try:
            file.truncate(8 + len(header) + size)  # without a block on the disk
        except OSError:
            pytest.skip("this disk has no files with holes of that size")
    with pytest.raises(MemoryShort, match=r"takes 800.0 GB, and .* are free.*USE_8BIT"):
        short(opened(own, device="cpu"))


def test_it_gives_its_memory_back_and_comes_again(llava_folder: Path) -> None:
    llava = opened(llava_folder)
    assert llava.model is None
    plain = short(llava)
    assert llava.model is not None
    llava.unload()
    assert llava.model is None and short(llava) == plain and llava.model is not None


def test_it_leaves_when_it_has_been_idle(llava_folder: Path) -> None:
    llava = opened(llava_folder, unload_after_seconds=0.2)
    plain = short(llava)
    for _ in range(2):
        ends = monotonic() + 20
        while llava.model is not None and monotonic() < ends:
            sleep(0.02)
        assert llava.model is None
        assert short(llava) == plain
    assert opened(llava_folder).engine == llava_folder.name


def test_one_per_process_and_model(llava_folder: Path, own: Path) -> None:
    settings = read_settings(vision_language_model=str(llava_folder))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(open_llava, [settings.model_copy(update={"image_size": 64 * n}) for n in range(1, 9)]))
    assert len({id(each) for each in found}) == 1
    assert open_llava(read_settings(vision_language_model=str(own))) is not found[0]


def test_half_precision(llava_folder: Path) -> None:
    llava = opened(llava_folder, use_fp16=True, device="cpu")
    assert short(llava) and llava.model is not None
    assert llava.model.network.dtype == torch.bfloat16


@pytest.mark.skipif(find_spec("bitsandbytes") is None, reason="bitsandbytes is not installed")
def test_eight_bits(tmp_path: Path) -> None:
    folder = tiny_llava.build(tmp_path / "wide", wide=128)
    llava = opened(folder, use_8bit=True, device="cpu")
    assert short(llava) and llava.model is not None
    weights = dict(llava.model.network.named_parameters())
    small = [name for name, weight in weights.items() if weight.dtype == torch.int8]
    assert small and all("language_model" in name for name in small) and "lm_head.weight" not in small
    assert llava.write(PICTURES, PROMPTS, 8, Event(), prefixes=PREFIXES)


@pytest.mark.skipif(find_spec("bitsandbytes") is not None, reason="bitsandbytes is installed")
def test_eight_bits_need_a_package(llava_folder: Path) -> None:
    with pytest.raises(ModelMissing, match=r"USE_8BIT=true.*`pip install -e"):
        opened(llava_folder, use_8bit=True)
    with pytest.raises(ModelMissing, match="bitsandbytes"):
        told(read_settings(vision_language_model=str(llava_folder), use_8bit=True))


def test_what_is_told_of_it(llava_folder: Path) -> None:
    found = told(read_settings(vision_language_model=str(llava_folder)))
    assert found.startswith(f"{llava_folder.name} (llava) in {llava_folder}: ") and "USE_FP16" in found
    with pytest.raises(ModelMissing, match="no vision-language model is set"):
        told(read_settings())


def test_nothing_is_looked_for_on_the_network(llava_folder: Path) -> None:
    script = (
        "import sys; from threading import Event; from PIL import Image\n"
        "def watch(event, args):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo'): print('network', event, args); raise OSError\n"
        "sys.addaudithook(watch)\n"
        "from core.settings import read_settings\n"
        "from generators.llava.llava import Llava\n"
        f"llava = Llava(read_settings(vision_language_model={str(llava_folder)!r}))\n"
        "print(len(llava.write([Image.new('RGB', (9, 9))], ['a cat'], 3, Event())))\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "1\n" and done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr.strip(), done.stderr
