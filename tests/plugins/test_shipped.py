"""The distributions in plugins/ use the public names of VisualAD alone, and cost nothing unused."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[2] / "plugins"
PUBLIC = {"visualad", "visualad.plugin", "visualad.testing"}
SOURCES = sorted(PLUGINS.glob("visualad-*/visualad_*/*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_shipped_plugin_imports_only_what_is_public(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    names += [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    ours = {name for name in names if name.split(".")[0] == "visualad"}
    assert ours <= PUBLIC


def test_loading_the_numba_backend_imports_no_numba() -> None:
    pytest.importorskip("visualad_numba")
    code = (
        "import sys, visualad; from visualad.plugins import load_plugins; load_plugins();"
        "assert 'visualad_numba' in sys.modules;"
        "print(*({'numba', 'scipy', 'llvmlite'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
