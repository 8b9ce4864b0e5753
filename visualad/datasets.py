"""Data sets for training, by name or from files: `visualad.datasets.load("spiral", seed=1)`."""

from visualad.training.datasets import NAMES, Dataset, from_arrays, load

__all__ = ["NAMES", "Dataset", "from_arrays", "load"]
