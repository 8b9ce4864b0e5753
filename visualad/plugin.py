"""Everything that plugins are made with, beside the public names of `visualad` itself.

    from visualad import plugin

    plugin.require(api=1)

docs/plugins.md shows each kind of plugin. These names are stable: a change that breaks a plugin
raises `API_VERSION`.

A backend runs plans. A `Plan` is a table of `Instruction`s over flat regions of memory; an operand
is a `View` of a region or a `Constant`. `Executable` and `Backend` say what a backend has to
offer; `TrainsManySteps`, `NeedsPreparation` (with a `Preparation`) and `PreparesPlans` what it may
offer beside.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

API_VERSION = 1

# Public name -> the module that defines it; imported when it is first used, as plugins are loaded
# at every start.
_HOMES = {
    "Backend": "visualad.engine.backend",
    "Executable": "visualad.engine.backend",
    "NeedsPreparation": "visualad.engine.backend",
    "PreparesPlans": "visualad.engine.backend",
    "TrainsManySteps": "visualad.engine.backend",
    "Update": "visualad.engine.backend",
    "backend": "visualad.engine.backend",
    "backends": "visualad.engine.backend",
    "place_for": "visualad.engine.backend",
    "register_backend": "visualad.engine.backend",
    "compile_plan": "visualad.engine.compile",
    "Preparation": "visualad.engine.preparation",
    "NumpyBackend": "visualad.engine.numpy_backend",
    "parameter_memory": "visualad.engine.numpy_backend",
    "ARENA": "visualad.engine.plan",
    "GRADIENTS": "visualad.engine.plan",
    "JVP": "visualad.engine.plan",
    "MASK": "visualad.engine.plan",
    "PARAMETERS": "visualad.engine.plan",
    "PARTIALS": "visualad.engine.plan",
    "VALUE": "visualad.engine.plan",
    "VJP": "visualad.engine.plan",
    "Constant": "visualad.engine.plan",
    "Instruction": "visualad.engine.plan",
    "OpaqueCall": "visualad.engine.plan",
    "Operand": "visualad.engine.plan",
    "Plan": "visualad.engine.plan",
    "View": "visualad.engine.plan",
    "tangent_of": "visualad.engine.plan",
    "BackendError": "visualad.errors",
    "FileError": "visualad.errors",
    "GraphError": "visualad.errors",
    "PluginError": "visualad.errors",
    "ShapeError": "visualad.errors",
    "VisualADError": "visualad.errors",
    "exporter": "visualad.exchange.extensions",
    "importer": "visualad.exchange.extensions",
    "composite": "visualad.graph.composite",
    "set_settings": "visualad.graph.edits",
    "Graph": "visualad.graph.model",
    "add_note": "visualad.graph.notes",
    "parse": "visualad.graph.parser",
    "REGISTRY": "visualad.ops.declaration",
    "Operation": "visualad.ops.declaration",
    "Precedence": "visualad.ops.declaration",
    "node": "visualad.ops.declaration",
    "operation": "visualad.ops.declaration",
    "lesson": "visualad.plugins.lessons",
    "Curves": "visualad.plugins.panels",
    "Rows": "visualad.plugins.panels",
    "Words": "visualad.plugins.panels",
    "panel": "visualad.plugins.panels",
    "PanelView": "visualad.plugins.panels",
    "Dataset": "visualad.training.datasets",
    "dataset": "visualad.training.generators",
    "Optimizer": "visualad.training.optimizers",
    "OptimizerState": "visualad.training.optimizers",
    "optimizer": "visualad.training.optimizers",
}
_OTHER_NAMES = {"PanelView": "View"}

__all__ = ["API_VERSION", "require", *sorted(_HOMES)]  # noqa: PLE0604 - all of these are strings

if TYPE_CHECKING:
    from visualad.engine.backend import Backend as Backend
    from visualad.engine.backend import Executable as Executable
    from visualad.engine.backend import NeedsPreparation as NeedsPreparation
    from visualad.engine.backend import PreparesPlans as PreparesPlans
    from visualad.engine.backend import TrainsManySteps as TrainsManySteps
    from visualad.engine.backend import Update as Update
    from visualad.engine.backend import backend as backend
    from visualad.engine.backend import backends as backends
    from visualad.engine.backend import place_for as place_for
    from visualad.engine.backend import register_backend as register_backend
    from visualad.engine.compile import compile_plan as compile_plan
    from visualad.engine.numpy_backend import NumpyBackend as NumpyBackend
    from visualad.engine.numpy_backend import parameter_memory as parameter_memory
    from visualad.engine.plan import ARENA as ARENA
    from visualad.engine.plan import GRADIENTS as GRADIENTS
    from visualad.engine.plan import JVP as JVP
    from visualad.engine.plan import MASK as MASK
    from visualad.engine.plan import PARAMETERS as PARAMETERS
    from visualad.engine.plan import PARTIALS as PARTIALS
    from visualad.engine.plan import VALUE as VALUE
    from visualad.engine.plan import VJP as VJP
    from visualad.engine.plan import Constant as Constant
    from visualad.engine.plan import Instruction as Instruction
    from visualad.engine.plan import OpaqueCall as OpaqueCall
    from visualad.engine.plan import Operand as Operand
    from visualad.engine.plan import Plan as Plan
    from visualad.engine.plan import View as View
    from visualad.engine.plan import tangent_of as tangent_of
    from visualad.engine.preparation import Preparation as Preparation
    from visualad.errors import BackendError as BackendError
    from visualad.errors import FileError as FileError
    from visualad.errors import GraphError as GraphError
    from visualad.errors import PluginError as PluginError
    from visualad.errors import ShapeError as ShapeError
    from visualad.errors import VisualADError as VisualADError
    from visualad.exchange.extensions import exporter as exporter
    from visualad.exchange.extensions import importer as importer
    from visualad.graph.composite import composite as composite
    from visualad.graph.edits import set_settings as set_settings
    from visualad.graph.model import Graph as Graph
    from visualad.graph.notes import add_note as add_note
    from visualad.graph.parser import parse as parse
    from visualad.ops.declaration import REGISTRY as REGISTRY
    from visualad.ops.declaration import Operation as Operation
    from visualad.ops.declaration import Precedence as Precedence
    from visualad.ops.declaration import node as node
    from visualad.ops.declaration import operation as operation
    from visualad.plugins.lessons import lesson as lesson
    from visualad.plugins.panels import Curves as Curves
    from visualad.plugins.panels import Rows as Rows
    from visualad.plugins.panels import Words as Words
    from visualad.plugins.panels import panel as panel
    from visualad.training.datasets import Dataset as Dataset
    from visualad.training.generators import dataset as dataset
    from visualad.training.optimizers import Optimizer as Optimizer
    from visualad.training.optimizers import OptimizerState as OptimizerState
    from visualad.training.optimizers import optimizer as optimizer


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'visualad.plugin' has no attribute '{name}'")
    value = getattr(importlib.import_module(_HOMES[name]), _OTHER_NAMES.get(name, name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def require(*, api: int) -> None:
    """Say which version of this interface a plugin was written for; it stands at its top.

    Raises:
        PluginError: if this VisualAD is older; the plugin is then not loaded.
    """
    from visualad.errors import PluginError

    if api > API_VERSION:
        raise PluginError(
            f"The plugin needs version {api} of the plugin interface, but this VisualAD has "
            f"version {API_VERSION}; update VisualAD"
        )
