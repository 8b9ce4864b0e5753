"""The frames that travel between window and kernel, and which requests replace one another.

A frame is a small tuple; requests and replies lie in it as pickled bytes, so that the kernel can
skip an obsolete request without reading it and a broken one spoils nothing but itself.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from typing import TYPE_CHECKING, Any

from visualad.errors import PluginError, VisualADError
from visualad.graph.model import LEAVES, Graph
from visualad.kernel.messages import Failed, Interim, Reply, Request
from visualad.ops.declaration import REGISTRY

if TYPE_CHECKING:
    from visualad.engine.structure import Structure

# What a frame is about; the window sends the first three, the kernel the others.
START, REQUEST, INTERRUPT = "start", "request", "interrupt"
READY, BEGAN, REPLY, STOPPED = "ready", "began", "reply", "stopped"
LOADING, LOADED = "loading", "loaded"  # of a plugin, whose key stands in place of the type

Frame = tuple[str, int, str, bytes]  # what, id or number, type of the request, pickled content

# Requests by the names of their types: whoever asks imports the type, and many are rarely asked.
# A newer one of these makes the older ones that still wait obsolete: they are never answered.
COALESCED = frozenset(
    {
        "Evaluate",
        "RunSweep",
        "CompareCosts",
        "CheckDerivatives",
        "ScoreElimination",
        "FindPathPairs",
        "FindPaths",
        "ComputeHessian",
        "MarkExercise",
        "StudyErrors",
        "MakeMistake",
        "CountGrowth",
        "AddOuterProducts",
        "SumBumps",
        "CompareCounts",
        "LookAtNetwork",
        "EvaluateRun",
        "PreviewData",
        "LookAtImage",
    }
)
# These get no answer of their own.
SILENT = frozenset({"Control"})

DOING = {
    "Evaluate": "evaluating the graph",
    "RunSweep": "differentiating the graph",
    "CompareCosts": "counting multiplications and additions",
    "CheckDerivatives": "checking the derivatives",
    "ScoreElimination": "comparing elimination orders",
    "FindPathPairs": "finding where paths meet",
    "FindPaths": "following paths",
    "ComputeHessian": "computing second derivatives",
    "SearchOrder": "looking for the best elimination order",
    "Train": "training",
    "FindRate": "trying learning rates",
    "MapLandscape": "mapping the loss",
    "LookAtNetwork": "looking at the network",
    "EvaluateRun": "evaluating the graph in training",
    "TrainSweep": "training with many settings",
    "TrainAgain": "training a run again",
    "MarkExercise": "marking the answers",
    "StudyErrors": "studying numerical derivatives",
    "MakeMistake": "making the mistake",
    "CountGrowth": "counting how costs grow",
    "AddOuterProducts": "adding outer products",
    "SampleTarget": "reading the target",
    "SumBumps": "adding bumps",
    "PlaceBumps": "placing bumps",
    "CompareCounts": "comparing numbers of bumps",
    "MakePerceptron": "making a perceptron",
    "UpdatePlugins": "loading plugins",
    "CheckPlugin": "testing a plugin",
    "WriteGraph": "writing a file",
    "ReadGraph": "reading a file",
    "OpenLesson": "opening a lesson",
    "DrawPanel": "drawing a panel",
    "DrawDataset": "drawing a data set",
    "LookAtImage": "looking at a picture",
    "ReadData": "reading data",
    "PreviewData": "choosing columns",
    "TakeData": "taking the data",
}


def kind_of(request: Request) -> str:
    """The name of its type, by which requests are counted and coalesced."""
    return type(request).__name__


def doing(kind: str) -> str:
    """What the kernel does with such a request, in words: "evaluating the graph"."""
    return DOING.get(kind, "working")


def dump(content: object) -> bytes:
    """Pickle a message."""
    return pickle.dumps(content, protocol=pickle.HIGHEST_PROTOCOL)


def load(content: bytes) -> Any:
    """The message in a frame that the window sent."""
    return pickle.loads(content)


def dump_reply(reply: Reply, graph: Graph | None) -> bytes:
    """Pickle a reply; the graph it is about is only named, as the window has it.

    Args:
        graph: of the request, or None.
    """
    if graph is None or not _is_plain(graph):
        return dump(reply)
    from visualad.engine.structure import Structure, structure_of  # late: the engine comes along

    known = structure_of(graph)
    content = io.BytesIO()
    writer = pickle.Pickler(content, pickle.HIGHEST_PROTOCOL)
    writer.dispatch_table = copyreg.dispatch_table.copy()
    writer.dispatch_table[Graph] = lambda found: (
        (_graph_asked_about, ()) if found is graph else found.__reduce_ex__(4)
    )
    writer.dispatch_table[Structure] = lambda found: (
        (_structure_asked_about, ()) if found is known else found.__reduce_ex__(4)
    )
    writer.dump(reply)
    return content.getvalue()


def _is_plain(graph: Graph) -> bool:
    """Whether both processes see the same in it: plugins may be loaded in one alone."""
    return all(
        found is not None and not found.plugin
        for op in {node.op for node in graph.nodes_by_id.values()} - LEAVES
        for found in (REGISTRY.get(op),)
    )


def _graph_asked_about() -> Graph:
    raise PluginError("A reply of the kernel was read without its request.")


def _structure_asked_about() -> Structure:
    raise PluginError("A reply of the kernel was read without its request.")


# Whose classes the window takes out of a reply. Anything else would be imported to be read back:
# a value of a plugin's own class would bring the plugin into the window.
TRUSTED = {"visualad", "numpy", "collections", "fractions", "decimal", "datetime", "types"}
_BUILT_IN = frozenset(
    {"set", "frozenset", "complex", "bytearray", "range", "slice", "list", "dict", "tuple"}
    | {"object", "int", "float", "str", "bool", "bytes"}
)


class _Reader(pickle.Unpickler):
    def __init__(self, content: bytes, graph: Graph | None) -> None:
        super().__init__(io.BytesIO(content))
        self._graph = graph

    def find_class(self, module: str, name: str) -> Any:
        graph = self._graph
        if graph is not None and module == __name__:
            if name == _graph_asked_about.__name__:
                return lambda: graph
            if name == _structure_asked_about.__name__:
                from visualad.engine.structure import structure_of

                return lambda: structure_of(graph)
        root = module.partition(".")[0]
        known = root in TRUSTED or (root == "builtins" and name in _BUILT_IN)
        if not known and (module, name) not in {
            ("copyreg", "_reconstructor"),
            ("_codecs", "encode"),
        }:
            raise PluginError(
                f"A value of the type {module}.{name} cannot be shown; let the plugin give numbers "
                "and NumPy arrays."
            )
        return super().find_class(module, name)


def load_reply(content: bytes, graph: Graph | None = None) -> Any:
    """The message in a frame that the kernel sent; no plugin is imported to read it.

    Args:
        graph: of the request that is answered.

    Raises:
        PluginError: if there is something of a plugin's own class in it.
    """
    return _Reader(content, graph).load()


def ends(reply: Reply) -> bool:
    """Whether no further reply to the same request follows."""
    return not isinstance(reply, Interim)


def failure(id_: int, kind: str, error: BaseException, graph: Graph | None, detail: str) -> Failed:
    """An error as the user sees it: one sentence, the node it belongs to, the rest on demand."""
    if isinstance(error, VisualADError):
        name = error.node or ""
        node = graph.id_of(name) if graph is not None and name in graph else ""
        return Failed(id_, message=" ".join(error.message.split()), node=node, detail=detail)
    if isinstance(error, KeyboardInterrupt):
        return Failed(id_, message=f"Stopped while {doing(kind)}.", underway=True)
    if isinstance(error, MemoryError):
        sentence = f"There is not enough memory for {doing(kind)}."
    elif isinstance(error, RecursionError):
        sentence = (
            f"Something recursed without end while {doing(kind)}; look at your own node types."
        )
    else:
        said = " ".join(str(error).split())
        what = type(error).__name__ + (f": {said}" if said else "")
        sentence = f"Unexpected failure while {doing(kind)} ({what})."
    return Failed(id_, message=sentence, detail=detail)
