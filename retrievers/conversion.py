"""Conversion: a sentence-transformers BERT encoder from its safetensors into an OpenVINO model, once.

Runs as a process of its own (`python -m retrievers.conversion SOURCE TARGET`): the process that serves never imports
torch, whose 200 MB it would carry for good.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from transformers import BertModel

from retrievers.offline import openvino


class MeanPooled(torch.nn.Module):
    """Token states averaged under the attention mask and normalised, as all-MiniLM-L6-v2 was trained (SBERT 2019)."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Token ids and mask of shape (batch, tokens) -> unit vectors of shape (batch, dimension)."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weights = attention_mask.unsqueeze(-1).to(states.dtype)
        return torch.nn.functional.normalize((states * weights).sum(1) / weights.sum(1), dim=-1)


def convert(source: Path, target: Path) -> None:
    """Write `target` (an .xml, with a .bin of the weights beside it) from the model folder `source`."""
    encoder = BertModel.from_pretrained(source, add_pooling_layer=False, local_files_only=True)
    encoder.train(False)
    example = torch.ones(2, 9, dtype=torch.int64)
    model = openvino.convert_model(MeanPooled(encoder), example_input={"input_ids": example, "attention_mask": example})
    openvino.save_model(model, target, compress_to_fp16=False)


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
