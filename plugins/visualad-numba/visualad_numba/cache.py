"""The compiled machine on disk: where it lies, and importing the code that Numba compiles.

Numba notices a change in the file of a compiled function but not in those of the functions that it
calls, so the folder is named by a hash of them all.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
import time
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType

FOLDER_VARIABLE = "VISUALAD_NUMBA_CACHE"
LONG_AGO = 30 * 24 * 3600.0  # seconds: older machines of other sources are removed
COMPILED = ("elementary", "kernels", "machine", "opcodes", "products", "updates")  # modules
COMPLETE = "complete"  # this file says that everything is there, for a dtype


@cache
def source_hash() -> str:
    """Names the sources together with the versions that they are compiled with."""
    found = hashlib.sha256()
    for name in COMPILED:
        found.update((Path(__file__).parent / f"{name}.py").read_bytes())
    versions = [metadata.version(name) for name in ("numba", "llvmlite", "numpy")]
    found.update(repr((sys.version, versions)).encode())
    return found.hexdigest()[:16]


def root() -> Path:
    """The folder of all hashes: the user's cache folder, or what VISUALAD_NUMBA_CACHE names."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_dir("visualad", appauthor=False)) / "numba"


@cache
def folder() -> tuple[Path, str]:
    """Where the compiled machine lies, and a sentence if it can be kept for this process only."""
    wanted = root() / source_hash()
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=wanted):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        made = Path(tempfile.mkdtemp(prefix="visualad-numba-"))
        return made, (
            f"The compiled machine cannot be kept in {wanted} ({reason}), so it is compiled anew "
            f"each time; name a folder that can be written in {FOLDER_VARIABLE}."
        )
    return wanted, ""


def is_complete(dtype: str) -> bool:
    """Whether the machine for this dtype is on disk."""
    return (folder()[0] / f"{COMPLETE}-{dtype}").is_file()


def mark_complete(dtype: str) -> None:
    """Say that the machine for this dtype is on disk, and remove old ones of other sources."""
    here = folder()[0]
    (here / f"{COMPLETE}-{dtype}").touch()
    if here.parent == root():
        for other in here.parent.iterdir():
            is_ours = other.is_dir() and len(other.name) == len(here.name) and other != here
            if is_ours and time.time() - other.stat().st_mtime > LONG_AGO:
                shutil.rmtree(other, ignore_errors=True)


def plugin_file(digest: str) -> Path:
    """Where compiled code of a plugin is kept; what nobody has made for long is removed."""
    here = folder()[0]
    for other in here.glob("plugin-*"):
        with contextlib.suppress(OSError):  # another process may have removed it
            if time.time() - other.stat().st_mtime > LONG_AGO:
                other.unlink()
    return here / f"plugin-{digest}.kernel"


def discard() -> None:
    """Forget what is on disk: it cannot be read."""
    here = folder()[0]
    shutil.rmtree(here, ignore_errors=True)
    here.mkdir(parents=True, exist_ok=True)


def machine() -> ModuleType:
    """The module with the compiled functions; importing it takes Numba and half a second."""
    from numba import config

    # Functions take note of the folder when they are defined.
    before = vars(config)["CACHE_DIR"]
    vars(config)["CACHE_DIR"] = str(folder()[0])
    try:
        from visualad_numba import machine as loaded
    finally:
        vars(config)["CACHE_DIR"] = before
    return loaded
