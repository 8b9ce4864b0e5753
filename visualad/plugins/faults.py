"""Why a plugin could not be loaded, in one sentence."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable
from pathlib import Path

from visualad.errors import PluginError
from visualad.graph.placeholders import set_absent
from visualad.plugins.places import source_of
from visualad.plugins.records import FAILED, LOADED, Plugin

LONGEST_DETAIL = 20_000  # characters of a traceback

# Where the package that is imported is called otherwise when it is installed.
_DISTRIBUTIONS = {
    "cv2": "opencv-python-headless",
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "yaml": "pyyaml",
    "bs4": "beautifulsoup4",
    "cupy": "cupy-cuda12x",
}


def sentence(name: str, origin: str, error: BaseException) -> str:
    """What went wrong with the plugin of this name from this file or distribution."""
    if isinstance(error, KeyboardInterrupt):
        return f"The plugin '{name}' was stopped while it was loading."
    reason = " ".join(str(error).split()).removesuffix(".") or "it gave no reason"
    if isinstance(error, PluginError):
        return f"Plugin '{name}': {reason}."
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        if package != "visualad":
            wanted = _DISTRIBUTIONS.get(package, package)
            return (
                f"The plugin '{name}' needs the package '{package}', which is not installed: "
                f"pip install {wanted}."
            )
    where = _line_in(origin, error)
    if isinstance(error, SyntaxError):
        reason = error.msg  # its line is told already
    return f"The plugin '{name}' failed{where} with {type(error).__name__}: {reason}."


def note_absent(plugins: Iterable[Plugin]) -> None:
    """Let placeholders say which plugin would provide them: one that failed or is switched off."""
    set_absent((_words_in(p.origin), _why(p)) for p in plugins if p.is_file and p.status != LOADED)


def _why(plugin: Plugin) -> str:
    if plugin.status == FAILED:
        return plugin.error
    return f"The plugin '{plugin.name}' is switched off; enable it in Plugins > Show Plugins."


def _words_in(origin: str) -> set[str]:
    """The words of a plugin's source, which is not run."""
    try:
        source = source_of(Path(origin)).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    return set(re.findall(r"\w+", source))


def detail(error: BaseException) -> str:
    """The traceback."""
    return "".join(traceback.format_exception(error))[-LONGEST_DETAIL:]


def _line_in(origin: str, error: BaseException) -> str:
    """The last line of the plugin's own file on the way to the error."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == origin:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == origin:
        line = error.lineno or 0
    return f" in line {line}" if line else ""
