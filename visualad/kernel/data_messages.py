"""What the window and the kernel say to each other about data sets from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from visualad.graph.model import Graph
from visualad.kernel.messages import Interim, Reply, Request

if TYPE_CHECKING:
    from visualad.training.description import Description

KEEP, FIT, NEW = "keep", "fit", "new"


@dataclass(frozen=True)
class ReadData(Request):
    """Read a file of data and say what is in it; `Control` with "stop" gives it up.

    Attributes:
        path: of the file, or the name of a data set that comes along.
        settings: rather the data that a graph has, `graph.training["data"]`.
    """

    path: str
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class DataReading(Interim):
    """How far the file is read. Attributes: share: from 0 to 1."""

    share: float


@dataclass(frozen=True)
class DataRead(Reply):
    """What is in the file."""

    description: Description


@dataclass(frozen=True)
class PreviewData(Request):
    """What a choice of columns makes of the data, and whether the graph fits them.

    Attributes:
        settings: as in `graph.training["data"]`, the name being a path.
        hidden: layers of the perceptron that might be made.
    """

    graph: Graph
    settings: Mapping[str, Any]
    hidden: tuple[int, ...]


@dataclass(frozen=True)
class DataPreview(Reply):
    """The data as training sees them.

    Attributes:
        names: of the columns; inputs: how many of them are inputs.
        rows: the first samples; tested: which of them are for testing.
        train, test: numbers of samples.
        task: "classification" or "regression"; classes: their names.
        notes: sentences on what was left out or filled in.
        misfit: why the graph cannot learn them, or "".
        sizes, loss: of the perceptron that fits.
    """

    names: tuple[str, ...]
    inputs: int
    rows: tuple[tuple[float, ...], ...]
    tested: tuple[bool, ...]
    train: int
    test: int
    task: str
    classes: tuple[str, ...]
    notes: tuple[str, ...]
    misfit: str
    sizes: tuple[int, ...]
    loss: str


@dataclass(frozen=True)
class TakeData(Request):
    """Put a data set into the graph.

    Attributes:
        settings: as in `graph.training["data"]`; of a file the name is its path.
        network: "keep" the graph, "new": a perceptron in its place, "fit": only if it does not fit.
        hidden: layers of that perceptron; None for the usual ones.
    """

    graph: Graph
    settings: Mapping[str, Any]
    network: str = FIT
    hidden: tuple[int, ...] | None = None


@dataclass(frozen=True)
class DataTaken(Reply):
    """The graph with the data.

    Attributes:
        sizes: layers of the perceptron that took the graph's place; () if it stayed.
        name: of the data set; inputs, outputs: numbers of its columns.
    """

    graph: Graph
    sizes: tuple[int, ...]
    name: str
    inputs: int
    outputs: int


@dataclass(frozen=True)
class DrawDataset(Request):
    """The samples of a data set. Attributes: settings: as in `graph.training["data"]`."""

    settings: Mapping[str, Any]


@dataclass(frozen=True)
class DatasetDrawn(Reply):
    """The samples, or of a large file some of them.

    Attributes:
        x, y, names, task, name, tested, classes, image: as in
            `visualad.training.datasets.Dataset`.
    """

    x: Any
    y: Any
    names: tuple[str, ...]
    task: str
    name: str
    tested: Any = None
    classes: tuple[str, ...] = ()
    image: tuple[int, int] | None = None
