"""Sampling options of the command line: those that diffusion takes, two of them the painter as well."""

from __future__ import annotations

from collections.abc import Callable

import click

_OPTIONS: tuple[tuple[str, type, str], ...] = (
    ("--negative-prompt", str, "What it shall not look like."),
    ("--num-inference-steps", int, "[default: NUM_INFERENCE_STEPS, 20]"),
    ("--guidance-scale", float, "How closely it keeps to the prompt.  [default: 7.5]"),
    ("--controlnet-conditioning-scale", float, "To the sketch's lines, also by the painter.  [default: 1.5]"),
    ("--ip-adapter-scale", float, "To the style, also by the painter.  [default: 0.8]"),
    ("--style-mode", str, "What is taken of the style: full, style or composition.  [default: full]"),
    ("--control-guidance-start", float, "Share of the steps from which lines hold.  [default: 0]"),
    ("--control-guidance-end", float, "Share of the steps up to which they do.  [default: 1]"),
    ("--strength", float, "Begin with the sketch's own colours; 1 keeps none."),
    ("--scheduler", str, "ddim, dpm++2m, euler, euler-a, unipc or lcm.  [default: dpm++2m]"),
)


def sampling_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of diffusion."""
    for name, kind, told in reversed(_OPTIONS):
        command = click.option(name, type=kind, help=told)(command)
    return command
