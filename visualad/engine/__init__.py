"""Plans, buffers and the backend interface; the NumPy backend.

plan = compile_plan(graph, {"X": (10, 2), "Y": (10, 1)}, loss="L")      # by parameters
executable = backend("numpy").load(plan)
loss = executable.loss_and_gradient({"X": x, "Y": y})
executable.parameters -= 0.1 * executable.gradients                       # both flat, parallel
executable.run({"X": x})["o"]                                             # values of the outputs
moving = backend("numpy").load(compile_plan(graph, along=["X"]))           # forward mode
moving.run({"X": x, tangent_of("X"): v})[tangent_of("o")]                  # J v
executable.parameter("W1"), executable.gradient("W1"), executable.value("h")
"""

from visualad.engine.backend import (
    Backend,
    Executable,
    NeedsPreparation,
    PreparesPlans,
    TrainsManySteps,
    Update,
    backend,
    backends,
    register_backend,
)
from visualad.engine.compile import compile_plan
from visualad.engine.numpy_backend import NumpyBackend
from visualad.engine.plan import Plan, tangent_of

__all__ = [
    "Backend",
    "Executable",
    "NeedsPreparation",
    "NumpyBackend",
    "Plan",
    "PreparesPlans",
    "TrainsManySteps",
    "Update",
    "backend",
    "backends",
    "compile_plan",
    "register_backend",
    "tangent_of",
]
