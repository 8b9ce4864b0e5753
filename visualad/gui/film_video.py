"""Films as video: MP4 for slides, WebM for web pages, both written by OpenCV.

OpenCV's wheels hold FFmpeg under the LGPL, without the H.264 encoders x264 (GPL) and OpenH264
(loaded at run time from elsewhere). So an MP4 is H.264 where the system itself encodes it
(Windows, macOS) and MPEG-4 Part 2 elsewhere, which the players of Windows, macOS and Linux know
but browsers do not. VP8 in WebM is free, and browsers and VLC play it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from visualad.errors import FileError, VisualADError
from visualad.gui.film import RATES, Shot
from visualad.gui.film_formats import picture, pixels
from visualad.gui.film_stage import HEIGHT, WIDTH, Stage

Codec = tuple[int, str]  # which part of OpenCV writes it, and its four letters
_TRIAL = 5  # frames


def video(stage: Stage, shots: Iterator[Shot], suffix: str) -> bytes:
    """A film as `.mp4` or `.webm`, read back before it is handed out.

    Raises:
        VisualADError: if this OpenCV cannot write that.
        FileError: if the film does not fit into the folder for temporary files.
    """
    codec = codec_of(suffix)
    if codec is None:
        raise VisualADError(
            f"The OpenCV that is installed here cannot write {suffix} films; "
            "pip install --force-reinstall opencv-python-headless."
        )
    with tempfile.TemporaryDirectory(prefix="visualad-film-") as folder:
        path = Path(folder) / f"film{suffix}"
        count = _write(path, codec, RATES[suffix], _frames(stage, shots))
        # OpenCV is silent about a disk that is full.
        if frame_count(path) != count:
            raise FileError(
                f"The film could not be written in '{Path(folder).parent}', the folder for "
                "temporary files; make room there, or set TMPDIR to a folder that has some."
            )
        return path.read_bytes()


@lru_cache(maxsize=4)
def codec_of(suffix: str) -> Codec | None:
    """The first codec for this ending that works here: a short film is written and read back."""
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    blank = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    for codec in _candidates(suffix):
        with tempfile.TemporaryDirectory(prefix="visualad-film-") as folder:
            path = Path(folder) / f"trial{suffix}"
            written = _write(path, codec, RATES[suffix], iter([blank] * _TRIAL))
            if written and frame_count(path) == written:
                return codec
    return None


def _candidates(suffix: str) -> list[Codec]:
    import cv2

    if suffix == ".webm":
        return [(cv2.CAP_FFMPEG, "VP80")]
    by_system = {"win32": [(cv2.CAP_MSMF, "H264")], "darwin": [(cv2.CAP_AVFOUNDATION, "avc1")]}
    return [*by_system.get(sys.platform, []), (cv2.CAP_FFMPEG, "mp4v")]


def _frames(stage: Stage, shots: Iterator[Shot]) -> Iterator[np.ndarray]:
    for shot in shots:
        frame = pixels(picture(stage, 1.0))[:, :, ::-1]  # blue comes first in OpenCV
        for _ in range(shot.frames):
            yield frame


def _write(path: Path, codec: Codec, rate: int, frames: Iterator[np.ndarray]) -> int:
    """Write frames of (HEIGHT, WIDTH, 3); returns how many, 0 if the codec is not there."""
    import cv2

    part, letters = codec
    code = cv2.VideoWriter.fourcc(*letters)
    with _silence():
        writer = cv2.VideoWriter(os.fspath(path), part, code, float(rate), (WIDTH, HEIGHT))
    if not writer.isOpened():
        return 0
    count = 0
    try:
        for frame in frames:
            shown: Any = np.ascontiguousarray(frame)
            writer.write(shown)
            count += 1
    finally:
        writer.release()
    return count


def frame_count(path: Path) -> int:
    """How many frames a film has that can be read."""
    import cv2

    with _silence():
        read = cv2.VideoCapture(os.fspath(path))
    count = 0
    while read.grab():
        count += 1
    read.release()
    return count


@contextmanager
def _silence() -> Iterator[None]:
    """OpenCV's libraries tell their own business on standard error, past everything."""
    try:
        kept = os.dup(2)
    except OSError:  # there is none, in a program without a console
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
