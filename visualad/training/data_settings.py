"""The data set that the settings of a graph describe: `graph.training["data"]`."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from visualad.training.datasets import Dataset, from_source, frozen, load, task_of
from visualad.training.drawn import DRAWN, drawn_points
from visualad.training.encoding import AUTOMATIC, REFUSE, standardized
from visualad.training.generators import GENERATORS
from visualad.training.shipped import SHIPPED
from visualad.training.source import CONTENT, DIGEST, FileSource, source_of


def from_settings(settings: Mapping[str, Any]) -> Dataset:
    """The data set that `graph.training["data"]` describes.

    Its keys: name, n, noise, seed, targets, inputs, missing, classes, encoding, split_column as
    of `load`; content or digest, see `visualad.training.source`; points, see
    `visualad.training.drawn`; features, see `Dataset.with_features`; image: rows and columns of
    the picture that a sample is; and
    standardize: every input minus its mean, over its standard deviation, both of the part that
    test_fraction and seed leave for training.

    Of a file the last one is remembered: a preview, taking it and training ask one after the other.
    """
    key = _key(settings)
    if key is not None and key in _latest:
        return _latest[key]
    found = _described(settings)
    if key is not None:
        _latest.clear()
        _latest[key] = found
    return found


def _described(settings: Mapping[str, Any]) -> Dataset:
    seed = int(settings.get("seed") or 0)
    fraction = float(settings.get("test_fraction", 0.5))
    found = _plain(settings, seed, fraction)
    if settings.get("image"):
        found = _as_images(found, settings["image"])
    if settings.get("features"):
        found = found.with_features(settings["features"])
    if not settings.get("standardize"):
        return found
    part, _ = found.split(fraction, seed)
    return replace(found, x=frozen(standardized(found.x, part.x)))


def settings_key(settings: Mapping[str, Any]) -> Hashable:
    """What is the same for the same data and split, and can be a key."""
    flat = {key: _hashable(value) for key, value in settings.items()}
    return tuple(sorted(flat.items(), key=lambda item: item[0]))


def _hashable(value: Any) -> Hashable:
    if isinstance(value, Mapping):
        return tuple(sorted(value.items()))
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value


_latest: dict[Hashable, Dataset] = {}
_ELSEWHERE = ("name", CONTENT, DIGEST)  # settings that say only where the bytes are


def _key(settings: Mapping[str, Any]) -> Hashable | None:
    """What is the same for the same data set of a file; None for others."""
    name = settings.get("name")
    if name in (*GENERATORS, *SHIPPED, DRAWN):
        return None
    source = source_of(settings) or FileSource(Path(str(name)))
    try:
        return source.key, settings_key(
            {key: value for key, value in settings.items() if key not in _ELSEWHERE}
        )
    except (OSError, TypeError):  # it is gone; something no file could say
        return None


def _as_images(data: Dataset, image: Any) -> Dataset:
    """The data, each sample of which is a picture with so many rows and columns."""
    rows, columns = int(image[0]), int(image[1])
    if rows * columns != data.x.shape[1]:
        return data
    return replace(data, image=(rows, columns), top=float(data.x.max()) or 1.0)


def _plain(settings: Mapping[str, Any], seed: int, fraction: float) -> Dataset:
    """The same before features and standardising."""
    if settings.get("name") == DRAWN:
        x, y, tested = drawn_points(settings, seed, fraction)
        names = ("x1", "x2", "y")
        return Dataset(frozen(x), frozen(y), names, task_of(y), DRAWN, tested=tested)
    targets, inputs = (
        tuple(given) if isinstance(given := settings.get(key), list) else given
        for key in ("targets", "inputs")
    )
    choice = {
        "missing": str(settings.get("missing") or REFUSE),
        "classes": settings.get("classes", False),
        "encoding": str(settings.get("encoding") or AUTOMATIC),
        "split_column": str(settings.get("split_column") or ""),
    }
    known = settings.get("name") in (*GENERATORS, *SHIPPED)
    source = None if known else source_of(settings)
    if source is not None:
        name = Path(str(settings.get("name"))).name
        return from_source(source, name, 1 if targets is None else targets, inputs, choice)
    return load(
        settings.get("name", "circle"),
        n=settings.get("n"),
        noise=settings.get("noise"),
        seed=seed,
        targets=targets,
        inputs=inputs,
        **choice,
    )
