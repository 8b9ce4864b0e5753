"""`backends` and `doctor`: what this installation has."""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import os
import platform
import sys
from collections.abc import Mapping

from visualad import __version__
from visualad.cli.output import print_json, print_line, print_table
from visualad.cli.plugins import load_for
from visualad.compatibility import check_qt_version

REQUIRED = (
    "numpy",
    "msgspec",
    "platformdirs",
    "rich",
    "PySide6-Essentials",
    "pyqtgraph",
    "ziamath",
    "latex2mathml",
)
OPTIONAL = ("numba", "scipy", "distributed", "pillow", "opencv-python-headless")
# Libraries that Qt loads at its start on Linux, by the packages of Debian that bring them.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
}
# And for a window under X11; without one of them Qt ends the process with an abort.
X11_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def backends(options: argparse.Namespace) -> None:
    """List what can compute, and whether it can do so here."""
    from visualad.engine.backend import absent_backends
    from visualad.engine.backend import backends as known

    load_for(options)
    found = known()
    absent = absent_backends()
    if options.json:
        print_json(
            {
                "backends": [
                    {
                        "name": backend.name,
                        "available": backend.is_available(),
                        "description": backend.description,
                    }
                    for backend in found
                ]
                + [
                    {"name": name, "available": False, "description": command}
                    for name, command in absent.items()
                ]
            }
        )
        return
    print_table(
        "Backends",
        ("name", "here", "description"),
        (
            *((b.name, "yes" if b.is_available() else "no", b.description) for b in found),
            *((name, "no", command) for name, command in absent.items()),
        ),
    )


def doctor(options: argparse.Namespace) -> int:
    """Say what is here, what is missing and what to do; the status is 1 when something must."""
    rows = [
        _python(),
        *(_distribution(name, required=True) for name in REQUIRED),
        _qt(),
        *_libraries(),
        _display(),
        *(_distribution(name, required=False) for name in OPTIONAL),
        *_plugins(options),
    ]
    fine = all(state != "missing" for _, state, _ in rows)
    if options.json:
        checks = [{"name": n, "state": s, "detail": d} for n, s, d in rows]
        print_json({"version": __version__, "ok": fine, "checks": checks})
    else:
        print_table(f"VisualAD {__version__}", ("what", "state", "detail"), rows)
        print_line("Everything that is needed is here." if fine else "Something is missing.")
    return 0 if fine else 1


Row = tuple[str, str, str]  # what, "ok" | "missing" | "absent" | "note", detail


def _python() -> Row:
    system = f"{platform.system()} {platform.machine()}"
    return "Python", "ok", f"{platform.python_version()} on {system}"


def _distribution(name: str, *, required: bool) -> Row:
    from importlib import metadata  # late: the window is asked for here too

    try:
        return name, "ok", metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
    if not required:
        return name, "absent", "optional"
    return name, "missing", f"pip install {name}"


def _qt() -> Row:
    sentence = check_qt_version()
    if sentence is not None:
        return "Qt with this Python", "missing", sentence
    if importlib.util.find_spec("PySide6") is None:
        return "Qt with this Python", "missing", "the window needs PySide6-Essentials"
    return "Qt with this Python", "ok", "compatible"


def why_no_window() -> str:
    """In one sentence why no window can open here, or "" when it can."""
    if not has_display():
        return "There is no display for the window here"
    uses_x11 = bool(os.environ.get("DISPLAY")) and not os.environ.get("WAYLAND_DISPLAY")
    if sys.platform != "linux" or not uses_x11 or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    packages = missing_packages({**QT_LIBRARIES, **X11_LIBRARIES})
    return f"The window needs {', '.join(packages)}, to be installed" if packages else ""


def missing_packages(libraries: Mapping[str, str]) -> list[str]:
    """The packages of those libraries that cannot be loaded."""
    missing = []
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def _libraries() -> list[Row]:
    if sys.platform != "linux":
        return []
    rows = [_library_row("libraries for pictures", missing_packages(QT_LIBRARIES))]
    if os.environ.get("DISPLAY"):
        rows.append(_library_row("libraries for X11", missing_packages(X11_LIBRARIES)))
    return rows


def _library_row(what: str, missing: list[str]) -> Row:
    if not missing:
        return what, "ok", "all found"
    return what, "missing", f"apt install {' '.join(missing)}, or the like on other systems"


def _display() -> Row:
    if has_display():
        return "display", "ok", os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY", "")
    return "display", "note", "none: the window cannot open, visualad screenshot works"


def has_display() -> bool:
    """Whether a window can open here."""
    if sys.platform != "linux":
        return True
    offscreen = os.environ.get("QT_QPA_PLATFORM", "") in ("offscreen", "minimal", "vnc")
    return offscreen or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _plugins(options: argparse.Namespace) -> list[Row]:
    return [
        (f"plugin {plugin.name}", "note" if plugin.error else "ok", plugin.error or plugin.origin)
        for plugin in load_for(options, quiet=True)
    ]
