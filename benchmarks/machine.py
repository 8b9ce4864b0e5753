"""What the figures hold for: the processor, the versions and how busy the machine is."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

PEERS = ("numpy", "numba", "torch", "jax", "autograd", "mygrad", "micrograd")
ON_A_GPU = ("numba-cuda", "cupy-cuda12x", "cupy-cuda13x")


def machine() -> str:
    """The processor and the Python that the figures hold for."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        model = platform.processor() or platform.machine()
    cores = f"{os.cpu_count()} cores"
    return f"{model}, {cores}, {platform.system()}, Python {platform.python_version()}"


def gpu() -> str:
    """The first NVIDIA GPU and its driver; empty where there is none."""
    query = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader", "--id=0"]
    try:
        found = subprocess.run(query, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return ""
    name, _, driver = found.stdout.strip().partition(", ")
    return f"{name}, driver {driver}"


def versions() -> dict[str, str]:
    """Of the libraries that are compared, where they are installed."""
    found = {}
    for name in (*PEERS, *ON_A_GPU):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def load() -> float | None:
    """Average number of programs that want to run, over the last minute."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
