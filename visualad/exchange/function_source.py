"""The source of an operation's own functions, cut out so that it runs without VisualAD.

Exported code must compute what the declaration says; copying the declaration's source is the only
way that is not a second declaration.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from visualad.errors import VisualADError
from visualad.ops.declaration import Operation

PACKAGE = "visualad"


class FunctionSource:
    """Collects functions with everything they need, in an order that runs.

    Attributes:
        imports: import statements.
        constants: assignments of numbers, by name.
        definitions: functions by name; those that others need come first.
    """

    def __init__(self) -> None:
        self.imports: set[str] = {"import numpy as np"}
        self.constants: dict[str, str] = {}
        self.definitions: dict[str, str] = {}
        self._names: dict[int, str] = {}  # id of the function -> the name it got

    def add(self, function: Callable[..., Any], name: str) -> str:
        """Add a function under a name of ours, once; returns the name to call it by.

        Raises:
            VisualADError: if the function has no Python source.
        """
        if id(function) in self._names:
            return self._names[id(function)]
        definition = _definition(function)
        while name in self.definitions:
            name += "_"
        self._names[id(function)] = name
        self.definitions.pop(name, None)
        definition.name = name
        for used in sorted(_free_names(definition)):
            self._need(used, function)
        self.definitions[name] = ast.unparse(ast.fix_missing_locations(definition))
        return name

    def _need(self, used: str, function: Callable[..., Any]) -> None:
        """Make a global name that a function uses available."""
        scope = _scope(function)
        if used not in scope or used in self.definitions or used in self.constants:
            return
        value = scope[used]
        if isinstance(value, types.ModuleType):
            same = value.__name__ == used
            self.imports.add(f"import {value.__name__}" + ("" if same else f" as {used}"))
        elif isinstance(value, Operation):
            self.add(value.function, used)
        elif isinstance(value, types.FunctionType) and _is_ours(value):
            self.add(value, used)
        elif isinstance(value, bool | int | float | str | tuple):
            self.constants[used] = _assignment(used, value)
        elif isinstance(value, np.ndarray):
            self.constants[used] = f"{used} = np.array({value.tolist()!r})"
        elif isinstance(value, type) and issubclass(value, VisualADError):
            about = inspect.cleandoc(value.__doc__ or "").partition("\n")[0]
            self.definitions[used] = f'class {used}(ValueError):\n    """{about}"""'
        else:
            self._import(used, value, function)

    def _import(self, used: str, value: object, function: Callable[..., Any]) -> None:
        module = getattr(value, "__module__", None) or "numpy"
        if module.split(".")[0] == PACKAGE:
            raise VisualADError(
                f"'{function.__name__}' uses '{used}', which cannot leave VisualAD, so the graph "
                "has no NumPy source."
            )
        self.imports.add(f"from {module} import {used}")


def _assignment(name: str, value: object) -> str:
    line = f"{name} = {value!r}"
    if len(line) <= 96 or not isinstance(value, tuple):
        return line
    return "\n".join([f"{name} = (", *(f"    {part!r}," for part in value), ")"])


def mentions(function: Callable[..., Any], other: object) -> bool:
    """Whether a function uses this global object by name."""
    scope, code = _scope(function), inspect.unwrap(function).__code__
    return any(scope.get(name) is other for name in code.co_names)


def _definition(function: Callable[..., Any]) -> ast.FunctionDef:
    """The syntax tree of a function without decorators, annotations and tracing."""
    try:
        made = getattr(function, "source_text", None)  # of a node type by a formula
        source = made or textwrap.dedent(inspect.getsource(function))
        tree = ast.parse(source)
    except (OSError, TypeError, SyntaxError):
        raise VisualADError(
            f"'{getattr(function, '__name__', function)}' has no Python source to export; "
            "declare its node type in a file."
        ) from None
    definition = tree.body[0]
    if not isinstance(definition, ast.FunctionDef):
        raise VisualADError(
            f"'{getattr(function, '__name__', function)}' is no plain function and cannot be "
            "exported; declare its node type with def."
        )
    definition.decorator_list = []
    definition.returns = None
    arguments = definition.args
    for argument in [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        *(extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None),
    ]:
        argument.annotation = None
    return _without_tracing(definition)


def _without_tracing(definition: ast.FunctionDef) -> ast.FunctionDef:
    """Take `isinstance(x, Symbol)` for false: exported code only ever sees numbers."""
    cleaned = _Numbers().visit(definition)
    assert isinstance(cleaned, ast.FunctionDef)
    return cleaned


class _Numbers(ast.NodeTransformer):
    """Removes the branches that are only for tracing, and annotations."""

    def visit_Call(self, call: ast.Call) -> ast.AST:
        names = [part.id for part in [call.func, *call.args] if isinstance(part, ast.Name)]
        if names[:1] == ["isinstance"] and names[-1:] == ["Symbol"]:
            return ast.Constant(False)
        return self.generic_visit(call)

    def visit_UnaryOp(self, operation: ast.UnaryOp) -> ast.AST:
        self.generic_visit(operation)
        truth = _truth(operation.operand)
        if truth is None or not isinstance(operation.op, ast.Not):
            return operation
        return ast.Constant(not truth)

    def visit_BoolOp(self, operation: ast.BoolOp) -> ast.AST:
        self.generic_visit(operation)
        decides = isinstance(operation.op, ast.Or)  # True or x, False and x
        if any(_truth(value) is decides for value in operation.values):
            return ast.Constant(decides)
        operation.values = [value for value in operation.values if _truth(value) is None]
        if not operation.values:
            return ast.Constant(not decides)
        return operation.values[0] if len(operation.values) == 1 else operation

    def visit_If(self, statement: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(statement)
        truth = _truth(statement.test)
        if truth is None:
            return statement
        return statement.body if truth else statement.orelse

    def visit_IfExp(self, choice: ast.IfExp) -> ast.AST:
        self.generic_visit(choice)
        truth = _truth(choice.test)
        if truth is None:
            return choice
        return choice.body if truth else choice.orelse

    def visit_AnnAssign(self, statement: ast.AnnAssign) -> ast.AST:
        self.generic_visit(statement)
        if statement.value is None:
            return statement
        return ast.Assign([statement.target], statement.value)


def _truth(expression: ast.expr) -> bool | None:
    """What a condition is known to be."""
    if isinstance(expression, ast.Constant) and isinstance(expression.value, bool):
        return expression.value
    return None


def _free_names(definition: ast.FunctionDef) -> set[str]:
    """Names that the function reads and does not bind itself."""
    read: set[str] = set()
    bound: set[str] = set()
    for part in ast.walk(definition):
        if isinstance(part, ast.Name):
            (read if isinstance(part.ctx, ast.Load) else bound).add(part.id)
        elif isinstance(part, ast.arg):
            bound.add(part.arg)
    return {name for name in read - bound if not hasattr(builtins, name)}


def _scope(function: Callable[..., Any]) -> dict[str, Any]:
    function = inspect.unwrap(function)
    made: dict[str, Any] | None = getattr(function, "source_scope", None)
    if made is not None:
        return made
    return {**function.__globals__, **inspect.getclosurevars(function).nonlocals}


def _is_ours(function: types.FunctionType) -> bool:
    """Whether to copy a function: ours, or one of the plugin's own; libraries are imported."""
    module = function.__module__ or ""
    return module.split(".")[0] == PACKAGE or module.startswith("visualad_plugin_")
