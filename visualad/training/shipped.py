"""The data sets that come with VisualAD as files: iris, wine, breast cancer, digits, diabetes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visualad.assets import asset


@dataclass(frozen=True)
class Shipped:
    """A file of data; assets/data/README.md has its source and licence.

    Attributes:
        title: what it is called on screen.
        about: one sentence.
        outputs: columns that the targets become: 3 for three classes, 1 for two or for a number.
        has_classes: the target is a class.
        image: rows and columns of the picture that a sample is, or None.
    """

    title: str
    about: str
    outputs: int
    has_classes: bool = True
    image: tuple[int, int] | None = None


SHIPPED: Mapping[str, Shipped] = {
    "iris": Shipped("Iris", "150 flowers, 4 lengths, 3 species (Fisher 1936)", 3),
    "wine": Shipped("Wine", "178 wines, 13 measurements, 3 cultivars (UCI)", 3),
    "breast_cancer": Shipped(
        "Breast cancer", "569 tumours, 30 measurements, malignant or benign (UCI)", 1
    ),
    "digits": Shipped("Digits", "1797 handwritten digits of 8 x 8 pixels (UCI)", 10, image=(8, 8)),
    "diabetes": Shipped(
        "Diabetes",
        "442 patients, 10 measurements, progression after a year (Efron et al. 2004)",
        1,
        has_classes=False,
    ),
}


def shipped_file(name: str) -> Path:
    """Where the file is."""
    return asset(f"data/{name}.csv.gz")


def shipped_image(name: str) -> tuple[int, int] | None:
    """Rows and columns of the picture that a sample is, or None."""
    return SHIPPED[name].image


def image_shape(settings: Mapping[str, Any]) -> tuple[int, int] | None:
    """Rows and columns of the pictures that `graph.training["data"]` says its samples are."""
    known = SHIPPED.get(str(settings.get("name")))
    found = known.image if known is not None else settings.get("image")
    return (int(found[0]), int(found[1])) if found else None


def shipped_settings(name: str) -> dict[str, Any]:
    """What `graph.training["data"]` has beside the name."""
    return {"standardize": True, "test_fraction": 0.25}


def shipped_loss(name: str) -> str:
    """The loss that fits the targets."""
    about = SHIPPED[name]
    if not about.has_classes:
        return "mean_squared_error"
    return "cross_entropy" if about.outputs > 1 else "binary_cross_entropy"
