"""`convert`, `screenshot` and the window: graphs to files and pictures."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from visualad.cli.arguments import UsageError
from visualad.cli.output import console, print_json, print_line
from visualad.cli.sources import is_file, read_graph, with_point
from visualad.cli.wishes import order_wish, seed_wish
from visualad.compatibility import check_qt_version
from visualad.errors import FileError, VisualADError
from visualad.graph.model import Graph
from visualad.lessons.exercise import with_exercise
from visualad.lessons.secrets import TELLS_NOTHING, has_secrets

# What the window's drawing is needed for.
PICTURES = (".png", ".pdf")
FILMS = (".gif", ".mp4", ".webm")


def convert(options: argparse.Namespace) -> None:
    """Write a graph, its trace table or its sweep in the format that the target's name ends in."""
    from visualad.exchange.formats import FORMATS, Request, write

    graph = with_point(options, read_graph(options, options.source))
    target = Path(options.target)
    if options.to is not None:
        _write_program(options, graph)
        return
    suffix = target.suffix.lower()
    has_questions = has_secrets(graph)
    if has_questions and not options.with_answers:
        _keep_secrets(options, suffix)
    elif has_questions and suffix != ".vad":
        graph, has_questions = with_exercise(graph, None), False
    if options.style and suffix != ".py":
        raise UsageError("--style is for .py files.")
    as_on_canvas = suffix == ".svg" and (options.mode or options.step is not None or has_questions)
    if suffix in (*PICTURES, *FILMS) or as_on_canvas:
        _draw(options, graph, target)
    elif suffix in FORMATS:
        if suffix == ".tex" and options.what in (None, "graph"):
            _require_mode(options)
        else:
            _refuse_step(options)
        wanted = Request(
            options.what or "",
            options.mode,
            order_wish(options),
            step=options.step,
            style=options.style or "",
            seed=seed_wish(options),
        )
        write(graph, target, wanted)
    else:
        raise FileError(
            f"'{target.name}' ends in no format that can be written; these are "
            f"{', '.join((*FORMATS, *PICTURES, *FILMS))}."
        )
    _wrote(options, target)


def _keep_secrets(options: argparse.Namespace, suffix: str) -> None:
    """Refuse what would tell the answers that an exercise asks for, as the window does."""
    from visualad.exchange.formats import FORMATS

    film = options.what == "sweep" or (
        suffix == ".pdf" and options.what is None and options.mode and options.step is None
    )
    tells = suffix in (*FORMATS, *FILMS) and suffix not in TELLS_NOTHING
    if film or tells:
        raise FileError(
            f"'{Path(options.target).name}' would tell what the exercise in "
            f"'{Path(options.source).name}' asks for; use a picture (.png, .svg), where it is a "
            "question mark, or add --with-answers if the exercise is yours."
        )


def _write_program(options: argparse.Namespace, graph: Graph) -> None:
    """A folder with a PyTorch program that trains the graph on many processes."""
    from visualad.exchange.torch_ddp import write_torch_ddp

    written = write_torch_ddp(graph, options.target)
    if options.json:
        print_json({"wrote": [str(path) for path in written]})
    else:
        print_line(f"Wrote {', '.join(path.name for path in written)} into {options.target}.")


def _draw(options: argparse.Namespace, graph: Graph, target: Path) -> None:
    """A picture as on the canvas, or a film of the whole sweep."""
    suffix = target.suffix.lower()
    what = options.what
    if what is None:
        films = suffix in FILMS or (suffix == ".pdf" and options.mode and options.step is None)
        what = "sweep" if films else "graph"
    if what == "sweep" and suffix in (*FILMS, ".pdf"):
        _refuse_step(options)
        with _film_progress(options) as progress:
            write_offscreen(
                graph,
                target,
                film=True,
                theme=options.theme,
                mode=options.mode or "backward",
                seed=seed_wish(options),
                order=order_wish(options),
                progress=progress,
            )
    elif what == "graph" and suffix not in FILMS:
        _require_mode(options)
        write_offscreen(
            graph,
            target,
            kind="graph",
            theme=options.theme,
            mode=options.mode,
            seed=seed_wish(options),
            order=order_wish(options),
            step=options.step,
        )
    else:
        endings = {"graph": ".svg, .png or .pdf", "sweep": ".html, .pdf, .gif, .mp4 or .webm"}
        raise FileError(
            f"A {suffix} file does not show a {what}; use {endings.get(what, '.csv, .md or .tex')}."
        )


