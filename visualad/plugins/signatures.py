"""Whether the functions of a node type can be called as they will be; told before they are."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from visualad.errors import PluginError
from visualad.ops.declaration import Operation


def check_signatures(declared: Operation) -> None:
    """Compare function and rules with how they are called.

    Raises:
        PluginError: for the first that does not fit; it says what is expected.
    """
    if declared.leaf:
        return
    settings = dict.fromkeys(declared.settings, None)
    ports = declared.ports_for({})
    if not ports:
        _refuse(declared, "has no inputs; its function needs at least one positional parameter")
    for key, default in declared.settings.items():
        if default is inspect.Parameter.empty:
            _refuse(declared, f"has the setting '{key}' without a default; write {key}=...")
    version: object = declared.version
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        _refuse(declared, f"has the version {version!r}; a version is a whole number from 1 on")
    if len(declared.domain) < (1 if declared.variadic else len(ports)):
        _refuse(declared, "has a domain with fewer intervals than it has inputs")
    named = dict.fromkeys(declared.ports if not declared.variadic else ports)
    _bind(declared, "function", declared.function, ports, settings)
    rules: tuple[tuple[str, Callable[..., Any] | None, tuple[str, ...], dict[str, None]], ...] = (
        ("partials rule", declared.rule_partials, (*ports, "out"), settings),
        ("jvp rule", declared.rule_jvp, _changes(ports), {**named, "out": None, **settings}),
        ("vjp rule", declared.rule_vjp, ("g",), {**named, "out": None, **settings}),
    )
    for what, rule, positional, keywords in rules:
        if rule is not None:
            _bind(declared, what, rule, positional, keywords)


def _changes(ports: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"d{port}" for port in ports)


def _bind(
    declared: Operation,
    what: str,
    function: Callable[..., Any],
    positional: tuple[str, ...],
    keywords: dict[str, None],
) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # written in C: nothing is known of it before it is called
    try:
        signature.bind(*positional, **keywords)
    except TypeError as error:
        star = ("*",) if keywords else ()
        wanted = ", ".join((*positional, *star, *keywords))
        _refuse(
            declared,
            f"has a {what} with the wrong signature, {signature}: it is called as ({wanted}) "
            f"({error})",
        )


def _refuse(declared: Operation, what: str) -> None:
    raise PluginError(f"Node type '{declared.name}' {what}.")
