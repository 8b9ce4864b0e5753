"""Data sets: points with targets, made by name or read from a file.

circle = load("circle", n=500, noise=0.1, seed=1)
own = load("measurements.csv")
train, test = own.split(0.5, seed=0)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from visualad.errors import PluginError, ShapeError, VisualADError
from visualad.training.columns import TEXTS, columns_of, is_data_file
from visualad.training.drawn import DRAWN
from visualad.training.encoding import AUTOMATIC, INDEX, REFUSE, encode
from visualad.training.features import feature_columns
from visualad.training.generators import GENERATORS, Generator
from visualad.training.shipped import SHIPPED, shipped_file, shipped_image
from visualad.training.source import FileSource, Source

CLASSIFICATION, REGRESSION = "classification", "regression"
NAMES = tuple(GENERATORS)  # what `load` makes by name without any plugin
FILE_ENDINGS = TEXTS

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Dataset:
    """N samples with d inputs and k targets.

    Attributes:
        x: inputs, (N, d), float64, read-only.
        y: targets, (N, k), float64, read-only; classes are -1 and +1 (or 0 and 1 in own files).
        names: of the d input columns, then of the k target columns.
        task: "classification" or "regression".
        name: of the data set: "circle", or the file's name.
        notes: sentences on rows of a file that were left out or filled in.
        features: what the input columns were made of, where they are features of the plane.
        tested: which samples are kept for testing, (N,), where that is settled; see `split`.
        classes: names of the classes in the order of their numbers, where there are any.
        image: rows and columns of the picture that the inputs of a sample are, or None.
        top: the value of a white pixel before standardising.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    names: tuple[str, ...]
    task: str = REGRESSION
    name: str = ""
    notes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    tested: NDArray[np.bool_] | None = None
    classes: tuple[str, ...] = ()
    image: tuple[int, int] | None = None
    top: float = 1.0

    def __len__(self) -> int:
        return len(self.x)

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the input columns."""
        return self.names[: self.x.shape[1]]

    @property
    def target_names(self) -> tuple[str, ...]:
        """Names of the target columns."""
        return self.names[self.x.shape[1] :]

    def with_features(self, features: Sequence[str]) -> Dataset:
        """The points in the plane by other input columns, such as ("x1", "x1*x2", "sin x2").

        Raises:
            VisualADError: if they are no points in the plane, or for an unknown feature.
        """
        columns = frozen(feature_columns(self.x, features))
        names = (*features, *self.target_names)
        return replace(self, x=columns, names=names, features=tuple(features))

    def bounds(self) -> tuple[tuple[float, float], ...]:
        """For each input column the interval to draw; with features for each axis of the plane.

        ±6 for data by name in the plane that lie within, as in TensorFlow Playground, else the
        data's own range with a margin of 5 %.
        """
        if self.features or not len(self):
            return ((-6.0, 6.0),) * (2 if self.features else self.x.shape[1])
        found = []
        for column in self.x.T:
            low, high = float(column.min()), float(column.max())
            if self.name in (*NAMES, DRAWN) and self.x.shape[1] == 2 and max(-low, high) <= 6:
                low, high = -6.0, 6.0
            else:
                margin = 0.05 * (high - low) or 1.0
                low, high = low - margin, high + margin
            found.append((low, high))
        return tuple(found)

    def split(self, test_fraction: float = 0.5, seed: int = 0) -> tuple[Dataset, Dataset]:
        """Shuffle once and cut into a training and a test part; the latter may be empty.

        The training part has floor(N (1 - test_fraction)) samples, as in TensorFlow Playground.
        Where `tested` says which samples are for testing nothing is drawn.

        Raises:
            VisualADError: if no sample is left for training.
        """
        train, test = self.split_rows(test_fraction, seed)
        return self._take(train), self._take(test)

    def split_rows(self, test_fraction: float, seed: int) -> tuple[Rows, Rows]:
        """Which samples `split` takes for which part, in their new order."""
        if not 0 <= test_fraction < 1:
            raise VisualADError(
                f"The test fraction must be at least 0 and less than 1, not {test_fraction:g}."
            )
        if self.tested is not None:
            return np.flatnonzero(~self.tested), np.flatnonzero(self.tested)
        # 1e-9: 10 * (1 - 0.9) is to be one sample.
        count = math.floor(len(self) * (1 - test_fraction) + 1e-9)
        if count == 0:
            raise VisualADError(
                f"Of {len(self)} samples none is left for training when {test_fraction:.0%} are "
                "kept for testing; choose a smaller test fraction."
            )
        order = np.random.default_rng(seed).permutation(len(self))
        return order[:count], order[count:]

    def test_mask(self, test_fraction: float = 0.5, seed: int = 0) -> NDArray[np.bool_]:
        """Which samples `split` keeps for testing, (N,)."""
        mask = np.zeros(len(self), dtype=bool)
        mask[self.split_rows(test_fraction, seed)[1]] = True
        return mask

    def _take(self, rows: Rows) -> Dataset:
        tested = None if self.tested is None else self.tested[rows]
        return replace(self, x=frozen(self.x[rows]), y=frozen(self.y[rows]), tested=tested)


def load(
    name: str | Path,
    n: int | None = None,
    noise: float | None = None,
    seed: int = 0,
    targets: int | str | tuple[str, ...] | None = None,
    *,
    inputs: str | tuple[str, ...] | None = None,
    missing: str = REFUSE,
    classes: bool | None = False,
    encoding: str = AUTOMATIC,
    split_column: str = "",
) -> Dataset:
    """Make a data set by name or read one from a file.

    Args:
        name: "circle", "xor", "gauss", "spiral" (two classes in the plane), "plane", "two_hills"
            (regression in the plane), "sine" (regression on a line); "iris", "wine",
            "breast_cancer", "digits", "diabetes" (files that come with VisualAD); or the path of a
            file: a table separated by commas, semicolons or tabs, with or without a header (also
            .gz), .npz with arrays x and y, .npy, or IDX images with their labels beside them.
        n: number of samples to make; the default is TensorFlow Playground's 500 or 1200.
        noise: 0 to 0.5 as Playground's slider (divided by 100); for "sine" the standard deviation.
        seed: of the generator; the same seed gives the same points.
        targets: for a file, the target columns: their names, or how many of the last ones (1).
        inputs: for a file, the input columns; all others by default.
        missing: for a file, what becomes of missing values and bad rows: "refuse", "drop" (leave
            the row out) or "mean" (of the column instead; bad rows are left out); see `notes`.
        classes: take a target of numbers for classes. Words always are: two become 0 and 1, more
            of them a column each.
        encoding: of classes, when it is to be another one: "one-hot" (a column for each), "signs"
            (-1 and +1) or "index" (0, 1, 2, ...). Classes of a set that is made are -1 and +1, or
            0 and 1 with "index".
        split_column: for a file, the column that says which samples are for testing.

    Raises:
        VisualADError: for an unknown name or impossible numbers.
        FileError: if the file cannot be read; the sentence names row and column.
    """
    text = str(name)
    if text in GENERATORS:
        made = _generate(text, n, noise, seed)
        numbered = encoding == INDEX and GENERATORS[text].has_classes
        return replace(made, y=frozen((made.y + 1) / 2)) if numbered else made
    path = shipped_file(text) if text in SHIPPED else Path(text)
    if text in SHIPPED or is_data_file(path) or path.exists():
        choice = {"missing": missing, "classes": classes, "encoding": encoding}
        found = from_source(
            FileSource(path),
            text,
            targets,
            inputs,
            {**choice, "split_column": split_column},
        )
        return found if n is None else _first(found, n)
    raise VisualADError(
        f"There is no data set '{text}'; take one of {', '.join((*GENERATORS, *SHIPPED))} or the "
        "path of a .csv file."
    )


def from_arrays(x: ArrayLike, y: ArrayLike, name: str = "") -> Dataset:
    """A data set from arrays x, (N, d) or (N,), and y, (N, k) or (N,).

    Raises:
        ShapeError: if they are no tables of numbers or differ in length.
    """
    inputs, targets = _table(x, "inputs"), _table(y, "targets")
    if len(inputs) != len(targets):
        raise ShapeError(
            f"There are {len(inputs)} samples of inputs but {len(targets)} of targets; "
            "both need one row for each sample."
        )
    if not len(inputs):
        raise ShapeError("The data set is empty; training needs at least one sample.")
    d, k = inputs.shape[1], targets.shape[1]
    names = (*(f"x{i + 1}" for i in range(d)), *(f"y{i + 1}" if k > 1 else "y" for i in range(k)))
    return Dataset(inputs, targets, names, task_of(targets), name)


def _table(values: ArrayLike, what: str) -> NDArray[np.float64]:
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ShapeError(
            f"The {what} must be a table of numbers, one row for each sample."
        ) from None
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise ShapeError(
            f"The {what} have shape {array.shape}; expected is one row for each sample, (N, d)."
        )
    return frozen(array)


def task_of(targets: NDArray[np.float64]) -> str:
    """What targets, (N, k), are meant for when nothing else is known."""
    classes = set(np.unique(targets[:1000]).tolist())
    is_classes = classes <= {-1.0, 1.0} or classes <= {0.0, 1.0}
    return CLASSIFICATION if is_classes and np.isin(targets, list(classes)).all() else REGRESSION


def _generate(name: str, n: int | None, noise: float | None, seed: int) -> Dataset:
    generator = GENERATORS[name]
    n = generator.samples if n is None else n
    noise = generator.noise if noise is None else noise
    if n < 1:
        raise VisualADError(f"A data set needs at least one sample, not {n}.")
    if not 0 <= noise < math.inf:
        raise VisualADError(f"The noise must be a number from 0 on, not {noise:g}.")
    x, y = _drawn(name, generator, np.random.default_rng(seed), n, noise)
    inputs = ("x",) if x.shape[1] == 1 else tuple(f"x{i + 1}" for i in range(x.shape[1]))
    task = CLASSIFICATION if generator.has_classes else REGRESSION
    return Dataset(frozen(x), frozen(y[:, None]), (*inputs, "y"), task, name)


def _drawn(
    name: str, generator: Generator, random: np.random.Generator, n: int, noise: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a generator gives, refused in one sentence when it is no data set of n samples.

    Raises:
        PluginError: if a plugin's generator fails or gives anything else.
    """
    try:
        x, y = (np.asarray(part, dtype=np.float64) for part in generator.make(random, n, noise))
    except Exception as error:  # a plugin's generator may raise anything
        raise PluginError(
            f"The data set '{name}' could not be drawn ({type(error).__name__}: {error})."
        ) from error
    if x.shape != (n, generator.inputs) or y.shape != (n,):
        raise PluginError(
            f"The data set '{name}' gives inputs of shape {x.shape} and targets of shape {y.shape} "
            f"where ({n}, {generator.inputs}) and ({n},) are expected; correct its plugin."
        )
    return x, y


