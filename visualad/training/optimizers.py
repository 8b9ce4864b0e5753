"""The optimisers that can be chosen by name, and how plugins add theirs.

    state = Adam(0.01).start(parameters)
    state.step(parameters, gradient)

The settings are frozen values; `start` gives the state of one run, whose `step` changes the flat
parameter buffer in place and allocates nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from visualad.errors import PluginError, VisualADError
from visualad.register import Register
from visualad.training.adaptive import Adagrad, Adam, AdamW, RMSprop
from visualad.training.gradient_descent import SGD
from visualad.training.least_squares import GaussNewton, LevenbergMarquardt
from visualad.training.quasi_newton import LBFGS
from visualad.training.stepping import Optimizer, OptimizerState

__all__ = [
    "LBFGS",
    "OPTIMIZERS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "GaussNewton",
    "LevenbergMarquardt",
    "Optimizer",
    "OptimizerKind",
    "OptimizerState",
    "RMSprop",
    "optimizer",
    "optimizer_from",
]

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class OptimizerKind:
    """An optimiser that can be chosen.

    Attributes:
        make: from the settings of training to the optimiser.
        title: what it is called on screen.
        learning_rate: a usual one; None if not known.
        full_batch: it is made for all samples at once.
    """

    make: Callable[[Mapping[str, Any]], Optimizer]
    title: str
    learning_rate: float | None = None
    full_batch: bool = False


def _from_fields(kind: type[Any], **defaults: Any) -> Callable[[Mapping[str, Any]], Optimizer]:
    """Call a class of settings with those settings of training that its parameters name."""
    known = inspect.signature(kind).parameters

    def make(settings: Mapping[str, Any]) -> Optimizer:
        given = {key: value for key, value in settings.items() if key in known}
        for key, value in given.items():
            is_bool = isinstance(known[key].default, bool)
            if not isinstance(value, bool if is_bool else int | float | str) or (
                not is_bool and isinstance(value, bool)
            ):
                shown = key.replace("_", " ")
                raise VisualADError(f"The {shown} must be a number, not {value!r}.")
        made: Optimizer = kind(**{**defaults, **given})
        return made

    return make


def _sgd(settings: Mapping[str, Any]) -> Optimizer:
    momentum = settings.get("momentum") or 0.0
    return _from_fields(SGD)({**settings, "momentum": momentum})


# By the name in `graph.training["optimizer"]`. What a name stands for takes from the settings of
# training those that its class names: learning_rate, momentum, epsilon, ...
OPTIMIZERS = Register(
    "optimiser",
    {
        "sgd": OptimizerKind(_sgd, "SGD", 0.1),
        "adagrad": OptimizerKind(_from_fields(Adagrad), "Adagrad", 0.1),
        "rmsprop": OptimizerKind(_from_fields(RMSprop), "RMSprop", 0.01),
        "adam": OptimizerKind(_from_fields(Adam), "Adam", 0.01),
        "adamw": OptimizerKind(_from_fields(AdamW), "AdamW", 0.01),
        "lbfgs": OptimizerKind(_from_fields(LBFGS), "L-BFGS", 1.0, True),
        "gauss_newton": OptimizerKind(_from_fields(GaussNewton), "Gauss-Newton", 1.0, True),
        "levenberg_marquardt": OptimizerKind(
            _from_fields(LevenbergMarquardt), "Levenberg-Marquardt", 1.0, True
        ),
    },
)


def optimizer(name: str, *, title: str = "") -> Callable[[type[Kind]], type[Kind]]:
    """Declare an optimiser: a decorator for a class of its settings.

    The class is called with those settings of training that its parameters name (`learning_rate`,
    `momentum`, ...); its `start(parameters)` gives an object whose `step(parameters, gradient)`
    changes the flat array of parameters in place.

    Args:
        name: in `graph.training["optimizer"]`.
        title: what it is called on screen; its name by default.
    """

    def declare(kind: type[Kind]) -> type[Kind]:
        known = inspect.signature(kind).parameters
        if not callable(getattr(kind, "start", None)):
            raise PluginError(
                f"The optimiser '{name}' has no method start(parameters), which gives its state."
            )

        def make(settings: Mapping[str, Any]) -> Optimizer:
            given = {key: value for key, value in settings.items() if key in known}
            made: Optimizer = kind(**given)  # type: ignore[assignment]
            return made

        OPTIMIZERS.add(name, OptimizerKind(make, title or name.replace("_", " ")))
        return kind

    return declare


def optimizer_from(settings: Mapping[str, Any]) -> Optimizer:
    """The optimiser that `graph.training` describes: optimizer, learning_rate, ...

    Raises:
        VisualADError: for an unknown name or numbers that make no sense.
    """
    name = settings.get("optimizer", "sgd")
    if name not in OPTIMIZERS:
        raise VisualADError(f"There is no optimiser '{name}'; take one of {', '.join(OPTIMIZERS)}.")
    return OPTIMIZERS[name].make(settings)
