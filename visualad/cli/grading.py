"""`visualad grade`: students' files against the teacher's."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from visualad.cli.arguments import UsageError
from visualad.cli.output import print_json, print_line, print_table
from visualad.cli.plugins import load_for
from visualad.lessons.grading import Grade, Key, alike, grade, open_key, submissions
from visualad.lessons.report import documents, shown, write_csv
from visualad.ops.writing import number_text


def run(options: argparse.Namespace) -> int:
    """Grade every submission; the status is 1 only when none of them could be."""
    load_for(options)
    key = open_key(options.key)
    files = submissions(options.submissions, options.key)
    if not files:
        raise UsageError("There is no .vad file in what was given; see visualad grade --help.")
    if options.output and _is_among(options.output, (options.key, *files)):
        raise UsageError(
            f"The report would take the place of '{options.output}', which is to be graded; "
            "give another name after -o."
        )
    grades = alike([grade(path, key) for path in files])
    if options.output:
        write_csv(options.output, grades, key)
    if options.json:
        print_json(
            {
                "key": options.key,
                "report": options.output,
                "points": key.exercise.points,
                "submissions": documents(grades, key),
            }
        )
    else:
        _print(grades, key, options.output)
    return 1 if all(found.error for found in grades) else 0


def _is_among(path: str, others: Iterable[str | Path]) -> bool:
    return Path(path).resolve() in {Path(other).resolve() for other in others}


def _print(grades: list[Grade], key: Key, output: str | None) -> None:
    whole = number_text(key.exercise.points)
    print_table(
        key.exercise.title,
        ("file", "student", "points", "right", "attempts", "remarks"),
        (
            (
                found.file,
                shown(found.student),
                "" if found.error else f"{number_text(found.points)} of {whole}",
                "" if found.error else f"{sum(m.is_right for m in found.marks)}",
                "" if found.error else str(found.attempts),
                found.error or "; ".join(found.remarks),
            )
            for found in grades
        ),
        right=("points", "right", "attempts"),
    )
    failed = sum(bool(found.error) for found in grades)
    if failed:
        print_line(f"{failed} of {len(grades)} files could not be graded.")
    if output:
        print_line(f"Written to {output}.")
