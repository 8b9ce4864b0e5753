"""Draw computational graphs, watch derivatives travel through them, train them.

    import visualad as va

    g = va.parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")
    va.gradient(g, {"x1": 1, "x2": 2, "x3": 1.5708}, mode="backward")

Every public name is imported from its room when it is first used, so that `import visualad`
costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

# Public name -> the module that defines it.
_HOMES = {
    # graphs
    "Graph": "visualad.graph.model",
    "Node": "visualad.graph.model",
    "Edge": "visualad.graph.model",
    "parse": "visualad.graph.parser",
    "trace": "visualad.graph.tracing",
    "load": "visualad.graph.file",
    "save": "visualad.graph.file",
    # values and derivatives
    "evaluate": "visualad.autodiff.evaluate",
    "gradient": "visualad.autodiff.derivatives",
    "jacobian": "visualad.autodiff.derivatives",
    "hessian": "visualad.autodiff.derivatives",
    "jvp": "visualad.autodiff.derivatives",
    "vjp": "visualad.autodiff.derivatives",
    "Jacobian": "visualad.autodiff.derivatives",
    "sweep": "visualad.autodiff.sweeps",
    "Sweep": "visualad.autodiff.steps",
    "Step": "visualad.autodiff.steps",
    "cost": "visualad.autodiff.costs",
    "Cost": "visualad.autodiff.steps",
    "linearize": "visualad.autodiff.linearized",
    "LinearizedGraph": "visualad.autodiff.linearized",
    "elimination_order": "visualad.autodiff.orders",
    "Order": "visualad.autodiff.orders",
    "check": "visualad.autodiff.check",
    # training
    "train": "visualad.training.loop",
    "Run": "visualad.training.loop",
    "train_sweep": "visualad.training.grid.runner",
    "SGD": "visualad.training.optimizers",
    "Adam": "visualad.training.optimizers",
    "Adagrad": "visualad.training.optimizers",
    "AdamW": "visualad.training.optimizers",
    "GaussNewton": "visualad.training.optimizers",
    "LBFGS": "visualad.training.optimizers",
    "LevenbergMarquardt": "visualad.training.optimizers",
    "RMSprop": "visualad.training.optimizers",
    "mlp": "visualad.training.perceptron",
    # node types and other languages
    "node": "visualad.ops.declaration",
    "to_source": "visualad.exchange.formats",
    # errors
    "VisualADError": "visualad.errors",
    "ParseError": "visualad.errors",
    "GraphError": "visualad.errors",
    "ShapeError": "visualad.errors",
    "FileError": "visualad.errors",
    "PluginError": "visualad.errors",
    "BackendError": "visualad.errors",
}
_MODULES = ("datasets", "testing")

__all__ = [*sorted(_HOMES), "__version__", *_MODULES]  # noqa: PLE0604 - all of these are strings

if TYPE_CHECKING:
    from visualad import datasets as datasets
    from visualad import testing as testing
    from visualad.autodiff.check import check as check
    from visualad.autodiff.costs import cost as cost
    from visualad.autodiff.derivatives import Jacobian as Jacobian
    from visualad.autodiff.derivatives import gradient as gradient
    from visualad.autodiff.derivatives import hessian as hessian
    from visualad.autodiff.derivatives import jacobian as jacobian
    from visualad.autodiff.derivatives import jvp as jvp
    from visualad.autodiff.derivatives import vjp as vjp
    from visualad.autodiff.evaluate import evaluate as evaluate
    from visualad.autodiff.linearized import LinearizedGraph as LinearizedGraph
    from visualad.autodiff.linearized import linearize as linearize
    from visualad.autodiff.orders import Order as Order
    from visualad.autodiff.orders import elimination_order as elimination_order
    from visualad.autodiff.steps import Cost as Cost
    from visualad.autodiff.steps import Step as Step
    from visualad.autodiff.steps import Sweep as Sweep
    from visualad.autodiff.sweeps import sweep as sweep
    from visualad.errors import BackendError as BackendError
    from visualad.errors import FileError as FileError
    from visualad.errors import GraphError as GraphError
    from visualad.errors import ParseError as ParseError
    from visualad.errors import PluginError as PluginError
    from visualad.errors import ShapeError as ShapeError
    from visualad.errors import VisualADError as VisualADError
    from visualad.exchange.formats import to_source as to_source
    from visualad.graph.file import load as load
    from visualad.graph.file import save as save
    from visualad.graph.model import Edge as Edge
    from visualad.graph.model import Graph as Graph
    from visualad.graph.model import Node as Node
    from visualad.graph.parser import parse as parse
    from visualad.graph.tracing import trace as trace
    from visualad.ops.declaration import node as node
    from visualad.training.grid.runner import train_sweep as train_sweep
    from visualad.training.loop import Run as Run
    from visualad.training.loop import train as train
    from visualad.training.optimizers import LBFGS as LBFGS
    from visualad.training.optimizers import SGD as SGD
    from visualad.training.optimizers import Adagrad as Adagrad
    from visualad.training.optimizers import Adam as Adam
    from visualad.training.optimizers import AdamW as AdamW
    from visualad.training.optimizers import GaussNewton as GaussNewton
    from visualad.training.optimizers import LevenbergMarquardt as LevenbergMarquardt
    from visualad.training.optimizers import RMSprop as RMSprop
    from visualad.training.perceptron import mlp as mlp


def __getattr__(name: str) -> object:
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    elif name in _MODULES:
        value = importlib.import_module(f"visualad.{name}")
    else:
        raise AttributeError(f"module 'visualad' has no attribute '{name}'")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
