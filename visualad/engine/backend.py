"""What a compute backend is, and which ones there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from visualad.engine.plan import Plan
from visualad.errors import BackendError, GraphError, ShapeError

Array = Any


@runtime_checkable
class Executable(Protocol):
    """A loaded plan with its memory. Not safe for use by two threads at once.

    Arrays that it hands out are views of its memory: they show the numbers of the latest run.
    """

    @property
    def plan(self) -> Plan:
        """What was loaded."""
        ...

    @property
    def parameters(self) -> Array:
        """All parameters, one flat writable array in the order of `plan.parameters`."""
        ...

    @property
    def gradients(self) -> Array:
        """The latest gradient, one flat array in the order of `plan.wrt`.

        With the default `wrt` it lies parallel to `parameters`.
        """
        ...

    def run(self, inputs: Mapping[str, Any] | None = None) -> Mapping[str, Array]:
        """Compute the outputs.

        Args:
            inputs: values by input name; inputs that are left out keep their latest values.

        Returns:
            The values of `plan.outputs` by name.
        """
        ...

    def loss_and_gradient(self, inputs: Mapping[str, Any] | None = None) -> float:
        """Compute the loss, which is returned, and the gradients, which are in `gradients`."""
        ...

    def gradient(self, name: str) -> Array:
        """The latest gradient with respect to one leaf, in its shape."""
        ...

    def parameter(self, name: str) -> Array:
        """One parameter in its shape; writing to it changes it."""
        ...

    def value(self, name: str) -> Array:
        """The latest value of any node that the plan computes."""
        ...


@dataclass
class Update:
    """An optimiser's rule and memory as plain data, for backends that do many steps in one call.

    Attributes:
        rule: "sgd", "momentum", "nesterov", "adam", "adamw", "adagrad", "rmsprop", "centered
            rmsprop" or a plugin's own; a backend may know fewer.
        numbers: the learning rate first, then what else the rule has, in the order of the
            optimiser's settings: momentum; beta1, beta2, epsilon (and weight decay); decay and
            epsilon; alpha, epsilon and momentum.
        memory: flat arrays parallel to the parameters, changed in place: the velocity, or the
            means of the gradient and of its square.
        count: of the steps so far.
    """

    rule: str
    numbers: tuple[float, ...]
    memory: tuple[Array, ...] = ()
    count: int = 0


@runtime_checkable
class TrainsManySteps(Protocol):
    """What an executable may offer beside: whole runs of training steps in one call."""

    def can_train(self, update: Update) -> bool:
        """Whether it can for this plan and this optimiser."""
        ...

    def train_steps(
        self, data: Mapping[str, Array], order: Array, batch: int, update: Update
    ) -> Array:
        """Do one step after the other: fetch a batch, compute the gradients, update.

        Args:
            data: by input name the values for all samples, one row for each; in the plan's dtype.
            order: numbers of the samples, `batch` of them for each step.
            update: the optimiser; its memory and count are carried on.

        Returns:
            The loss of each step before its update. If a loss is no finite number, it is the last
            one, and its step left the parameters alone.
        """
        ...


@runtime_checkable
class Backend(Protocol):
    """A way to run plans."""

    @property
    def name(self) -> str:
        """The name by which it is asked for."""
        ...

    @property
    def description(self) -> str:
        """One line for people."""
        ...

    def is_available(self) -> bool:
        """Whether it can run here."""
        ...

    def load(self, plan: Plan, parameters: Array | None = None) -> Executable:
        """Make a plan ready to run.

        Args:
            parameters: a flat array to use for the parameters, so that plans for several batch
                sizes share them; a new one with the stored values by default.
        """
        ...


@runtime_checkable
class NeedsPreparation(Protocol):
    """What a backend may offer beside: it takes time before it can run, but nobody has to wait."""

    @property
    def status(self) -> str:
        """What it is doing, in one sentence; empty when there is nothing to say."""
        ...

    def prepare(self, dtype: str) -> None:
        """Begin to get ready for plans of this dtype, in the background."""
        ...

    def is_ready(self, dtype: str) -> bool:
        """Whether plans of this dtype can be loaded at once."""
        ...


@runtime_checkable
class PreparesPlans(NeedsPreparation, Protocol):
    """What it may offer beside: also single plans take time, as they call code of plugins."""

    def prepare_plan(self, plan: Plan) -> None:
        """Begin to get ready for this plan, in the background."""
        ...

    def is_plan_ready(self, plan: Plan) -> bool:
        """Whether this plan can be loaded at once."""
        ...


def place_for(places: Mapping[str, Array], name: str, value: Any) -> Array:
    """Where an executable keeps the input of this name, if the value fits it.

    Args:
        places: arrays by input name.

    Raises:
        GraphError: if the plan has no such input.
        ShapeError: if the value has another shape.
    """
    place = places.get(name)
    if place is None:
        raise GraphError(f"The plan has no input '{name}'; it has {', '.join(places) or 'none'}.")
    shape = value.shape if isinstance(value, np.ndarray) else np.shape(value)
    if shape != place.shape:
        raise ShapeError(
            f"Input {name} must have the shape {place.shape} that the plan was made for, "
            f"not {shape}."
        )
    return place


BACKENDS: dict[str, Backend] = {}
# What plugins of ours provide, and how to install them: they are not published, so from a checkout.
PLUGINS = {
    "numba": "pip install ./plugins/visualad-numba in VisualAD's folder",
    "cuda": "pip install './plugins/visualad-cuda[cuda12]' in VisualAD's folder",
}


def register_backend(backend: Backend) -> None:
    """Make a backend known; a plugin calls this when it is loaded.

    Raises:
        BackendError: if the name is taken.
    """
    if backend.name in BACKENDS and type(BACKENDS[backend.name]) is not type(backend):
        raise BackendError(f"There is already a backend '{backend.name}'.")
    BACKENDS[backend.name] = backend


def backends() -> tuple[Backend, ...]:
    """All backends that are known, NumPy first."""
    return tuple(BACKENDS.values())


def absent_backends() -> Mapping[str, str]:
    """Backends that plugins of ours would provide: their names, and the command to install each."""
    return {name: command for name, command in PLUGINS.items() if name not in BACKENDS}


def backend(name: str) -> Backend:
    """The backend of this name.

    Raises:
        BackendError: if there is none or it cannot run here.
    """
    found = BACKENDS.get(name)
    if found is None and name in PLUGINS:
        raise BackendError(
            f"The backend '{name}' is not installed; install it with: {PLUGINS[name]}"
        )
    if found is None:
        raise BackendError(f"There is no backend '{name}'; there are {', '.join(BACKENDS)}.")
    if not found.is_available():
        raise BackendError(f"The backend '{name}' cannot run here: {found.description}.")
    return found
