"""Safety: the checker that comes with a checkpoint, run on every picture where SAFETY_CHECKER is on."""

from __future__ import annotations

from typing import Any

import torch
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from PIL import Image
from transformers import CLIPImageProcessorPil

from generators.checkpoints import refusing_to_load
from generators.device import in_memory
from generators.diffusion.pipeline import Pipeline, component
from generators.orders import PictureWithheld


class SafetyChecker:
    """Raises `ModelMissing` where the checkpoint has no checker, as SDXL's has none."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._device, self._dtype = pipeline.device, pipeline.dtype
        model, half = pipeline.checkpoint, pipeline.dtype != torch.float32
        checker = component(model, StableDiffusionSafetyChecker, "safety_checker", "model", pipeline.dtype, half)
        self._checker: Any = in_memory(checker.eval().to(pipeline.device))
        self._offload = pipeline.offload
        self._offload.add(self._checker)
        settings = model.file("feature_extractor/preprocessor_config.json")
        with refusing_to_load(model, "feature_extractor"):
            self._extractor: Any = CLIPImageProcessorPil.from_pretrained(settings.parent, local_files_only=True)

    @torch.inference_mode()
    def check(self, picture: Image.Image) -> None:
        """Raise `PictureWithheld` for a picture that the checker flags."""
        seen = self._extractor(picture, return_tensors="pt").pixel_values.to(self._device, self._dtype)
        with self._offload.at_home(self._checker):
            _, flagged = self._checker(images=torch.zeros(1, 3, 1, 1), clip_input=seen)  # blackens what it is handed
        if any(flagged):
            raise PictureWithheld
