"""The errors a user may see. Each message says what is wrong, where, and what to do."""

from __future__ import annotations


class VisualADError(Exception):
    """Base of every error that VisualAD raises on purpose.

    Args:
        message: one sentence for a person: what is wrong, where, what to do.
        node: name of the node concerned, when there is one.
    """

    def __init__(self, message: str, *, node: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.node = node

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword arguments are lost by the default pickling; the kernel sends errors to the window.
        return _restore, (type(self), self.message, dict(self.__dict__))


def _restore(kind: type[VisualADError], message: str, state: dict[str, object]) -> VisualADError:
    error = kind.__new__(kind)
    Exception.__init__(error, message)
    error.__dict__.update(state)
    return error


class ParseError(VisualADError):
    """A formula that cannot be read.

    Attributes:
        line, column: position of the fault, both counted from 1.
        source: the formula text, from which the caret line is drawn.
    """

    def __init__(self, message: str, *, line: int, column: int, source: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.source = source

    @property
    def caret(self) -> str:
        """The faulty line with a caret under the fault, on two lines."""
        lines = self.source.splitlines() or [""]
        text = lines[min(self.line, len(lines)) - 1]
        start = max(0, self.column - 61)  # a very long line is cut around the fault
        return f"{text[start : start + 120]}\n{' ' * (self.column - 1 - start)}^"

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}\n{self.caret}"


class GraphError(VisualADError):
    """An edit that would make the graph invalid, or a graph that cannot be computed."""


class ShapeError(VisualADError):
    """Values whose shapes do not fit an operation."""


class FileError(VisualADError):
    """A file that cannot be read or written."""


class PluginError(VisualADError):
    """A plugin or node type that is missing, wrongly declared or failing."""


class BackendError(VisualADError):
    """A compute backend that is absent or cannot run a graph."""
