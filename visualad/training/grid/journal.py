"""The table of results, which is the sweep's memory too: a finished run has its line in it.

A line is written in one piece and is on the disk before the next one, so that after a crash, a
power cut or Ctrl-C the file holds every finished run once. A line that was cut off is dropped.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from types import TracebackType

from visualad.errors import FileError
from visualad.graph.atomic_write import reason_of, write_atomically
from visualad.training.grid.plan import Case, Plan
from visualad.training.grid.worker import Result

METRICS = ("accuracy train", "accuracy test", "R² train", "R² test")
RESULTS = ("status", "train", "test", *METRICS, "epochs", "steps", "seconds", "message")
GRAPH, SEED = "graph", "seed"
LARGEST = 1 << 30  # bytes of a table that is read


class Journal:
    """The results of a plan in a file, open for more; use it with `with`.

    Attributes:
        path: of the file; None keeps the results in memory alone.
        results: what the file held for runs of this plan, by `Case.key`; grows by `append`.

    Args:
        retry: forget the runs that failed, so that they are done again.

    Raises:
        FileError: if the file cannot be read or written, is open in another sweep, or holds
            something else than results of this graph and these settings. It is then untouched.
    """

    def __init__(self, path: str | os.PathLike[str] | None, plan: Plan, *, retry: bool = False):
        self.path = None if path is None else Path(path)
        self.results: dict[tuple[str, ...], Result] = {}
        self._plan = plan
        self._fingerprint = plan.fingerprint
        self._columns = [GRAPH, *plan.names, SEED, *RESULTS]
        self._file: io.BufferedRandom | None = None
        if self.path is None:
            return
        try:
            self._open(self.path, retry)
        except OSError as error:
            self.close()
            raise FileError(
                f"'{self.path}' cannot be written: {reason_of(error, self.path)}."
            ) from error
        except BaseException:
            self.close()
            raise

    def append(self, result: Result) -> bool:
        """Keep a result; tells whether it is the first for its run. A second one changes nothing.

        Raises:
            FileError: if it cannot be written.
        """
        key = result.case.key
        if key in self.results:
            return False
        if self._file is not None:
            try:
                self._write(self._line(self._cells(result)))
            except OSError as error:
                raise FileError(
                    f"'{self.path}' cannot be written: {reason_of(error, self.path or '')}."
                ) from error
        self.results[key] = result
        return True

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # The file ---------------------------------------------------------------------------------

    def _open(self, path: Path, retry: bool) -> None:
        if path.exists() and not path.is_file():
            raise FileError(f"'{path}' is no ordinary file; results are written to a .csv file.")
        self._file = self._locked(path)
        content = self._content(path)
        whole = content[: content.rfind(b"\n") + 1]
        rows = self._rows(path, whole)
        kept = [row for row in rows if not (retry and self._is_failure(row))]
        self.results = {r.case.key: r for r in self._known(path, kept)}
        if len(kept) < len(rows):
            text = "".join(map(self._line, [self._columns, *kept]))
            self._file.close()  # Windows replaces no open file
            write_atomically(path, text.encode("utf-8"))
            self._file = self._locked(path)
        elif len(whole) < len(content):
            self._file.truncate(len(whole))
        self._file.seek(0, os.SEEK_END)
        if not whole:
            self._write(self._line(self._columns))

    @staticmethod
    def _locked(path: Path) -> io.BufferedRandom:
        """The file for reading and writing, which no other sweep has."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        file = os.fdopen(descriptor, "r+b")
        try:
            _lock(file)
        except OSError:
            file.close()
            raise FileError(
                f"'{path}' is being written by another sweep; wait for it or name another file."
            ) from None
        return file

    def _content(self, path: Path) -> bytes:
        assert self._file is not None
        if os.fstat(self._file.fileno()).st_size > LARGEST:
            raise FileError(f"'{path}' is larger than any table of results; name another file.")
        self._file.seek(0)
        return self._file.read()

    def _write(self, line: str) -> None:
        assert self._file is not None
        self._file.write(line.encode("utf-8"))
        self._file.flush()
        os.fsync(self._file.fileno())

    # Rows -------------------------------------------------------------------------------------

    def _rows(self, path: Path, content: bytes) -> list[list[str]]:
        """The rows below the header.

        Raises:
            FileError: if it is no table of results of these settings.
        """
        if not content:
            return []
        try:
            text = content.decode("utf-8-sig")
            rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error):
            raise FileError(
                f"'{path}' holds something else than results of a sweep; name another file."
            ) from None
        header, *others = rows
        if header[:1] != [GRAPH] or header[-len(RESULTS) :] != list(RESULTS):
            raise FileError(
                f"'{path}' holds something else than results of a sweep; name another file."
            )
        if header != self._columns:
            theirs = ", ".join(header[1 : header.index(SEED)]) or "no settings"
            ours = ", ".join(self._plan.names) or "no settings"
            raise FileError(
                f"'{path}' holds a sweep over {theirs}, this one is over {ours}; name another file."
            )
        for number, row in enumerate(others, 2):
            if len(row) != len(header):
                raise FileError(
                    f"'{path}', line {number}: {len(row)} cells where the table has {len(header)} "
                    "columns; correct the line or name another file."
                )
            if row[0] != self._fingerprint:
                raise FileError(
                    f"'{path}', line {number}: a result of another graph, or of the same one with "
                    "other data or training; name another file."
                )
        return others

    def _known(self, path: Path, rows: Sequence[Sequence[str]]) -> list[Result]:
        """The rows that are runs of this plan; a table may hold more."""
        count = len(self._plan.names) + 1
        cases = {case.key: case for case in self._plan.cases}
        found = []
        seen: set[tuple[str, ...]] = set()
        for number, row in enumerate(rows, 2):
            key = tuple(row[1 : 1 + count])
            if key in seen:
                raise FileError(
                    f"'{path}', line {number}: this run has a line already; remove one of them."
                )
            seen.add(key)
            if key in cases:
                try:
                    found.append(_result(cases[key], row[1 + count :]))
                except ValueError:
                    raise FileError(
                        f"'{path}', line {number}: a cell that should be a number is none; correct "
                        "or remove the line."
                    ) from None
        return found

    def _is_failure(self, row: Sequence[str]) -> bool:
        return row[len(self._plan.names) + 2] != "done"

    def _cells(self, result: Result) -> list[str]:
        numbers = [result.train, result.test, *(result.metrics.get(name) for name in METRICS)]
        return [
            self._fingerprint,
            *result.case.key,
            result.status,
            *("" if number is None else repr(float(number)) for number in numbers),
            str(result.epochs),
            str(result.steps),
            f"{result.seconds:.3f}",
            " ".join(result.message.split()),
        ]

    @staticmethod
    def _line(cells: Collection[str]) -> str:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(cells)
        return text.getvalue()


def _result(case: Case, cells: Sequence[str]) -> Result:
    by_name = dict(zip(RESULTS, cells, strict=True))

    def number(name: str) -> float | None:
        return float(by_name[name]) if by_name[name] else None

    metrics = {name: value for name in METRICS if (value := number(name)) is not None}
    return Result(
        case,
        by_name["status"],
        by_name["message"],
        train=number("train"),
        test=number("test"),
        metrics=metrics,
        epochs=int(by_name["epochs"]),
        steps=int(by_name["steps"]),
        seconds=float(by_name["seconds"]),
    )


def _lock(file: io.BufferedRandom) -> None:
    """Take the file for this process alone.

    Raises:
        OSError: if another process has it.
    """
    try:
        import fcntl
    except ImportError:
        import msvcrt

        # A byte far behind the end, so that others can read the table.
        file.seek(LARGEST)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        file.seek(0)
    else:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
