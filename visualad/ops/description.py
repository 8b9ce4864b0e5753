"""A node type without its code: all that a window shows of it, as plain data.

The kernel process holds the plugins; the window registers their node types from descriptions, so
that no plugin ever runs in the window.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from visualad.errors import PluginError
from visualad.ops.declaration import Interval, Operation, Precedence


@dataclass(frozen=True)
class Description:
    """What is known of a node type; the attributes are those of `Operation`.

    Attributes:
        hints: the declared types of the settings, as text.
        choices: for settings that take one of a few values, these.
    """

    name: str
    ports: tuple[str, ...]
    variadic: bool
    settings: Mapping[str, Any]
    hints: Mapping[str, str]
    choices: Mapping[str, tuple[Any, ...]]
    symbol: str
    infix: str
    text: str
    latex: str
    precedence: int
    associative: bool
    category: str
    label: str
    doc: str
    domain: tuple[Interval, ...]
    kinks: str
    analytic: bool
    selects: str
    spelled_out: bool
    version: int
    plugin: str
    elementwise: bool
    differentiable: bool


def describe(declared: Operation) -> Description:
    """The description of an operation."""
    return Description(
        name=declared.name,
        ports=tuple(map(str, declared.ports)),
        variadic=declared.variadic,
        settings={key: _plain(value) for key, value in declared.settings.items()},
        hints=dict(declared.hints),
        choices={key: tuple(map(_plain, v)) for key, v in declared.choices.items()},
        symbol=str(declared.symbol),
        infix=str(declared.infix),
        text=str(declared.text),
        latex=str(declared.latex),
        precedence=int(declared.precedence),
        associative=bool(declared.associative),
        category=str(declared.category),
        label=str(declared.label),
        doc=declared.doc,
        domain=tuple((float(low), float(high)) for low, high in declared.domain),
        kinks=str(declared.kinks),
        analytic=bool(declared.analytic),
        selects=str(declared.selects),
        spelled_out=bool(declared.spelled_out),
        version=int(declared.version),
        plugin=declared.plugin,
        elementwise=declared.elementwise,
        differentiable=declared.differentiable,
    )


def described_operation(description: Description) -> Operation:
    """An operation that looks like the one described and computes nothing."""

    def nothing(*_: Any, **__: Any) -> NoReturn:
        raise PluginError(
            f"The node type '{description.name}' comes from a plugin and is computed in the kernel."
        )

    kind = inspect.Parameter
    ports = [
        kind(port, kind.VAR_POSITIONAL if description.variadic else kind.POSITIONAL_OR_KEYWORD)
        for port in description.ports
    ]
    settings = [
        kind(key, kind.KEYWORD_ONLY, default=value, annotation=description.hints.get(key, ""))
        for key, value in description.settings.items()
    ]
    nothing.__signature__ = inspect.Signature([*ports, *settings])  # type: ignore[attr-defined]
    nothing.__doc__ = description.doc
    made = Operation(
        nothing,
        name=description.name,
        ports=description.ports,
        symbol=description.symbol,
        infix=description.infix,
        text=description.text,
        latex=description.latex,
        precedence=Precedence(description.precedence),
        associative=description.associative,
        category=description.category,
        label=description.label,
        domain=description.domain,
        kinks=description.kinks,
        analytic=description.analytic,
        selects=description.selects,
        version=description.version,
        plugin=description.plugin,
    )
    made.described = True
    made.choices = dict(description.choices)
    if description.elementwise:
        made.partials(nothing)
    elif description.differentiable:
        made.jvp(nothing)
        made.vjp(nothing)
    return made


def _plain(value: Any) -> Any:
    """A value of a setting without anything that a plugin defines."""
    if value is None or type(value) in (bool, int, float, str, bytes):
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)  # of a class of the plugin's own
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return np.array(value)
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    return str(value)
