"""Model: a LLaVA loaded on its device, with the processor that belongs to it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import torch
from transformers import AutoModelForImageTextToText, AutoProcessor, BitsAndBytesConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
from transformers.utils import logging as transformers_logging

from core.errors import ModelMissing
from core.settings import Settings
from generators.checkpoints import Checkpoint, refusing_to_load, shown
from generators.device import device_of, dtype_of, free_bytes, in_memory
from generators.llava.checkpoint import CONFIG, PROCESSORS, SETTING, numbers
from generators.llava.failures import telling_shortage
from generators.writing import MemoryShort

CLIP = "clip_vision_model"
# What sees, and what is small beside the rest, keeps its precision with USE_8BIT; patterns of whole names.
KEPT = [rf"(.*\.)?{part}" for part in ("lm_head", "vision_tower", "vision_model", "visual", "multi_modal_projector")]

log = logging.getLogger("atelier")


@dataclass(frozen=True)
class Square:
    """What a processor keeps of a picture that it crops: a square, which is filled up around the whole picture."""

    side: int  # px
    colour: tuple[int, int, int]  # the mean that the processor takes away


@dataclass(frozen=True)
class Model:
    """Weights and what goes with them; used by one thread at a time."""

    name: str
    network: Any
    processor: Any
    tokenizer: Any
    device: torch.device
    dtype: torch.dtype
    longest: int | None  # tokens of question and answer together
    ends: frozenset[int]  # tokens that end an answer
    barred: frozenset[int]  # tokens that no answer has: marks of pictures, roles and padding
    pad: int
    square: Square | None  # None: the processor looks at the whole of a picture


def check_kind(checkpoint: Checkpoint) -> str:
    """The kind of model that a folder has. Raises `ModelMissing` for one that sees nothing, or writes otherwise."""
    config = checkpoint.config(CONFIG)
    kind = str(config["model_type"])
    if kind not in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES:
        raise checkpoint.missing(CONFIG, f"a model of type {kind} does not write about pictures")
    if config.get("is_encoder_decoder"):
        raise checkpoint.missing(CONFIG, f"a model of type {kind} cannot go on with an answer that is begun for it")
    return kind


def check_8bit(settings: Settings) -> None:
    """Raise `ModelMissing` where USE_8BIT is on and what it needs is not installed."""
    if settings.use_8bit and find_spec("bitsandbytes") is None:
        remedy = "run `pip install -e .[bitsandbytes]`, or set USE_8BIT=false"
        raise ModelMissing("USE_8BIT=true", "the package bitsandbytes is not installed", remedy)


def load(checkpoint: Checkpoint, settings: Settings) -> Model:
    """Load it as DEVICE, USE_FP16 and USE_8BIT say. Raises `ModelMissing`, `BadSetting` and `MemoryShort`."""
    check_kind(checkpoint)
    check_8bit(settings)
    device = device_of(settings.device)
    dtype = dtype_of(device, settings.use_fp16)
    half = dtype != torch.float32
    messages: Any = transformers_logging
    messages.disable_progress_bar()
    messages.set_verbosity_error()  # it warns of what is done on purpose here
    _check_room(checkpoint, device, 1 if settings.use_8bit else dtype.itemsize, half)
    log.info("loading %s on %s", shown(checkpoint.name), device)
    processor = _processor(checkpoint)
    network = _network(checkpoint, device, dtype, settings.use_8bit)
    tokenizer = processor.tokenizer
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    ends = _ends(network, tokenizer)
    marks = {*tokenizer.all_special_ids, getattr(network.config, "image_token_id", None)} - {None}
    return Model(
        name=shown(checkpoint.name),
        network=network,
        processor=processor,
        tokenizer=tokenizer,
        device=device,
        dtype=dtype,
        longest=getattr(network.config.get_text_config(), "max_position_embeddings", None),
        ends=ends,
        barred=frozenset(marks - ends),
        pad=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else min(ends, default=0),
        square=_square(processor.image_processor),
    )


def _check_room(checkpoint: Checkpoint, device: torch.device, itemsize: int, half: bool) -> None:
    """Refuse what cannot fit: a system that is short of memory ends processes without a word."""
    wanted, free = numbers(checkpoint, half) * itemsize, free_bytes(device)
    if free is not None and wanted > free:
        doing = f"loading {shown(checkpoint.name)}: it takes {wanted / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free"
        raise MemoryShort(str(device), doing)


def _processor(checkpoint: Checkpoint) -> Any:
    torchvision = find_spec("torchvision") is not None
    how: dict[str, Any] = {} if torchvision else {"backend": "pil"}  # else it warns, and takes that
    how |= {"local_files_only": True, "trust_remote_code": False}  # without the second it asks on the terminal
    opened: Any = AutoProcessor
    with refusing_to_load(checkpoint, "its processor"):
        try:
            processor = opened.from_pretrained(checkpoint.folder, **how)
        except ImportError as error:
            package = "torchvision" if not torchvision else "what it names"
            reason = f"its processor needs a package: {(str(error).strip().splitlines() or [''])[0]}"
            raise ModelMissing(f"{SETTING}={checkpoint.name}", reason, f"run `pip install {package}`") from error
    if getattr(processor, "image_processor", None) is None or getattr(processor, "tokenizer", None) is None:
        raise checkpoint.missing(PROCESSORS[1], "not there, and it says how a picture is taken")
    config = checkpoint.config(CONFIG)
    # Older LLaVAs have these in the model's configuration alone.
    if getattr(processor, "patch_size", 0) is None:
        vision = config.get("vision_config", {})
        processor.patch_size = vision.get("patch_size", 14)
        processor.num_additional_image_tokens = int(vision.get("model_type", CLIP) == CLIP)  # it has a class token
    if getattr(processor, "vision_feature_select_strategy", "") is None:
        processor.vision_feature_select_strategy = config.get("vision_feature_select_strategy", "default")
    return processor


def _network(checkpoint: Checkpoint, device: torch.device, dtype: torch.dtype, in_8bit: bool) -> Any:
    how: dict[str, Any] = {"dtype": dtype, "variant": checkpoint.variant("", "model", dtype != torch.float32)}
    if device.type != "cpu" or in_8bit:
        how["device_map"] = {"": str(device)}  # straight there, and not by way of the CPU's memory
    if in_8bit and "quantization_config" not in checkpoint.config(CONFIG):
        quantised: Any = BitsAndBytesConfig
        logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)  # of every product, its casts
        how["quantization_config"] = quantised(load_in_8bit=True, llm_int8_skip_modules=KEPT)
    how |= {"local_files_only": True, "trust_remote_code": False, "use_safetensors": True}
    how |= {"output_loading_info": True, "ignore_mismatched_sizes": True}  # which is told, and refused below
    with refusing_to_load(checkpoint, "its weights"), telling_shortage(str(device), "loading the model"):
        opened: Any = AutoModelForImageTextToText.from_pretrained(checkpoint.folder, **how)
        network, told = opened
        # The library would fill these with random numbers.
        wrong = [*map(str, told["missing_keys"]), *(str(key[0]) for key in told["mismatched_keys"])]
        if wrong:
            reason = f"{wrong[0]} and {len(wrong) - 1:,} others are not there, or of another shape"
            raise checkpoint.missing("model.safetensors", reason)
        network.requires_grad_(False).eval()
        return network if in_8bit else in_memory(network)


def _ends(network: Any, tokenizer: Any) -> frozenset[int]:
    told = network.generation_config.eos_token_id
    several = told if isinstance(told, list) else [told]
    return frozenset(int(token) for token in (*several, tokenizer.eos_token_id) if token is not None)


def _square(image_processor: Any) -> Square | None:
    if not getattr(image_processor, "do_center_crop", False):
        return None
    crop, mean = image_processor.crop_size, image_processor.image_mean
    red, green, blue = (round(255 * share) for share in mean)
    return Square(min(crop["height"], crop["width"]), (red, green, blue))
