"""A perceptron as classes in plain NumPy, the way the lecture teaches them, with a training loop.

The file runs by itself and trains to the losses that VisualAD finds. Its comment header and its
arrays say all that `visualad.exchange.class_reading` needs to make the graph of it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visualad import __version__
from visualad.errors import VisualADError
from visualad.exchange.class_texts import (
    ACTIVATIONS,
    LINEAR_CLASS,
    LOSSES,
    NETWORK_CLASS,
    OPTIMIZERS,
    TRAINING,
)
from visualad.exchange.function_source import FunctionSource
from visualad.exchange.numpy_source import partial_formulas
from visualad.exchange.plain_training import require_plain_training
from visualad.exchange.python_module import array_text
from visualad.graph.model import Graph
from visualad.ops.declaration import REGISTRY
from visualad.ops.expression import Call, Name
from visualad.ops.writing import numpy_source
from visualad.training.binding import DEFAULT_LOSS
from visualad.training.layers import Layers, find_layers, settings_of
from visualad.training.loop import parts_of
from visualad.training.optimizers import optimizer_from
from visualad.training.perceptron import LINEAR
from visualad.training.progress import KEY as RUN

HEADER = "# network: 1"  # the number is the version of what follows
EPOCHS = 100  # where the graph does not say how many
MOST_NUMBERS = 2_000_000  # of data in one file


def can_be_classes(graph: Graph) -> bool:
    """Whether a graph is a perceptron that knows its data, and so has such a file."""
    return find_layers(graph) is not None and bool(graph.training.get("data"))


def class_module(graph: Graph) -> str:
    """The Python module: Linear, Activation, Loss, Network, an optimiser, the training loop.

    Raises:
        VisualADError: if the graph is no perceptron, or its training needs what the file has not.
    """
    layers = find_layers(graph)
    if layers is None:
        raise VisualADError(
            "Classes are written for a perceptron and nothing else: linear layers and activations "
            "in a row. Use --style functions for this graph."
        )
    return _ClassModule(layers).text()


class _ClassModule:
    """The parts of one module while it is written."""

    def __init__(self, layers: Layers) -> None:
        self.layers = layers
        self.graph = layers.graph
        self.training = self.graph.training
        self.functions = FunctionSource()
        require_plain_training(self.graph, "classes")
        self.optimizer = optimizer_from(self.training)
        self.data, self.test = parts_of(self.graph)
        numbers = sum(part.x.size + part.y.size for part in (self.data, self.test))
        if numbers > MOST_NUMBERS:
            raise VisualADError(
                f"The data are {numbers:,} numbers, more than the {MOST_NUMBERS:,} that a Python "
                "file can hold well; train on fewer samples, or use --style functions."
            )
        widths = (layers.sizes[0], layers.sizes[-1])
        if self.data.x.shape[1] != widths[0]:
            raise VisualADError(
                f"The data have {self.data.x.shape[1]} input columns, the network takes "
                f"{widths[0]}; change the first layer or the data."
            )

    def text(self) -> str:
        """The whole module."""
        blocks = [LINEAR_CLASS, *self._activations(), self._loss(), NETWORK_CLASS]
        blocks += [self._optimizer(), TRAINING.rstrip()]
        helpers = list(self.functions.definitions.values())
        constants = "\n".join(self.functions.constants.values())
        head = [self._docstring() + "\n\n" + self._header(), "\n".join(self._imports())]
        if constants:
            head.append(constants)
        tail = [self._arrays(), self._network(), self._main()]
        return (
            "\n\n".join(head)
            + "\n\n\n"
            + "\n\n\n".join([*helpers, *blocks])
            + "\n\n\n"
            + "\n\n".join(tail)
            + "\n"
        )

    # Head -------------------------------------------------------------------------------------

    def _docstring(self) -> str:
        sizes = " - ".join(map(str, self.layers.sizes))
        return (
            f'"""A perceptron {sizes} in plain NumPy, written by VisualAD {__version__}.\n\n'
            "Run this file to train it: python FILE.py\n"
            "Read it back as a graph: visualad convert FILE.py network.vad. That reads the lines\n"
            'below and the arrays W1, b1, ...; nothing in this file is run for it.\n"""'
        )

    def _header(self) -> str:
        layers = self.layers
        functions = [self._stored(layer.activation) for layer in layers.layers]
        output = functions.pop()
        facts: dict[str, Any] = {
            "layers": list(layers.sizes),
            "activations": functions,
            "output": output,
            "loss": self._stored(layers.loss) if layers.loss else [self._loss_name(), {}],
            "has_loss": bool(layers.loss),
            "dtype": self.graph.dtype,
            "seed": self.graph.seed,
            "training": _plain({k: v for k, v in self.training.items() if k != RUN}),
        }
        lines = [f"# {key}: {json.dumps(value, ensure_ascii=True)}" for key, value in facts.items()]
        return "\n".join([HEADER, *lines])

    def _stored(self, id_: str) -> list[Any]:
        """A function with the settings that the graph stores for it."""
        if not id_:
            return [LINEAR, {}]
        node = self.graph.nodes_by_id[id_]
        known = REGISTRY[node.op].settings
        return [node.op, {k: _plain(v) for k, v in node.settings.items() if k in known}]

    def _imports(self) -> list[str]:
        return sorted(self.functions.imports)

    # Classes ----------------------------------------------------------------------------------

    def _functions(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Operation and settings of each layer's activation, the output's last."""
        return [
            (self.graph.nodes_by_id[layer.activation].op, settings_of(self.graph, layer.activation))
            if layer.activation
            else (LINEAR, {})
            for layer in self.layers.layers
        ]

    def _names(self) -> dict[str, str]:
        """The class of each activation that occurs, by what tells it from the others."""
        found: dict[str, str] = {}
        kinds = [(op, json.dumps(dict(s))) for op, s in self._functions() if op != LINEAR]
        kinds = list(dict.fromkeys(kinds))
        for op, settings in kinds:
            name = "".join(part.capitalize() for part in op.split("_")) + "Activation"
            while name in found.values():
                name += "2"
            found[op + settings] = "Activation" if len(kinds) == 1 else name
        return found

    def _activations(self) -> list[str]:
        names = self._names()
        texts = {}
        for op, settings in self._functions():
            if op != LINEAR:
                name = names[op + json.dumps(dict(settings))]
                texts[name] = self._activation(name, op, settings)
        return list(texts.values())

    def _activation(self, name: str, op: str, settings: Mapping[str, Any]) -> str:
        if op in ACTIVATIONS:
            return ACTIVATIONS[op].replace("class Activation", f"class {name}")
        declared = REGISTRY[op]
        function = numpy_source(Call(op, (Name("h"),), settings))
        if declared.ufunc is None and not (declared.infix or declared.spelled_out):
            self.functions.add(declared.function, declared.name)
        formulas = partial_formulas(declared, [Name("self.h"), Name("self.a")], settings)
        if formulas is None or not isinstance(formulas[0], str):
            helper = self.functions.add(declared.rule_partials, f"{op}_partials")  # type: ignore[arg-type]
            given = ["self.h", "self.a", *(f"{key}={value!r}" for key, value in settings.items())]
            partial = f"{helper}({', '.join(given)})"
        return "\n".join(
            [
                f"class {name}:",
                f'    """{declared.label or op} of every element: a = {op}(h)."""',
                "",
                "    def forward(self, h):",
                "        self.h = h",
                f"        self.a = {function}",
                "        return self.a",
                "",
                "    def backward(self, da):",
                '        """From the adjoint of a to that of h: times the local derivative."""',
                f"        return da * {partial}",
            ]
        )

    def _loss_name(self) -> str:
        if self.layers.loss:
            return self.graph.nodes_by_id[self.layers.loss].op
        return str(self.training.get("loss") or DEFAULT_LOSS)

    def _loss_settings(self) -> Mapping[str, Any]:
        return settings_of(self.graph, self.layers.loss) if self.layers.loss else {}

    def _loss(self) -> str:
        name = self._loss_name()
        if name in LOSSES:
            return LOSSES[name]
        declared = REGISTRY.get(name)
        if declared is None or declared.rule_vjp is None:
            raise VisualADError(f"There is no loss '{name}' that can be written as a class.")
        value = self.functions.add(declared.function, name)
        rule = self.functions.add(declared.rule_vjp, f"{name}_vjp")
        settings = "".join(f", {k}={v!r}" for k, v in self._loss_settings().items())
        return "\n".join(
            [
                "class Loss:",
                f'    """{declared.label or name} of outputs o and targets y, (N, k) -> ()."""',
                "",
                "    def forward(self, o, y):",
                "        self.o, self.y = o, y",
                f"        self.L = {value}(o, y{settings})",
                "        return self.L",
                "",
                "    def backward(self):",
                '        """The adjoint of o; that of L itself is 1."""',
                f"        return {rule}(1.0, o=self.o, y=self.y, out=self.L{settings})[0]",
            ]
        )

    def _optimizer(self) -> str:
        name = type(self.optimizer).__name__
        if name not in OPTIMIZERS:
            raise VisualADError(
                f"The training loop of the classes knows {' and '.join(OPTIMIZERS)}, not "
                f"{name}; choose one of these, or use --style functions."
            )
        return OPTIMIZERS[name]

    # Tail -------------------------------------------------------------------------------------

    def _arrays(self) -> str:
        lines = ["# The parameters with which training begins: W (out, in), b (out,)."]
        for i, layer in enumerate(self.layers.layers, 1):
            lines.append(f"W{i} = {self._array(self.layers.weights(layer))}")
            lines.append(f"b{i} = {self._array(self.layers.bias(layer))}")
        lines += ["", "# The data: one row for each sample."]
        for name, part in (("train", self.data), ("test", self.test)):
            lines.append(f"X_{name} = {self._array(part.x)}")
            lines.append(f"Y_{name} = {self._array(part.y)}")
        return "\n".join(lines)

    def _array(self, values: NDArray[Any]) -> str:
        dtype = self.graph.dtype
        if not values.size:
            return f"np.zeros({values.shape}, dtype=np.{dtype})"
        text = array_text(np.asarray(values, dtype=dtype), "np.array", "np")
        return f"{text[:-1]}, dtype=np.{dtype})"

    def _network(self) -> str:
        names = self._names()
        lines = ["", "def network():", '    """The network before training."""']
        lines += ["    return Network(", "        ["]
        for i, (op, settings) in enumerate(self._functions(), 1):
            lines.append(f"            Linear(W{i}.copy(), b{i}.copy()),")
            if op != LINEAR:
                lines.append(f"            {names[op + json.dumps(dict(settings))]}(),")
        lines += ["        ],", "        Loss(),", "    )"]
        return "\n".join(lines)

    def _main(self) -> str:
        training = self.training
        optimizer = ", ".join(
            f"{field.name}={getattr(self.optimizer, field.name)!r}"
            for field in fields(self.optimizer)  # type: ignore[arg-type]
            if field.name == "learning_rate" or getattr(self.optimizer, field.name) != field.default
        )
        size = min(training.get("batch_size") or len(self.data), len(self.data))
        return "\n".join(
            [
                "",
                "def run(show=print):",
                '    """Train the network as it was set up; the losses after each epoch."""',
                "    return train(",
                "        network(),",
                f"        Optimizer({optimizer}),",
                f"        epochs={training.get('epochs') or EPOCHS},",
                f"        batch_size={size},",
                f"        seed={self.graph.seed},",
                "        show=show,",
                "    )",
                "",
                "",
                'if __name__ == "__main__":',
                "    run()",
            ]
        )


def _plain(value: Any) -> Any:
    """Settings as JSON holds them."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value
