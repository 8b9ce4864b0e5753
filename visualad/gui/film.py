"""A whole sweep as a document to take away: PDF with a page for each step, GIF, MP4 or WebM.

The films need the extra `film`: Pillow and OpenCV.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from visualad.autodiff.steps import CROSS, MODES, Step, Sweep
from visualad.autodiff.sweeps import Seed
from visualad.errors import FileError, VisualADError
from visualad.exchange.reach import require_values
from visualad.graph.atomic_write import reason_of, require_writable, write_atomically
from visualad.graph.model import Graph

if TYPE_CHECKING:
    from visualad.gui.film_stage import Stage, Wanted

ENDINGS = {
    ".pdf": "PDF, one page for each step",
    ".mp4": "MP4 film, for slides",
    ".webm": "WebM film, for web pages",
    ".gif": "GIF film",
}
MOST_STEPS = 2000  # more nobody watches
SECONDS_BEFORE, SECONDS_RESULT, SECONDS_END = 1.0, 0.8, 2.4
_IN_TURN = 4  # contributions that arrive one after the other, as on the canvas
RATES = {".mp4": 20, ".webm": 20, ".gif": 10}  # frames in a second

Progress = Callable[[int, int], object]


class FilmCancelledError(VisualADError):
    """Somebody did not want to wait for a film; nothing was written."""


@dataclass(frozen=True)
class Shot:
    """A picture and how long it is seen.

    Attributes:
        index: step, -1 before the first; progress: how far its pulses have come.
        frames: for how many frames.
    """

    index: int
    progress: float
    frames: int


def write_film(
    source: str | os.PathLike[str] | Graph,
    out: str | os.PathLike[str],
    *,
    mode: str = "backward",
    seed: Seed = None,
    order: str | tuple[str, ...] = "backward",
    theme: str = "light",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """Write the sweep of a graph as `.pdf`, `.gif`, `.mp4` or `.webm`, without a display.

    Args:
        source: a `.vad` file or a graph, with the point stored in its inputs.
        out: written whole or not at all.
        mode: "forward", "backward" or "cross".
        seed: of the mode, as of `sweep`; order: of elimination, in cross mode.
        theme: "light" or "dark".
        progress: told how many of how many pictures are done.
        cancelled: asked before each picture.

    Raises:
        FilmCancelledError: when `cancelled` says so.
        FileError: if the ending is none of these or the file cannot be written.
        VisualADError: if there is no such derivative, or the extra `film` is missing.
    """
    from visualad.graph.file import load

    if theme not in ("light", "dark"):
        raise VisualADError(f"There is no theme '{theme}'; use 'light' or 'dark'.")
    if mode not in MODES:
        raise VisualADError(f"There is no mode '{mode}'; use 'forward', 'backward' or 'cross'.")
    check_ending(Path(out))
    _without_display()
    from visualad.gui.film_stage import Wanted

    graph = source if isinstance(source, Graph) else load(Path(source))
    return draw_film(graph, Wanted(mode, seed, order), Path(out), theme, progress, cancelled)


def draw_film(
    graph: Graph,
    wanted: Wanted,
    path: Path,
    theme: str,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """Write a film in a theme, making an application without a display if there is none.

    Raises:
        See `write_film`.
    """
    _without_display()
    from visualad.gui import theme as themes
    from visualad.gui.app import application

    app = application()
    before = themes.current().name
    themes.set_theme(theme)
    themes.apply(app)
    try:
        return film_of(graph, wanted, path, progress, cancelled)
    finally:
        themes.set_theme(before)


def _without_display() -> None:
    from PySide6.QtCore import QCoreApplication

    if QCoreApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def film_of(
    graph: Graph,
    wanted: Wanted,
    path: Path,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """Write a film in the theme that is shown; needs an application. See `write_film`."""
    from visualad.gui.film_stage import Stage

    suffix = check_ending(path)
    require_values(graph)
    try:
        require_writable(path)
    except OSError as error:
        raise FileError(f"'{path}' cannot be written: {reason_of(error, path)}.") from error
    stage = Stage(graph, wanted)
    try:
        if len(stage.sweep) > MOST_STEPS:
            raise VisualADError(
                f"A film shows up to {MOST_STEPS} steps and this sweep has {len(stage.sweep)}; "
                "write its trace table as .csv instead."
            )
        shots = pages(stage.sweep) if suffix == ".pdf" else timeline(stage.sweep, RATES[suffix])
        content = _writer(suffix)(stage, _played(stage, shots, progress, cancelled))
    except ImportError as error:  # a system library is missing, most likely
        raise VisualADError(f"{suffix} films cannot be written here: {error}.") from error
    except OSError as error:  # in the folder for temporary files
        raise FileError(f"The film cannot be written: {reason_of(error, path)}.") from error
    finally:
        stage.close()
    try:
        write_atomically(path, content)
    except OSError as error:
        raise FileError(f"'{path}' cannot be written: {reason_of(error, path)}.") from error
    return path


def check_ending(path: Path) -> str:
    """The ending in small letters, if a film can be written with it here.

    Raises:
        FileError: if it is none of a film's.
        VisualADError: if what writes it is not installed.
    """
    suffix = path.suffix.lower()
    if suffix not in ENDINGS:
        raise FileError(
            f"A film is written as {', '.join(ENDINGS)}, not as '{path.name}'; change the ending."
        )
    if suffix in RATES:
        module, name, package = (
            ("PIL", "Pillow", "pillow")
            if suffix == ".gif"
            else ("cv2", "OpenCV", "opencv-python-headless")
        )
        if find_spec(module) is None:  # importing it takes long
            raise VisualADError(
                f"{suffix} films are written with {name}, which is not installed: "
                f"pip install {package}."
            )
    return suffix


# What is seen when ----------------------------------------------------------------------------


def pages(sweep: Sweep) -> tuple[Shot, ...]:
    """One for each step, as it stands at its end."""
    return tuple(Shot(index, 1.0, 1) for index in range(len(sweep)))


def timeline(sweep: Sweep, rate: int) -> tuple[Shot, ...]:
    """Every step with its pulses on their way, then a look at its result.

    Args:
        rate: frames in a second.
    """
    shots = [Shot(-1, 1.0, round(SECONDS_BEFORE * rate))]
    last = len(sweep) - 1
    for index in range(len(sweep)):
        count = round(_seconds(sweep[index]) * rate)
        shots += [Shot(index, number / count, 1) for number in range(count)]
        rest = SECONDS_END if index == last else SECONDS_RESULT
        shots.append(Shot(index, 1.0, round(rest * rate)))
    return tuple(shots)


def _seconds(step: Step) -> float:
    """How long the pulses travel; nothing travels in a seed."""
    from visualad.gui.playback import SECONDS_PER_STEP

    count = len(step.fill_ins) if step.mode == CROSS else len(step.terms)
    if not count:
        return 0.0
    return SECONDS_PER_STEP * (1 + 0.5 * (count - 1) if count <= _IN_TURN else 1.0)


def _played(
    stage: Stage,
    shots: tuple[Shot, ...],
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> Iterator[Shot]:
    """Bring the stage to each shot in turn."""
    for number, shot in enumerate(shots):
        if cancelled is not None and cancelled():
            raise FilmCancelledError("The film was cancelled; nothing was written.")
        stage.go_to(shot.index, shot.progress)
        yield shot
        if progress is not None:
            progress(number + 1, len(shots))


def _writer(suffix: str) -> Callable[[Stage, Iterator[Shot]], bytes]:
    from visualad.gui import film_formats, film_video

    if suffix == ".pdf":
        return film_formats.pdf
    if suffix == ".gif":
        return film_formats.gif
    return partial(film_video.video, suffix=suffix)
