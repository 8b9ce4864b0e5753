"""A sweep as PDF, GIF and MP4: pages, frames, lengths, sizes, and what stops it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest

import visualad as va
from visualad.errors import FileError, VisualADError
from visualad.graph.model import Graph
from visualad.gui import film, film_formats, theme
from visualad.gui.film import (
    RATES,
    FilmCancelledError,
    check_ending,
    film_of,
    pages,
    timeline,
    write_film,
)
from visualad.gui.film_stage import HEIGHT, WIDTH, Stage, Wanted
from visualad.gui.main_window import MainWindow
from visualad.gui.picture import write_picture

pypdf = pytest.importorskip("pypdf")


@pytest.fixture(autouse=True)
def _fonts_of_the_program(qapp) -> None:
    theme.apply(qapp)


@pytest.fixture
def short(qapp) -> Graph:
    """Few steps, so that films are short."""
    return at(va.parse("sin(x)*y"), x=1.0, y=2.0)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Films without long looks."""
    monkeypatch.setattr(film, "SECONDS_BEFORE", 0.2)
    monkeypatch.setattr(film, "SECONDS_RESULT", 0.1)
    monkeypatch.setattr(film, "SECONDS_END", 0.3)
    monkeypatch.setattr("visualad.gui.playback.SECONDS_PER_STEP", 0.3)


def at(graph: Graph, **values: float) -> Graph:
    from visualad.graph.edits import set_setting

    for name, value in values.items():
        graph = set_setting(graph, graph.id_of(name), "value", value)
    return graph


def read_pdf(path: Path) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(path.read_bytes()))


def words(sheet: pypdf.PageObject) -> str:
    return " ".join(sheet.extract_text().split())


# PDF ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["forward", "backward", "cross"])
def test_a_pdf_has_a_numbered_page_for_each_step(
    qapp, lecture: Graph, tmp_path: Path, mode: str
) -> None:
    path = film_of(lecture, Wanted(mode), tmp_path / "sweep.pdf")
    steps = list(va.sweep(lecture, mode=mode))
    sheets = read_pdf(path).pages
    assert len(sheets) == len(steps)
    for sheet, step in zip(sheets, steps, strict=True):
        text = words(sheet)
        assert f"Step {step.index + 1} of {len(steps)}" in text
        assert f"{step.index + 1} / {len(steps)}" in text
    assert len({tuple(sheet.mediabox) for sheet in sheets}) == 1
    box = sheets[0].mediabox
    assert float(box.width) / float(box.height) == pytest.approx(16 / 9, abs=0.01)


def test_pages_are_vectors_with_the_values_as_text(qapp, lecture: Graph, tmp_path: Path) -> None:
    path = film_of(lecture, Wanted("backward"), tmp_path / "sweep.pdf")
    sheet = read_pdf(path).pages[-1]
    assert not list(sheet.images)
    assert "10.68" in words(sheet)


def test_the_graph_stays_in_its_place_on_all_pages(qapp, lecture: Graph) -> None:
    stage = Stage(lecture, Wanted("cross"))
    try:
        corners = []
        for shot in pages(stage.sweep):
            stage.go_to(shot.index, shot.progress)
            image = film_formats.pixels(film_formats.picture(stage, 0.5))
            # The card of x1, but for its port: it is never eliminated and never changes.
            corners.append(image[30:120, 20:100].tobytes())
        assert len(corners) == len(stage.sweep)
        assert len(set(corners)) == 1
    finally:
        stage.close()


# Frames ---------------------------------------------------------------------------------------


def test_every_step_travels_and_is_looked_at() -> None:
    swept = va.sweep(at(va.parse("x1*x2 + sin(x1)"), x1=1.0, x2=2.0))
    shots = timeline(swept, 10)
    assert shots[0] == film.Shot(-1, 1.0, 10)
    assert [shot.index for shot in shots] == sorted(shot.index for shot in shots)
    for step in swept:
        own = [shot for shot in shots if shot.index == step.index]
        assert own[-1].progress == 1.0
        travels = [shot.progress for shot in own[:-1]]
        assert travels == sorted(travels)
        assert bool(travels) == bool(step.terms)


