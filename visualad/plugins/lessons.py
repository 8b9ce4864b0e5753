"""Lessons that plugins bring: graphs to open, with notes and perhaps an exercise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from visualad.errors import PluginError
from visualad.graph.model import Graph
from visualad.register import Register

Make = TypeVar("Make", bound=Callable[[], Graph])


@dataclass(frozen=True)
class Lesson:
    """A lesson.

    Attributes:
        title: as the menu shows it.
        make: gives its graph.
    """

    title: str
    make: Callable[[], Graph]


LESSONS: Register[Lesson] = Register("lesson")


def lesson(*, title: str) -> Callable[[Make], Make]:
    """Declare a lesson: a decorator for a function without arguments that gives its graph."""

    def declare(make: Make) -> Make:
        LESSONS.add(make.__name__, Lesson(title, make))
        return make

    return declare


def lesson_graph(name: str) -> Graph:
    """The graph of a lesson.

    Raises:
        PluginError: if there is no such lesson or it fails.
    """
    found = LESSONS.get(name)
    if found is None:
        raise PluginError(f"There is no lesson '{name}'; load the plugin that brings it.")
    try:
        graph = found.make()
    except Exception as error:  # a plugin may raise anything
        raise PluginError(
            f"The lesson '{found.title}' failed with {type(error).__name__}: "
            f"{' '.join(str(error).split())}."
        ) from error
    if not isinstance(graph, Graph):
        raise PluginError(
            f"The lesson '{found.title}' gave a {type(graph).__name__} where a graph is expected."
        )
    return graph
