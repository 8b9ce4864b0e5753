"""A graph as a PyTorch program that trains on many processes: model.py, train_ddp.py, data.npz.

The three files need PyTorch and NumPy, not VisualAD. Every process takes its share of each batch
and DistributedDataParallel adds up the gradients, so that any number of them takes the steps that
VisualAD takes.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import numpy as np

from visualad import __version__
from visualad.errors import FileError, VisualADError
from visualad.exchange.class_source import EPOCHS
from visualad.exchange.framework_source import TORCH, FrameworkModule
from visualad.exchange.plain_training import require_plain_training
from visualad.exchange.torch_ddp_text import TRAINING
from visualad.graph.atomic_write import reason_of, write_atomically
from visualad.graph.model import DATA, Graph
from visualad.training.binding import STATISTICS, Binding, bind, own_loss
from visualad.training.datasets import Dataset
from visualad.training.loop import parts_of
from visualad.training.optimizers import optimizer_from

MODEL, PROGRAM, DATA_FILE = "model.py", "train_ddp.py", "data.npz"

# Our optimisers in PyTorch: its class, and what it calls their settings.
OPTIMIZERS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "SGD": ("SGD", {"learning_rate": "lr", "momentum": "momentum", "nesterov": "nesterov"}),
    "Adagrad": ("Adagrad", {"learning_rate": "lr", "decay": "lr_decay", "epsilon": "eps"}),
    "RMSprop": (
        "RMSprop",
        {
            "learning_rate": "lr",
            "alpha": "alpha",
            "epsilon": "eps",
            "momentum": "momentum",
            "centered": "centered",
        },
    ),
    "Adam": ("Adam", {"learning_rate": "lr", "epsilon": "eps"}),
    "AdamW": (
        "AdamW",
        {"learning_rate": "lr", "epsilon": "eps", "weight_decay": "weight_decay"},
    ),
}

# Names that attributes of a torch.nn.Module have.
MODULE_NAMES = (
    *("Model", "torch", "self", "x", "y", "add_module", "apply", "bfloat16", "buffers", "children"),
    *("compile", "cpu", "cuda", "double", "eval", "float", "forward", "half", "ipu", "modules"),
    *("mtia", "parameters", "share_memory", "state_dict", "to", "to_empty", "train", "training"),
    *("type", "xpu", "zero_grad", "call_super_init", "dump_patches", "extra_repr"),
)


def torch_ddp_files(graph: Graph) -> dict[str, bytes]:
    """The files by name.

    Raises:
        VisualADError: if the graph has no training, or one that cannot be shared out so.
    """
    require_plain_training(graph, "PyTorch program")
    data, test = parts_of(graph)
    loss = graph.training.get("loss") if own_loss(graph) is None else None
    binding = bind(graph, data, loss)
    if not binding.is_mean:
        raise VisualADError(
            "Only a loss that is a mean over the samples can be shared out among processes; end "
            "the graph in one of the losses."
        )
    for node in binding.graph:
        if node.op == "dropout" or (node.op == DATA and node.settings.get("role") == STATISTICS):
            raise VisualADError(
                f"{node.name} depends on the whole batch or on chance, so it would not give the "
                "same numbers when the batch is shared out; take dropout and batch normalisation "
                "out."
            )
    return {
        MODEL: _Model(binding).text().encode(),
        PROGRAM: _program(graph, data).encode(),
        DATA_FILE: _archive(graph, data, test),
    }


def write_torch_ddp(graph: Graph, folder: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Write the files into a folder, which is made if it is not there.

    Raises:
        FileError: if they cannot be written.
        VisualADError: as of `torch_ddp_files`; nothing is written then.
    """
    target = Path(folder)
    files = torch_ddp_files(graph)
    try:
        target.mkdir(exist_ok=True)
        for name, content in files.items():
            write_atomically(target / name, content)
    except FileExistsError:
        raise FileError(f"'{target}' is a file; name a folder for the PyTorch program.") from None
    except OSError as error:
        raise FileError(f"'{target}' cannot be written: {reason_of(error, target)}.") from error
    return tuple(target / name for name in files)


