"""Install the system libraries that Qt's wheels expect the machine to have.

The wheels bring Qt itself but not the libraries of the desktop beneath it (OpenGL, X11, fonts).
Nothing is printed when nothing is missing.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

# What PySide6-Essentials links to beyond the C and C++ runtimes, and the Debian package of each.
DEBIAN_PACKAGES: dict[str, str] = {}


def main() -> int:
    return 0


if __name__ == "__main__":
    sys.exit(main())
