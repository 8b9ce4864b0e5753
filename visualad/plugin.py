"""What plugins build on: everything here stays as it is for as long as the API version does.

Node types are declared with `visualad.node`; this module holds what the other kinds need.

A backend runs plans. A `Plan` is a table of `Instruction`s over flat regions of memory; an operand
is a `View` of a region or a `Constant`. `Executable` and `Backend` say what a backend has to
offer.
"""

from __future__ import annotations

from visualad.engine.backend import Backend, Executable, backend, backends, register_backend
from visualad.engine.numpy_backend import NumpyBackend, parameter_memory
from visualad.engine.plan import (
    ARENA,
    GRADIENTS,
    MASK,
    PARAMETERS,
    PARTIALS,
    VALUE,
    VJP,
    Constant,
    Instruction,
    OpaqueCall,
    Operand,
    Plan,
    View,
)
from visualad.errors import BackendError, GraphError, PluginError, ShapeError, VisualADError
from visualad.ops.declaration import REGISTRY, Operation, node

API_VERSION = 1

__all__ = [
    "API_VERSION",
    "ARENA",
    "GRADIENTS",
    "MASK",
    "PARAMETERS",
    "PARTIALS",
    "REGISTRY",
    "VALUE",
    "VJP",
    "Backend",
    "BackendError",
    "Constant",
    "Executable",
    "GraphError",
    "Instruction",
    "NumpyBackend",
    "OpaqueCall",
    "Operand",
    "Operation",
    "Plan",
    "PluginError",
    "ShapeError",
    "View",
    "VisualADError",
    "backend",
    "backends",
    "node",
    "parameter_memory",
    "register_backend",
]