class _Model(FrameworkModule):
    """The module with the graph's loss as `forward`."""

    reserved = (*FrameworkModule.reserved, *MODULE_NAMES)

    def __init__(self, binding: Binding) -> None:
        super().__init__(binding.graph, TORCH)
        self.binding = binding

    def text(self) -> str:
        """The whole module."""
        function = self._function()  # first: it says what helpers it needs
        head = [
            f'"""The loss of a graph as a PyTorch module, written by VisualAD {__version__}."""',
            "\n".join(self.imports()),
            "\n".join([*self.constants(), *self._stored_arrays()]),
        ]
        return (
            "\n\n".join(head)
            + "\n\n\n"
            + "\n\n\n".join([*self.helpers(), function, self._class()])
            + "\n"
        )

    def _class(self) -> str:
        graph, names = self.graph, self.names
        lines = [
            "class Model(torch.nn.Module):",
            '    """The parameters; `forward` gives the loss of samples x, (N, d), and y."""',
            "",
            "    def __init__(self):",
            "        super().__init__()",
        ]
        for id_ in self.binding.parameters:
            name = names[id_]
            lines.append(f"        self.{name} = torch.nn.Parameter({self._tensor(name, id_)})")
        fed = {}
        for feed in self.binding.feeds:
            table = "x" if feed.part == "inputs" else "y"
            fed[feed.node] = table if feed.column is None else f"{table}[:, {feed.column}]"
        given = []
        for name in (*graph.inputs, *graph.parameters):
            id_ = graph.id_of(name)
            if id_ in self.binding.parameters:
                given.append(f"{names[id_]}=self.{names[id_]}")
            elif id_ in fed:
                given.append(f"{names[id_]}={fed[id_]}")
            else:
                value = graph.nodes_by_id[id_].value
                given.append(f"{names[id_]}={self.literal(value)}")
        lines += ["", "    def forward(self, x, y):", "        return f("]
        lines += [f"            {argument}," for argument in given]
        return "\n".join([*lines, "        )"])

    def _tensor(self, name: str, id_: str) -> str:
        if np.ndim(self.graph.nodes_by_id[id_].value) == 0:
            return f"torch.tensor({name}, dtype=torch.{self.graph.dtype})"
        return f"{name}.clone()"


def _program(graph: Graph, data: Dataset) -> str:
    training = graph.training
    optimizer = optimizer_from(training)
    kind = type(optimizer).__name__
    if kind not in OPTIMIZERS:
        raise VisualADError(
            f"The PyTorch program knows {', '.join(OPTIMIZERS)}, not {kind}; choose one of these."
        )
    title, words = OPTIMIZERS[kind]
    known = {field.name for field in fields(optimizer)}  # type: ignore[arg-type]
    given = [f"{word}={getattr(optimizer, n)!r}" for n, word in words.items() if n in known]
    if "beta1" in known:
        given.append(f"betas=({optimizer.beta1!r}, {optimizer.beta2!r})")  # type: ignore[attr-defined]
    facts = {
        "VERSION": __version__,
        "OPTIMIZER": f"torch.optim.{title}(parameters, {', '.join(given)})",
        "EPOCHS_": str(training.get("epochs") or EPOCHS),
        "BATCH_SIZE_": str(min(training.get("batch_size") or len(data), len(data))),
        "SEED_": str(graph.seed),
        "DTYPE_": graph.dtype,
    }
    text = TRAINING
    for name, value in facts.items():
        text = text.replace(f"<{name}>", value)
    return text


def _archive(graph: Graph, data: Dataset, test: Dataset) -> bytes:
    file = io.BytesIO()
    arrays = {"x_train": data.x, "y_train": data.y, "x_test": test.x, "y_test": test.y}
    np.savez_compressed(
        file, allow_pickle=False, **{n: a.astype(graph.dtype) for n, a in arrays.items()}
    )
    return file.getvalue()
