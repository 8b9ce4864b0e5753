"""Requests and replies of the panels for teaching: exercises, errors over h, mistakes, growth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from visualad.graph.model import Graph
from visualad.kernel.messages import Reply, Request

if TYPE_CHECKING:
    from visualad.autodiff.check_curve import Curve
    from visualad.autodiff.cost_families import Growth
    from visualad.autodiff.mistakes import MistakenSweep, MistakenTraining
    from visualad.autodiff.outer_products import OuterProducts
    from visualad.lessons.marks import Mark


@dataclass(frozen=True)
class MarkExercise(Request):
    """Mark the answers that a graph's exercise holds.

    Attributes:
        trial: answers by blank id that are not in the graph yet and take the place of those.
        reveal: ids of the blanks whose right answer is to be shown.
    """

    graph: Graph
    trial: Mapping[str, str] = field(default_factory=dict)
    reveal: tuple[str, ...] = ()


@dataclass(frozen=True)
class Marked(Reply):
    """The marks of an exercise.

    Attributes:
        marks, labels, hints: by blank id: the mark, what is asked, the rule that leads there.
        shown: right answers by blank id, of those that were to be revealed.
        faults: by blank id, one sentence for each blank that cannot be asked.
    """

    marks: Mapping[str, Mark]
    labels: Mapping[str, str]
    hints: Mapping[str, str]
    shown: Mapping[str, str]
    faults: Mapping[str, str]


@dataclass(frozen=True)
class StudyErrors(Request):
    """Numerical derivatives against the analytic one over h; see `check_curve`."""

    graph: Graph
    output: str | None = None
    input: str | None = None
    element: int = 0


@dataclass(frozen=True)
class ErrorsStudied(Reply):
    """Attributes: curve: errors over h with their explanation."""

    curve: Curve


@dataclass(frozen=True)
class MakeMistake(Request):
    """A backward sweep with a mistake beside the right one, and what training makes of it.

    Attributes:
        mistake: name of one of `visualad.autodiff.mistakes.MISTAKES`.
        learning_rate: of the early update and of training.
        steps: of gradient descent; 0 for none.
    """

    graph: Graph
    mistake: str
    learning_rate: float = 0.5
    steps: int = 0


@dataclass(frozen=True)
class MistakeMade(Reply):
    """Attributes: sweep: both sets of numbers; training: both losses, None without parameters."""

    sweep: MistakenSweep
    training: MistakenTraining | None


@dataclass(frozen=True)
class CountGrowth(Request):
    """How the cost of each mode grows over a family of graphs; see `growth`."""

    family: str


@dataclass(frozen=True)
class GrowthCounted(Reply):
    """Attributes: growth: costs by size, with the lecture's laws."""

    growth: Growth


@dataclass(frozen=True)
class AddOuterProducts(Request):
    """How the samples add up to the gradient of a layer's weights; see `outer_products`.

    Attributes:
        layer: name of the linear node.
    """

    graph: Graph
    layer: str


@dataclass(frozen=True)
class OuterProductsAdded(Reply):
    """Attributes: products: the outer product of each sample, their sums and the gradient."""

    products: OuterProducts