def test_a_gif_shows_every_moment_for_its_time(short: Graph, quick, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    shots = timeline(va.sweep(short), RATES[".gif"])
    path = film_of(short, Wanted("backward"), tmp_path / "sweep.gif")
    with image.open(path) as opened:
        total = 0
        sizes = set()
        for number in range(opened.n_frames):
            opened.seek(number)
            total += opened.info["duration"]
            sizes.add(opened.size)
        # Frames that look the same are stored once, for the sum of their times.
        assert 3 <= opened.n_frames <= len(shots)
    assert total == sum(shot.frames for shot in shots) * 1000 // RATES[".gif"]
    assert sizes == {(WIDTH * 3 // 4, HEIGHT * 3 // 4)}


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_a_video_is_as_long_as_its_frames_and_shows_what_is_drawn(
    short: Graph, quick, tmp_path: Path, suffix: str
) -> None:
    cv2 = pytest.importorskip("cv2")
    shots = timeline(va.sweep(short, mode="forward"), RATES[suffix])
    path = film_of(short, Wanted("forward"), tmp_path / f"sweep{suffix}")
    frames = []
    read = cv2.VideoCapture(str(path))
    while (found := read.read())[0]:
        frames.append(found[1][:, :, ::-1].astype(float))
    rate = read.get(cv2.CAP_PROP_FPS)
    read.release()
    assert rate == RATES[suffix]
    assert len(frames) == sum(shot.frames for shot in shots)
    assert {frame.shape for frame in frames} == {(HEIGHT, WIDTH, 3)}
    stage = Stage(short, Wanted("forward"))
    try:
        drawn = []
        for index in (-1, len(stage.sweep) - 1):
            stage.go_to(index)
            drawn.append(film_formats.pixels(film_formats.picture(stage, 1.0)).astype(float))
    finally:
        stage.close()
    first, last = drawn
    # No closer than a lossy codec comes, but never the other one.
    for number, right, wrong in ((0, first, last), (-1, last, first)):
        error, other = (((frames[number] - page) ** 2).mean() for page in (right, wrong))
        assert error < 60  # better than 30 dB
        assert error < other / 2


def test_an_mp4_is_written_by_a_codec_that_slide_programs_know(
    short: Graph, quick, tmp_path: Path
) -> None:
    pytest.importorskip("cv2")
    content = film_of(short, Wanted("forward"), tmp_path / "sweep.mp4").read_bytes()
    assert content[4:8] == b"ftyp"
    assert b"mp4v" in content or b"avc1" in content  # the names of the sample formats
    assert b"vp09" not in content


def test_a_film_that_does_not_fit_into_the_temporary_folder_is_no_film(
    short: Graph, quick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cv2")
    from visualad.gui import film_video

    assert film_video.codec_of(".mp4")
    whole = film_video.frame_count
    monkeypatch.setattr(film_video, "frame_count", lambda path: whole(path) - 1)
    target = tmp_path / "sweep.mp4"
    with pytest.raises(FileError, match="make room there"):
        film_of(short, Wanted("forward"), target)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("mode", "seed"),
    [
        ("forward", "b"),
        ("forward", {"a": 1.0, "b": 0.5}),
        ("forward", "all"),
        ("backward", "y2"),
        ("backward", {"y1": 1.0, "y2": 2.0}),
    ],
)
def test_a_film_shows_the_seed_that_was_asked_for(
    qapp, tmp_path: Path, mode: str, seed: object
) -> None:
    graph = at(va.parse("y1 = a*b; y2 = sin(a)"), a=0.5, b=2.0)
    path = write_film(graph, tmp_path / "sweep.pdf", mode=mode, seed=seed)
    sheets = read_pdf(path).pages
    swept = va.sweep(graph, mode=mode, seed=seed)
    assert len(sheets) == len(swept)
    said = swept.seed.replace(" ", "")
    plain = "".join(words(sheets[0]).split())
    assert f"seed{said}" in plain


def test_the_result_is_not_written_before_it_is_there(qapp, lecture: Graph) -> None:
    stage = Stage(lecture, Wanted("backward"))
    try:
        stage.go_to(5, 0.5)
        travelling = film_formats.pixels(film_formats.picture(stage, 1.0))
        stage.go_to(5, 1.0)
        arrived = film_formats.pixels(film_formats.picture(stage, 1.0))
    finally:
        stage.close()
    below = slice(HEIGHT * 3 // 4, HEIGHT - 40)
    assert np.abs(arrived[below].astype(int) - travelling[below]).max() > 100


# Stopping, refusing ---------------------------------------------------------------------------


def test_progress_is_told_and_nothing_is_left_when_cancelled(short: Graph, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = tmp_path / "sweep.pdf"
    film_of(short, Wanted("backward"), path, lambda done, total: told.append((done, total)))
    count = len(va.sweep(short))
    assert told == [(number, count) for number in range(1, count + 1)]
    path.write_bytes(b"precious")
    with pytest.raises(FilmCancelledError):
        film_of(short, Wanted("backward"), path, None, lambda: len(told) > 0)
    assert path.read_bytes() == b"precious"
    assert [left.name for left in tmp_path.iterdir()] == ["sweep.pdf"]


@pytest.mark.parametrize(
    ("suffix", "module", "package"),
    [(".gif", "PIL", "pillow"), (".mp4", "cv2", "opencv-python-headless")],
)
def test_a_missing_extra_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, suffix: str, module: str, package: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(VisualADError, match=f"pip install {package}"):
        check_ending(Path(f"sweep{suffix}"))


def test_other_endings_are_refused() -> None:
    with pytest.raises(FileError, match=r"\.pdf, \.mp4, \.webm, \.gif"):
        check_ending(Path("sweep.avi"))


def test_a_folder_that_is_not_there_is_named(short: Graph, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no folder"):
        film_of(short, Wanted("backward"), tmp_path / "none" / "sweep.pdf")


def test_a_graph_without_derivative_is_refused(qapp, tmp_path: Path) -> None:
    with pytest.raises(VisualADError):
        film_of(va.parse("1 + 2"), Wanted("forward"), tmp_path / "sweep.pdf")
    assert not list(tmp_path.iterdir())


def test_the_theme_is_put_back(short: Graph, tmp_path: Path) -> None:
    before = theme.current().name
    write_film(short, tmp_path / "sweep.pdf", mode="cross", order="forward", theme="dark")
    assert theme.current().name == before
    assert len(read_pdf(tmp_path / "sweep.pdf").pages) == 1


# Pictures of a state --------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".pdf", ".svg", ".png"])
def test_any_state_of_the_canvas_is_a_picture(
    qapp, lecture: Graph, isolated_settings: Path, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"state{ending}"
    write_picture(lecture, path, kind="graph", mode="cross", step=3)
    content = path.read_bytes()
    if ending == ".pdf":
        (sheet,) = read_pdf(path).pages
        assert "eliminated" in words(sheet)
        assert not list(sheet.images)
    elif ending == ".svg":
        assert "eliminated" in content.decode()
    else:
        assert content.startswith(b"\x89PNG")


# In the window --------------------------------------------------------------------------------


def test_the_window_exports_the_sweep_that_it_shows(
    window: MainWindow, qtbot, tmp_path: Path
) -> None:
    window.session.set_mode("cross")
    qtbot.waitUntil(lambda: window.session.sweep is not None)
    window.session.go_to(1)
    target = tmp_path / "sweep.html"
    window.dialogs.path = target  # type: ignore[attr-defined]
    assert window.run("file.export_film")
    qtbot.waitUntil(target.exists)  # the page comes from the kernel
    assert window.session.step_index == 1
    assert not window.notifications.notes
    assert '"first":"cross"' in target.read_text(encoding="utf-8")


def test_without_a_derivative_there_is_nothing_to_export(window: MainWindow) -> None:
    assert not window.run("file.export_film")


def test_what_goes_wrong_is_said_in_the_window(
    window: MainWindow, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    window.session.set_mode("backward")
    qtbot.waitUntil(lambda: window.session.sweep is not None)
    target = tmp_path / "sweep.gif"
    window.dialogs.path = target  # type: ignore[attr-defined]
    window.run("file.export_film")
    assert window.notifications.notes
    assert not target.exists()


def test_a_graph_without_places_is_laid_out(qapp) -> None:
    graph = at(va.parse("sin(x)*y + x"), x=1.0, y=2.0)
    stage = Stage(graph, Wanted("backward"))
    try:
        places = {(item.pos().x(), item.pos().y()) for item in stage.scene.nodes.values()}
        assert len(places) == len(graph)
    finally:
        stage.close()