def from_source(
    source: Source,
    name: str,
    targets: int | str | tuple[str, ...] | None,
    inputs: str | tuple[str, ...] | None,
    choice: Mapping[str, Any],
) -> Dataset:
    """Read a file; the arguments are those of `load`, `choice` the rest of them."""
    columns = columns_of(source, leave_out=choice["missing"] != REFUSE)
    if isinstance(targets, int):
        targets = columns.names[-targets:] if 0 < targets <= len(columns.names) else ()
        if not targets:
            raise VisualADError(
                f"{source.name} has {len(columns.names)} columns; training needs at least one "
                "input column and one target column."
            )
    found = encode(
        columns,
        source.name,
        (inputs,) if isinstance(inputs, str) else inputs,
        (targets,) if isinstance(targets, str) else targets,
        **choice,
    )
    image = shipped_image(name) if name in SHIPPED else columns.image
    whole = image is not None and found.x.shape[1] == image[0] * image[1]
    return Dataset(
        frozen(found.x),
        frozen(found.y),
        found.names,
        CLASSIFICATION if found.has_classes else task_of(found.y),
        name if name in SHIPPED else Path(name).name,
        found.notes,
        tested=found.tested,
        classes=found.classes,
        image=image if whole else None,
        top=float(found.x.max()) if whole else 1.0,
    )


def _first(data: Dataset, n: int) -> Dataset:
    if n < 1:
        raise VisualADError(f"A data set needs at least one sample, not {n}.")
    return data if n >= len(data) else data._take(np.arange(n))


def frozen(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same numbers, not to be written to."""
    array = np.ascontiguousarray(array, dtype=np.float64)
    array.flags.writeable = False
    return array
