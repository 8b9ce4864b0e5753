"""PyTorch does not heed every variable of the environment; this makes it use as many as all do."""

from __future__ import annotations

import os
from typing import Any


def pytorch() -> Any:
    """The library, told how many threads it may use."""
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(int(os.environ.get("BENCHMARK_THREADS", "1")))
    return torch
