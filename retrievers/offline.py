"""Offline: OpenVINO without its usage reports, which it would send over the network whenever it is imported."""

import sys

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # absent, so a stub of its own takes over

import openvino  # noqa: E402

__all__ = ["openvino"]
