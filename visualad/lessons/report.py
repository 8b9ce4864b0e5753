"""Grades as a table: CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from visualad.errors import FileError
from visualad.graph.atomic_write import reason_of, write_atomically
from visualad.lessons.exercise import Answer
from visualad.lessons.grading import Grade, Key

GRADED, FAILED = "graded", "failed"
# The first heading is the one that a byte order mark spoils for programs that do not know it.
_HEAD = (
    "row",
    "file",
    "student",
    "status",
    "points",
    "of",
    "percent",
    "right",
    "attempts",
    "hints",
    "graph",
    "remarks",
)
# A cell that begins with one of these may be taken for a formula.
_DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def columns(key: Key) -> list[str]:
    """The headings: what every submission has, then four columns for each blank."""
    found = list(_HEAD)
    for blank in key.exercise.blanks:
        name = f"{blank.id} {key.labels[blank.id]}"
        found += [f"{name}: answer", f"{name}: mark", f"{name}: points", f"{name}: feedback"]
    return found


def row(found: Grade, key: Key, number: int) -> list[str]:
    """The cells of one submission; texts of students are made harmless."""
    whole = key.exercise.points
    cells = [str(number), safe(found.file), safe(found.student)]
    if found.error:
        blank = [""] * 4 * len(key.exercise.blanks)
        return [
            *cells,
            FAILED,
            "0",
            _number(whole),
            "0",
            "0",
            "",
            "",
            "",
            safe(found.error),
            *blank,
        ]
    right = sum(mark.is_right for mark in found.marks)
    percent = 100 * found.points / whole if whole else 0.0
    cells += [
        GRADED,
        _number(found.points),
        _number(whole),
        _number(round(percent, 2)),
        str(right),
        str(found.attempts),
        str(found.hints),
        found.graph,
        safe("; ".join(found.remarks)),
    ]
    answers = found.answers or {}
    for mark in found.marks:
        answer = answers.get(mark.blank, Answer())
        cells += [safe(answer.text), mark.verdict, _number(mark.points), safe(mark.feedback)]
    return cells


def csv_text(grades: Iterable[Grade], key: Key) -> str:
    """The report as CSV: one line of headings, one for each submission."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([safe(column) for column in columns(key)])
    writer.writerows(row(found, key, number) for number, found in enumerate(grades, start=1))
    return stream.getvalue()


def write_csv(path: str | Path, grades: Sequence[Grade], key: Key) -> None:
    """Write the report. A byte order mark tells spreadsheets of Unicode where there is any.

    Raises:
        FileError: if the file cannot be written.
    """
    text = csv_text(grades, key)
    encoding = "utf-8" if text.isascii() else "utf-8-sig"
    try:
        write_atomically(Path(path), text.encode(encoding))
    except OSError as error:
        raise FileError(f"'{path}' could not be written: {reason_of(error, path)}.") from error


def documents(grades: Iterable[Grade], key: Key) -> list[dict[str, Any]]:
    """The grades as plain data for JSON."""
    return [
        {
            "file": found.file,
            "student": found.student,
            "status": FAILED if found.error else GRADED,
            "error": found.error or None,
            "points": found.points,
            "of": key.exercise.points,
            "attempts": found.attempts,
            "hints": found.hints,
            "graph": found.graph or None,
            "remarks": list(found.remarks),
            "blanks": [
                {
                    "id": mark.blank,
                    "label": key.labels[mark.blank],
                    "answer": (found.answers or {}).get(mark.blank, Answer()).text,
                    "mark": mark.verdict,
                    "points": mark.points,
                    "feedback": mark.feedback,
                    "mistake": mark.mistake or None,
                }
                for mark in found.marks
            ],
        }
        for found in grades
    ]


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula and that stays on one line.

    An apostrophe goes before `=`, `+`, `-` and `@`, wide ones too, also after blanks, as
    spreadsheets trim.
    """
    line = shown(text)
    return f"'{line}" if line.startswith(_DANGEROUS) else line


def shown(text: str) -> str:
    """Text on one line, without characters that cannot be printed."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line.encode("utf-8", "replace").decode("utf-8")


def _number(value: float) -> str:
    return f"{value:.10g}"
