"""How a node type is declared, once: its function, its derivative, its symbol.

    @node(symbol="·", infix="*", category="Arithmetic")
    def mul(x, y):
        "Product x·y, elementwise with NumPy broadcasting."
        return x * y

    @mul.partials
    def _(x, y, out):
        return y, x

Forward, backward and cross mode, formulas, LaTeX, NumPy source, the numerical check and the
compiled plans all derive from such a declaration.
"""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints, overload

import numpy as np

from visualad.errors import PluginError
from visualad.ops.expression import (
    NUMPY_NAMES,
    Call,
    Name,
    Symbol,
    as_expression,
)

Array = Any  # a NumPy array or a Python float; operations take and give both
Interval = tuple[float, float]
Rule = TypeVar("Rule", bound=Callable[..., Any])


class Precedence(enum.IntEnum):
    """How strongly a written form binds, as in Python."""

    COMPARE = 1
    ADD = 2
    MULTIPLY = 3
    NEGATE = 4
    POWER = 5
    ATOM = 6


class Operation:
    """A node type.

    Attributes:
        name: the registered name, also the function name in formulas (`sin`).
        ports: names of its inputs, in order. A variadic operation has one stem (`x`), see
            `ports_for`.
        settings: names and defaults of its keyword-only settings (`axis`, `slope`, ...).
        symbol: how it is written in a formula or on a node: `·`, `σ`, `sin`.
        infix: the Python operator, for operations that have one.
        text, latex: templates over the port names for Unicode and LaTeX: `{x}` is put in
            parentheses where needed, `{x.bare}` never, `{x.atom}` unless it is a single symbol,
            `{x.sup}` is an exponent, `{x.arg}` the argument of a function (`sin x`, `sin(x + y)`).
        precedence: how strongly the infix form and the templates bind.
        associative: whether a right operand of the same precedence reads well without parentheses.
        category: heading in the palette.
        leaf: True for variables, constants, parameters and data: no ports, value from outside.
        domain: for each port an interval of values that tests and checks may use.
        kinks: one sentence on where it has no derivative and which one is used there, or "".
        analytic: True when the complex step is exact for it.
        selects: port whose truth chooses between the others (`where`), or "".
        spelled_out: written as the sums and products that its function is, except in formulas that
            are to be parsed back.
        version: of the declaration; a file remembers it.
        plugin: distribution or file that declares it; "" for ours.
        ufunc: the NumPy ufunc that the function is, found by tracing it, or None.
        described: True where only a description is here and the code is in another process.
    """

    def __init__(
        self,
        function: Callable[..., Array],
        *,
        name: str | None = None,
        ports: Sequence[str] | None = None,
        symbol: str = "",
        infix: str = "",
        text: str = "",
        latex: str = "",
        precedence: Precedence = Precedence.ATOM,
        associative: bool = False,
        category: str = "Functions",
        label: str = "",
        leaf: bool = False,
        domain: Sequence[Interval] | None = None,
        kinks: str = "",
        analytic: bool = True,
        selects: str = "",
        spelled_out: bool = False,
        version: int = 1,
        plugin: str = "",
    ) -> None:
        self.function = function
        self.name = name or function.__name__.rstrip("_")
        self.__doc__ = self.doc = inspect.cleandoc(function.__doc__ or "")
        parameters = inspect.signature(function).parameters.values()
        positional = [
            p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        stems = [p.name for p in parameters if p.kind is p.VAR_POSITIONAL]
        self.variadic = bool(stems)
        self.ports: tuple[str, ...] = tuple(ports or positional or stems)
        self.settings: dict[str, Any] = {
            p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY
        }
        self.leaf = leaf
        self.symbol = symbol or self.name
        self.infix = infix
        self.text = text
        self.latex = latex
        self.precedence = precedence
        self.associative = associative
        self.category = category
        self.label = label or self.name.replace("_", " ")
        self.domain: tuple[Interval, ...] = tuple(domain or ((-2.0, 2.0),) * len(self.ports))
        self.kinks = kinks
        self.analytic = analytic
        self.selects = selects
        self.spelled_out = spelled_out
        self.version = version
        self.plugin = plugin
        self.described = False
        self.ufunc: np.ufunc | None = None
        self.rule_partials: Callable[..., Any] | None = None
        self.rule_jvp: Callable[..., Any] | None = None
        self.rule_vjp: Callable[..., Any] | None = None
        self._find_numpy_function()

    def __repr__(self) -> str:
        return f"<operation {self.name}({', '.join(self.ports)})>"

    def __reduce__(self) -> tuple[object, ...]:
        return operation, (self.name,)

    # Declaring the derivative -----------------------------------------------------------------

    def partials(self, rule: Rule) -> Rule:
        """Declare d(out)/d(port) of an elementwise operation: rule(*inputs, out, **settings)."""
        self.rule_partials = rule
        return rule

    def jvp(self, rule: Rule) -> Rule:
        """Declare the tangent of out: rule(*tangents, *, <port>=value..., out=, **settings)."""
        self.rule_jvp = rule
        return rule

    def vjp(self, rule: Rule) -> Rule:
        """Declare the ports' adjoints: rule(adjoint, *, <port>=value..., out=, **settings)."""
        self.rule_vjp = rule
        return rule

    @cached_property
    def hints(self) -> dict[str, str]:
        """The declared types of the settings, as text."""
        parameters = inspect.signature(self.function).parameters
        return {
            key: str(parameters[key].annotation)
            for key in self.settings
            if key in parameters and parameters[key].annotation is not inspect.Parameter.empty
        }

    @cached_property
    def choices(self) -> dict[str, tuple[Any, ...]]:
        """For settings that are declared as a `Literal`, the values that they may have."""
        try:
            found = get_type_hints(self.function)
        except Exception:  # noqa: BLE001 - an annotation may be anything
            return {}
        return {
            key: get_args(found[key])
            for key in self.settings
            if get_origin(found.get(key)) is Literal
        }

    @property
    def elementwise(self) -> bool:
        """Whether the derivative is a local partial for each element."""
        return self.rule_partials is not None

    @property
    def differentiable(self) -> bool:
        """Whether a derivative is declared at all."""
        return self.rule_partials is not None or self.rule_vjp is not None

    def ports_for(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Port names of a node with these settings; a variadic one has `inputs` of them."""
        if not self.variadic:
            return self.ports
        return tuple(f"{self.ports[0]}{i + 1}" for i in range(int(settings.get("inputs", 2))))

    def settings_for(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The keyword arguments for the function: the defaults, overridden by a node's settings."""
        return {key: settings.get(key, default) for key, default in self.settings.items()}

    # Using it ---------------------------------------------------------------------------------

    def __call__(self, *inputs: Array, **settings: Any) -> Array:
        """The value; a `Symbol` among the inputs gives a `Symbol` back.

        An input that has a method `apply_operation(operation, inputs, settings)` decides itself
        what comes back: that is how a Python function becomes a graph.
        """
        for x in inputs:
            if hasattr(type(x), "apply_operation"):
                return x.apply_operation(self, inputs, settings)
        if any(isinstance(x, Symbol) for x in inputs):
            return Symbol(Call(self.name, tuple(as_expression(x) for x in inputs), settings))
        for x in inputs:
            # Arrays whose operations are being recorded want to know of the call as a whole.
            record_call = getattr(x, "record_call", None)
            if record_call is not None:
                return record_call(self, inputs, settings)
        return self.function(*inputs, **settings)

    def local_partials(
        self, inputs: Sequence[Array], out: Array, settings: Mapping[str, Any]
    ) -> tuple[Array, ...]:
        """d(out)/d(port) for each port, elementwise, not yet broadcast to the output's shape.

        A rule may give plain numbers and truth values (`x > 0`); arrays come back in the output's
        dtype, so that float32 stays float32.
        """
        assert self.rule_partials is not None
        result = self.rule_partials(*inputs, out, **self.settings_for(settings))
        found = result if isinstance(result, tuple) else (result,)
        return tuple(_in_dtype_of(out, partial) for partial in found)

    def push_forward(
        self,
        tangents: Sequence[Array],
        inputs: Sequence[Array],
        out: Array,
        settings: Mapping[str, Any],
    ) -> Array:
        """The tangent of the output (J v) of an operation declared by jvp."""
        assert self.rule_jvp is not None
        return self.rule_jvp(*tangents, **self._context(inputs, out, settings))

    def pull_back(
        self,
        adjoint: Array,
        inputs: Sequence[Array],
        out: Array,
        settings: Mapping[str, Any],
    ) -> tuple[Array | None, ...]:
        """The adjoint of each port (wᵀ J) of an operation declared by vjp, not yet unbroadcast."""
        assert self.rule_vjp is not None
        result = self.rule_vjp(adjoint, **self._context(inputs, out, settings))
        return result if isinstance(result, tuple) else (result,)

    def _context(
        self, inputs: Sequence[Array], out: Array, settings: Mapping[str, Any]
    ) -> dict[str, Any]:
        named: dict[str, Any] = (
            {self.ports[0]: tuple(inputs)}
            if self.variadic
            else dict(zip(self.ports, inputs, strict=True))
        )
        return {**named, "out": out, **self.settings_for(settings)}

    def _find_numpy_function(self) -> None:
        """Learn which NumPy function this is by watching what it does with its arguments."""
        if self.leaf:
            return
        probe = _Probe()
        count = 3 if self.variadic else len(self.ports)
        arguments = [_Probe(probe, index) for index in range(count)]
        try:
            result = self.function(*arguments)
        except Exception:  # noqa: BLE001 - an operation that is no single NumPy call may do anything
            return
        if not isinstance(result, _Probe) or result.function is None:
            return
        if result.operands != list(range(count)):
            return
        if isinstance(result.function, np.ufunc):
            self.ufunc = result.function
        if not self.plugin:
            NUMPY_NAMES.setdefault(result.function, (self.name, tuple(self.settings)))


def _in_dtype_of(out: Array, partial: Array) -> Array:
    if isinstance(partial, bool):
        return float(partial)
    wanted = getattr(out, "dtype", None)
    given = getattr(partial, "dtype", wanted)
    if given == wanted:
        return partial
    return partial.astype(np.float64 if wanted is None else wanted)


class _Probe(np.lib.mixins.NDArrayOperatorsMixin):
    """Remembers the one NumPy function applied to it and in which order its operands stood."""

    def __init__(self, root: _Probe | None = None, index: int = -1) -> None:
        self.index = index
        self.function: Callable[..., Any] | None = None
        self.operands: list[int] = []
        self.root = root

    def _record(self, function: Callable[..., Any], operands: Sequence[Any]) -> _Probe:
        result = _Probe()
        result.function = function
        result.operands = [x.index if isinstance(x, _Probe) else -2 for x in operands]
        return result

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return (
            self._record(ufunc, inputs) if method == "__call__" and not options else NotImplemented
        )

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        operands = args[0] if args and isinstance(args[0], list | tuple) else args
        return self._record(function, [x for x in operands if isinstance(x, _Probe)])

    def __bool__(self) -> bool:
        # Else `while abs(step) > 1e-9` in somebody's node type would never come to its end.
        raise TypeError("a probe has no truth value")


class Registry:
    """The node types that are known, by name. Reading is like reading a mapping."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}

    def add(self, declared: Operation, *, replace: bool = False) -> None:
        """Register an operation.

        Raises:
            PluginError: if the name is no identifier or is taken by another declaration.
        """
        if not re.fullmatch(r"[^\W\d]\w*", declared.name):
            raise PluginError(
                f"Node type '{declared.name}' needs a name that is a Python identifier."
            )
        known = self._operations.get(declared.name)
        if known is not None and not replace:
            owner = known.plugin or "VisualAD itself"
            raise PluginError(
                f"Node type '{declared.name}' is already declared by {owner}; rename one of them."
            )
        self._operations[declared.name] = declared

    def remove(self, name: str) -> None:
        """Forget an operation; unknown names are fine."""
        self._operations.pop(name, None)

    def get(self, name: str) -> Operation | None:
        """The operation, or None when no plugin provides it."""
        return self._operations.get(name)

    def __getitem__(self, name: str) -> Operation:
        try:
            return self._operations[name]
        except KeyError:
            raise PluginError(
                f"Node type '{name}' is not known; install or load the plugin that declares it."
            ) from None

    def __contains__(self, name: object) -> bool:
        return name in self._operations

    def __iter__(self) -> Iterator[Operation]:
        return iter(list(self._operations.values()))

    def __len__(self) -> int:
        return len(self._operations)


REGISTRY = Registry()


def operation(name: str) -> Operation:
    """The registered operation of this name.

    Raises:
        PluginError: if there is none.
    """
    return REGISTRY[name]


@overload
def node(function: Callable[..., Array]) -> Operation: ...
@overload
def node(**options: Any) -> Callable[[Callable[..., Array]], Operation]: ...
def node(
    function: Callable[..., Array] | None = None, **options: Any
) -> Operation | Callable[[Callable[..., Array]], Operation]:
    """Declare and register a node type; see `Operation` for the options.

    Used as `@node` or `@node(symbol=..., category=...)` on a function over NumPy arrays whose
    positional parameters are the ports and whose keyword-only parameters are the settings.
    """

    def declare(target: Callable[..., Array]) -> Operation:
        declared = Operation(target, **options)
        REGISTRY.add(declared)
        return declared

    return declare if function is None else declare(function)


def symbolic_partials(declared: Operation, settings: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The partials as expressions over the port names and `out`; None if they have no formula."""
    if declared.rule_partials is None:
        return None
    names = declared.ports_for(settings)
    try:
        found = declared.rule_partials(
            *(Symbol(Name(port)) for port in names),
            Symbol(Name("out")),
            **declared.settings_for(settings),
        )
        parts = found if isinstance(found, tuple) else (found,)
        return tuple(as_expression(part) for part in parts)
    except Exception:  # noqa: BLE001 - a rule may use anything NumPy has; it then shows no formula
        return None