@contextmanager
def _film_progress(options: argparse.Namespace) -> Iterator[Callable[[int, int], object] | None]:
    """A progress bar on standard error while somebody looks; none in a pipe."""
    if options.json or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress

    with Progress(console=console(errors=True), transient=True) as bar:
        task = bar.add_task("Drawing the steps", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _require_mode(options: argparse.Namespace) -> None:
    if options.step is not None and not options.mode:
        raise UsageError("--step says at which step of which --mode.")
    if options.order is not None and options.mode != "cross":
        raise UsageError("--order belongs to --mode cross.")


def _refuse_step(options: argparse.Namespace) -> None:
    if options.step is not None:
        raise UsageError("--step is for pictures: .svg, .png, .pdf or .tex with --mode.")


def screenshot(options: argparse.Namespace) -> None:
    """Draw the whole window into a picture, without a display."""
    target = Path(options.out)
    if target.suffix.lower() != ".png":
        raise FileError(f"A screenshot is a .png file, not '{target.name}'.")
    graph = with_point(options, read_graph(options, options.file))
    write_offscreen(
        Path(options.file) if is_file(options.file) and not options.at else graph,
        target,
        kind="window",
        theme=options.theme,
        size=options.size,
        mode=options.mode,
        seed=seed_wish(options),
        order=order_wish(options, default="backward"),
        step=options.step,
        scale=options.scale,
        epochs=options.epochs,
        neurons=options.neurons,
    )
    _wrote(options, target)


def window(options: argparse.Namespace) -> int:
    """Open the window and stay until it is closed."""
    from visualad.cli.machine import why_no_window

    sentence = check_qt_version()
    if sentence is not None:
        raise VisualADError(sentence)
    reason = why_no_window()
    if reason:
        raise VisualADError(
            f"{reason}: until then 'make run' in a checkout shows the same in the terminal, and "
            f"'visualad screenshot {options.file or 'FILE'} window.png' draws it as a picture."
        )
    from visualad.cli.plugins import start_of

    # A start makes much and drops nothing: collecting garbage meanwhile would only take time. The
    # window collects by its own timer while it is open.
    gc.disable()
    try:
        from visualad.gui.app import run

        return run(options.file, start_of(options))
    finally:
        gc.enable()


def write_offscreen(source: Path | Graph, out: Path, *, film: bool = False, **options: Any) -> None:
    """`write_picture` or `write_film` of the window without a display, whatever display there is.

    Raises:
        VisualADError: if Qt cannot run here; it says what to do.
    """
    sentence = check_qt_version()
    if sentence is not None:
        raise VisualADError(sentence)
    if sys.platform.startswith("linux"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"  # Qt reads it when it is imported
    try:
        draw: Callable[..., Path]
        if film:
            from visualad.gui.film import write_film

            draw = write_film
        else:
            from visualad.gui.picture import write_picture

            draw = write_picture
    except ImportError as error:  # of a system library, most likely
        raise VisualADError(
            f"The window cannot be drawn here ({error}); visualad doctor says what is missing."
        ) from error
    with _mistakes_raised():
        draw(source, out, **options)


@contextmanager
def _mistakes_raised() -> Iterator[None]:
    """Raise what Qt would only print: an error in a slot means that the picture is wrong."""
    mistakes: list[BaseException] = []
    before = sys.excepthook
    sys.excepthook = lambda _kind, error, _trace: mistakes.append(error)
    try:
        yield
    finally:
        sys.excepthook = before
    if mistakes:
        raise mistakes[0]


def _wrote(options: argparse.Namespace, target: Path) -> None:
    if options.json:
        print_json({"wrote": str(target), "bytes": target.stat().st_size})
    else:
        print_line(f"Wrote {target}.")
