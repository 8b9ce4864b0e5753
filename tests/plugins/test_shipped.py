"""The distributions in plugins/ cost nothing while nobody uses them."""

from __future__ import annotations

import subprocess
import sys

import pytest


def test_loading_the_numba_backend_imports_no_numba() -> None:
    pytest.importorskip("visualad_numba")
    code = (
        "import sys, visualad; from visualad.plugins import load_plugins; load_plugins();"
        "assert 'visualad_numba' in sys.modules;"
        "print(*({'numba', 'scipy', 'llvmlite'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
