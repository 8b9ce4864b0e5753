"""Install the system libraries that Qt's wheels expect the machine to have.

The wheels bring Qt itself but not the libraries of the desktop beneath it (OpenGL, X11, fonts).
Run by ``make`` with the Python that PySide6 is installed in; silent when nothing is missing.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

# What VisualAD loads. The wheel holds more (database drivers, GTK themes) that may stay unusable.
USED_FILES = (
    "Qt*.abi3.so",
    "Qt/plugins/platforms/libq[owx]*.so",
    "Qt/plugins/iconengines/*.so",
    "Qt/plugins/imageformats/*.so",
    "Qt/plugins/platforminputcontexts/*.so",
    "Qt/plugins/wayland-*-client/*.so",
    "Qt/plugins/wayland-shell-integration/*.so",
    "Qt/plugins/xcbglintegrations/*.so",
)

# Every library that these files name and the wheel lacks, beyond libc, and its Debian package.
DEBIAN_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libbrotlicommon.so.1": "libbrotli1",
    "libbrotlidec.so.1": "libbrotli1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}


def main() -> int:
    """Install what is missing or say how. The exit status is 0: tests may still run without."""
    missing = missing_libraries()
    if not missing:
        return 0
    packages = sorted({DEBIAN_PACKAGES[name] for name in missing if name in DEBIAN_PACKAGES})
    unknown = sorted(name for name in missing if name not in DEBIAN_PACKAGES)
    if not packages or shutil.which("apt-get") is None:
        _say(f"Qt needs libraries that this system lacks: {', '.join(sorted(missing))}.")
        return 0
    if unknown:
        _say(f"Qt needs libraries whose package is not known here: {', '.join(unknown)}.")
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if os.geteuid() != 0:
        _say(f"Qt needs libraries that this system lacks; run: sudo {shlex.join(install)}")
        return 0
    _say(f"Installing the libraries that Qt needs: {' '.join(packages)}")
    if not (_run_quietly(["apt-get", "update"]) and _run_quietly(install)):
        _say(f"That failed; run: {shlex.join(install)}")
    return 0


def missing_libraries() -> set[str]:
    """Names of the shared libraries that the dynamic linker does not find; empty off Linux."""
    if not sys.platform.startswith("linux") or shutil.which("ldd") is None:
        return set()
    package = importlib.util.find_spec("PySide6")
    if package is None or package.origin is None:
        return set()
    folder = Path(package.origin).parent
    files = [file for pattern in USED_FILES for file in sorted(folder.glob(pattern))]
    if not files:
        return set()
    report = subprocess.run(["ldd", *files], capture_output=True, text=True, check=False)
    return missing_in(report.stdout.splitlines())


def missing_in(ldd_lines: Iterable[str]) -> set[str]:
    """Read the output of ldd. Parts of Qt itself are absent from the Essentials on purpose."""
    names = (re.match(r"\s*(\S+) => not found", line) for line in ldd_lines)
    return {found[1] for found in names if found and not found[1].startswith("libQt6")}


def _run_quietly(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    patient = [command[0], "-qq", "-o", "DPkg::Lock::Timeout=300", *command[1:]]
    result = subprocess.run(
        patient,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        _say(result.stdout.strip())
    return result.returncode == 0


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
