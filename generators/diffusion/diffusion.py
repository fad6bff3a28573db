"""Diffusion: pictures from words, a sketch and style references, by Stable Diffusion, ControlNet and IP-Adapter.

    order ─ words, styles, sketch, noise (caller's thread) ─ Row ─ denoising (shared) ─ decoding (caller's thread)

What is a request's own is made in its caller's thread; the networks that are run step by step are shared, and run by
one thread for all requests together (batcher.py).
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image, ImageDraw

from core.colours import Array
from core.errors import BadSetting
from core.settings import Settings
from generators.diffusion.autoencoder import Autoencoder
from generators.diffusion.batcher import Batcher
from generators.diffusion.denoiser import Denoiser
from generators.diffusion.failures import translated
from generators.diffusion.noise import begin, steps_of
from generators.diffusion.pipeline import Pipeline, load
from generators.diffusion.previews import Previews
from generators.diffusion.prompts import Prompts
from generators.diffusion.rows import Branch, Row
from generators.diffusion.safety import SafetyChecker
from generators.diffusion.schedulers import make_scheduler
from generators.diffusion.styles import Styles
from generators.edges import read_sketch
from generators.orders import OutOfMemory, Painting, PaintingFailed, PaintOrder, Previewing, Progress, Sampling

DENOISED = 0.92  # share of the time that is gone when a picture is denoised
PREPARED = 0.03


class Diffusion:
    """Thread-safe: any number of callers at once, each in its own thread, all in the same forward passes."""

    together = True

    def __init__(self, settings: Settings) -> None:
        self.pipeline: Pipeline = load(settings)
        self.engine = f"diffusion 1.0 ({self.pipeline.name})"
        self.denoiser = Denoiser(self.pipeline)
        self.batcher = Batcher(self.pipeline, self.denoiser, settings.max_batch_rows)
        self._prompts = Prompts(self.pipeline)
        self._styles = Styles(self.pipeline, settings.data_dir / "style-embeds")
        self.autoencoder = Autoencoder(self.pipeline)
        self.previews = Previews(self.autoencoder)
        self._safety = SafetyChecker(self.pipeline) if settings.safety_checker else None

        if settings.compile:
            self._warm_up(settings.image_size)

    def _warm_up(self, size: int) -> None:
        """Have the networks compiled before anybody waits: for several lines at once, and for one, which is apart.

        All sizes and all widths of a batch above one share what is compiled; so do pictures with and without a style.
        Raises `BadSetting` where it cannot be compiled.
        """
        page = Image.new("RGB", (size, size), "white")
        ImageDraw.Draw(page).line((0, 0, size, size), "black", 4)
        pipeline = self.pipeline
        shape = (1, 1, 1, pipeline.style_width) if pipeline.adapter.hidden else (1, 1, pipeline.style_width)
        for guidance_scale in (7.5, 1.0):
            sampling = Sampling(num_inference_steps=1, guidance_scale=guidance_scale, scheduler="euler")
            row = self.row(PaintOrder(read_sketch(page, size), (), sampling=sampling))
            for branch in row.branches:
                branch.style = torch.zeros(shape, dtype=pipeline.dtype, device=pipeline.device)
            try:
                self.batcher.run(row, _unheard)
            except OutOfMemory:
                raise
            except PaintingFailed as error:
                reason = f"the networks cannot be compiled, on a processor for want of a C++ compiler: {error.message}"
                raise BadSetting("COMPILE", "true", reason) from error

    def paint(self, order: PaintOrder, progress: Progress | None = None) -> Painting:
        """The picture of an order, as large as its edges.

        The same order gives the same picture, whatever runs beside it, but for the last bits of its numbers: sums over
        a larger batch are added up in another order. Raises `PaintingFailed` and its kinds, and `PictureWithheld`.
        """
        pixels, notes = self.pixels(order, progress)
        picture = Image.fromarray((pixels * 255).round().astype(np.uint8))
        if self._safety is not None:
            with translated(self.pipeline.device, "checking the picture"):
                self._safety.check(picture)
        return Painting(picture, self.engine, notes, self.pipeline.models)

    def pixels(self, order: PaintOrder, progress: Progress | None = None) -> tuple[Array, tuple[str, ...]]:
        """The picture before it is rounded to eight bits, of shape (h, w, 3), 0..1, with notes."""
        tell = _silent if progress is None else progress
        total = steps_of(order.sampling or Sampling()) + 2
        tell("style", 0, total, 0.0)
        with translated(self.pipeline.device, "preparing the picture"):
            row = self.row(order)

        shown = 0

        def report(step: int) -> None:
            nonlocal shown
            tell("denoising", 1 + step, total, PREPARED + (DENOISED - PREPARED) * step / row.total)
            if self._safety is not None:  # nobody has checked what a preview shows
                return
            if isinstance(progress, Previewing) and step > shown and row.clean is not None:
                shown = step
                with translated(self.pipeline.device, "making a preview"):
                    picture = self.previews.picture(row.clean)
                progress.preview(picture)

        self.batcher.run(row, report)
        tell("finish", total - 1, total, DENOISED)
        pixels, notes = self.autoencoder.decode(row.latents)
        tell("finish", total, total, 1.0)
        return pixels, row.notes + notes

    @torch.inference_mode()
    def row(self, order: PaintOrder) -> Row:
        """An order ready to be denoised."""
        sampling = order.sampling or Sampling()
        self.denoiser.check_mode(sampling.style_mode)
        pipeline = self.pipeline
        scheduler = make_scheduler(sampling.scheduler, pipeline.scheduler)
        scheduler.set_timesteps(sampling.num_inference_steps, device=pipeline.device)
        width, height = order.edges.page.size
        generator = torch.Generator("cpu").manual_seed(order.seed)
        latents, timesteps = begin(sampling, order.edges.page, scheduler, generator, self.autoencoder)
        row = Row(
            sampling=sampling,
            size=(height, width),
            latents=latents,
            scheduler=scheduler,
            timesteps=timesteps,
            generator=generator,
            control=self._control(order, sampling),
        )
        style = self._styles(order.references) if sampling.ip_adapter_scale else None
        towards = Branch(row, self._prompts(order.prompt), None if style is None else style[1])
        away = Branch(row, self._prompts(sampling.negative_prompt, True), None if style is None else style[0])
        row.branches = (away, towards) if sampling.guidance_scale > 1 else (towards,)
        return row

    def _control(self, order: PaintOrder, sampling: Sampling) -> torch.Tensor | None:
        """The edges embedded as ControlNet takes them; None where there are none to follow."""
        if not sampling.controlnet_conditioning_scale or order.edges.canny.getbbox() is None:
            return None
        pipeline = self.pipeline
        edges = torch.from_numpy(np.asarray(order.edges.canny.convert("RGB"), np.float32) / 255)
        picture = edges.permute(2, 0, 1)[None].to(pipeline.device, pipeline.dtype)
        embedded: torch.Tensor = pipeline.control_embedding(picture)
        return embedded


def _unheard(step: int) -> None:
    pass


def _silent(stage: str, step: int, total: int, done: float) -> None:
    pass
