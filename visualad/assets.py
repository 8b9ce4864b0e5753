"""Where the icons, fonts and example graphs that come with VisualAD are found."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
# A wheel carries the folder inside the package; a checkout has it beside the package.
_FOLDERS = (_PACKAGE / "_assets", _PACKAGE.parent / "assets")


def asset(name: str) -> Path:
    """Return the path of a file or folder in assets/, such as "icons/open.svg".

    Raises FileNotFoundError when there is none.
    """
    for folder in _FOLDERS:
        path = folder / name
        if path.exists():
            return path
    raise FileNotFoundError(f"VisualAD has no asset {name!r}; reinstalling it may help.")
