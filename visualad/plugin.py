"""Everything that plugins are made with, beside the public names of `visualad` itself.

    from visualad import plugin

    plugin.require(api=1)

docs/plugins.md shows each kind of plugin. These names are stable: a change that breaks a plugin
raises `API_VERSION`.

A backend runs plans. A `Plan` is a table of `Instruction`s over flat regions of memory; an operand
is a `View` of a region or a `Constant`. `Executable` and `Backend` say what a backend has to
offer; `TrainsManySteps` and `NeedsPreparation` what it may offer beside.
"""

from __future__ import annotations

from visualad.engine.backend import (
    Backend,
    Executable,
    NeedsPreparation,
    TrainsManySteps,
    Update,
    backend,
    backends,
    register_backend,
)
from visualad.engine.compile import compile_plan
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
from visualad.errors import (
    BackendError,
    FileError,
    GraphError,
    PluginError,
    ShapeError,
    VisualADError,
)
from visualad.exchange.extensions import exporter, importer
from visualad.graph.composite import composite
from visualad.graph.edits import set_settings
from visualad.graph.model import Graph
from visualad.graph.notes import add_note
from visualad.graph.parser import parse
from visualad.ops.declaration import REGISTRY, Operation, Precedence, node, operation
from visualad.plugins.lessons import lesson
from visualad.plugins.panels import Curves, Rows, Words, panel
from visualad.plugins.panels import View as PanelView
from visualad.training.datasets import Dataset
from visualad.training.generators import dataset
from visualad.training.optimizers import Optimizer, OptimizerState, optimizer

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
    "Curves",
    "Dataset",
    "Executable",
    "FileError",
    "Graph",
    "GraphError",
    "Instruction",
    "NeedsPreparation",
    "NumpyBackend",
    "OpaqueCall",
    "Operand",
    "Operation",
    "Optimizer",
    "OptimizerState",
    "PanelView",
    "Plan",
    "PluginError",
    "Precedence",
    "Rows",
    "ShapeError",
    "TrainsManySteps",
    "Update",
    "View",
    "VisualADError",
    "Words",
    "add_note",
    "backend",
    "backends",
    "compile_plan",
    "composite",
    "dataset",
    "exporter",
    "importer",
    "lesson",
    "node",
    "operation",
    "optimizer",
    "panel",
    "parameter_memory",
    "parse",
    "register_backend",
    "require",
    "set_settings",
]


def require(*, api: int) -> None:
    """Say which version of this interface a plugin was written for; it stands at its top.

    Raises:
        PluginError: if this VisualAD is older; the plugin is then not loaded.
    """
    if api > API_VERSION:
        raise PluginError(
            f"The plugin needs version {api} of the plugin interface, but this VisualAD has "
            f"version {API_VERSION}; update VisualAD"
        )
