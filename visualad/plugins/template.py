"""A new plugin: one file with a node type that works and a test, ready to be changed."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from visualad.errors import FileError, PluginError
from visualad.graph.atomic_write import reason_of, write_atomically
from visualad.ops.declaration import REGISTRY

_TEMPLATE = '''"""The node type {name}: change the function, then its partial derivative.

Saving this file loads it anew in a running window. `visualad plugins check {file}` tests it.
"""

import numpy as np

import visualad as va
from visualad import plugin

plugin.require(api=1)


@va.node(symbol="{name}", category="Functions", domain=[(-2.0, 2.0)])
def {name}(x):
    """x·exp(-x²), elementwise: write here what it computes."""
    return x * np.exp(-x * x)


@{name}.partials
def _(x, out):
    """d(out)/dx, written with NumPy: the formula on the edge is made from it."""
    return (1 - 2 * x * x) * np.exp(-x * x)


def test_{name}():
    """Run by pytest, as `visualad plugins check` does."""
    from visualad.testing import check_op

    check_op({name})
'''


def node_type_of(name: str) -> str:
    """What the node type of a new plugin of this name is called."""
    present = REGISTRY.get(name)
    return f"my_{name}" if present is not None and not present.plugin else name


def new_plugin(name: str, folder: Path) -> Path:
    """Write the file of a new plugin into a folder, which is made; its path.

    A node type that VisualAD has already gets the name with "my_" before it.

    Raises:
        PluginError: if the name cannot be that of a node type.
        FileError: if the file is there already or cannot be written.
    """
    if not re.fullmatch(r"[A-Za-z]\w*", name) or keyword.iskeyword(name) or not name.isascii():
        raise PluginError(
            f"'{name}' cannot be the name of a plugin; take letters, digits and _, for example "
            "softplus."
        )
    target = folder / f"{name}.py"
    if target.exists():
        raise FileError(f"'{target}' is there already; choose another name.")
    called = node_type_of(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(target, _TEMPLATE.format(name=called, file=target.name).encode("utf-8"))
    except OSError as error:
        raise FileError(f"'{target}' cannot be written: {reason_of(error, target)}.") from error
    return target
