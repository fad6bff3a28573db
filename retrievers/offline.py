"""Offline: OpenVINO without its usage reports, which it would send over the network whenever it is imported.

Its tables of types are filled here, while nobody else can ask for them: two threads that are the first to need them
wait for each other for ever, one with the table's lock, one with the interpreter's.
"""

import sys

sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # absent, so a stub of its own takes over

import numpy as np  # noqa: E402
import openvino  # noqa: E402

openvino.Tensor(np.zeros(1, np.int64), shared_memory=True).get_element_type().to_dtype()

__all__ = ["openvino"]
