"""Installs what the benchmarks compare with: the dependency group "bench" and our own backends.

Run by `make bench` with the Python of the environment that is to have them.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> int:
    """Install; a peer that cannot be had is left out and the tables say so."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for peer in groups["dependency-groups"]["bench"]:
        if subprocess.run([*pip, peer], check=False).returncode:
            sys.stderr.write(f"{peer} cannot be installed here and is left out.\n")
    for backend in sorted(ROOT.glob("plugins/*/pyproject.toml")):
        # Without its dependencies: what it needs for real use is among the peers.
        subprocess.run([*pip, "--no-deps", "-e", str(backend.parent)], check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
