"""From a Python function over NumPy to a graph, by calling it with stand-ins for arrays."""

from __future__ import annotations

import difflib
import inspect
import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from visualad.errors import GraphError, VisualADError
from visualad.graph.builder import Builder
from visualad.graph.model import Graph
from visualad.graph.names import name_fault
from visualad.graph.settings import accepted_setting
from visualad.ops.declaration import REGISTRY, Operation
from visualad.ops.expression import NUMPY_NAMES

# NumPy's second names for functions, and its own words for our settings.
_SAME_FUNCTION: dict[str, Callable[..., Any]] = {
    "amax": np.max,
    "amin": np.min,
    "absolute": np.absolute,
}
_KEYWORDS = {"a_min": "minimum", "min": "minimum", "a_max": "maximum", "max": "maximum"}
_KEYWORDS |= {"newshape": "shape"}
# Keyword arguments that NumPy has for other purposes; None and their defaults do no harm.
_HARMLESS = {"out": None, "dtype": None, "order": "C", "where": True, "casting": "same_kind"}


def trace(function: Callable[..., Any], *, merge_equal: bool = True) -> Graph:
    """The graph of what a Python function does with its arguments.

    The parameters are the inputs, those with a default value excepted: they keep it, as plain
    Python values. The result is the output: one value, a tuple or list of values, or a dictionary
    whose keys name them. NumPy's ufuncs and functions as far as node types are declared by them
    (np.sin, np.where, np.sum, @, .T, ...) and the registered operations themselves can be used;
    arguments such as `axis=0` become settings.

    Args:
        function: called once; an `if` on a traced value is refused, np.where takes its place.
        merge_equal: make one node of identical subexpressions.

    Raises:
        GraphError: if the function cannot be traced, with the reason.
    """
    builder = Builder(merge_equal)
    arguments = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise GraphError(
                f"'*{parameter.name}' has no fixed number of inputs; give each input a name."
            )
        if parameter.default is not parameter.empty:
            continue
        fault = name_fault(parameter.name)
        if fault:
            raise GraphError(fault)
        arguments[parameter.name] = (
            Tracer(builder, builder.leaf(parameter.name)),
            parameter.kind is parameter.KEYWORD_ONLY,
        )
    positional = [tracer for tracer, by_keyword in arguments.values() if not by_keyword]
    keywords = {name: tracer for name, (tracer, by_keyword) in arguments.items() if by_keyword}
    try:
        result = function(*positional, **keywords)
    except VisualADError:
        raise
    except Exception as error:
        name = getattr(function, "__name__", "The function")
        raise GraphError(f"{name} could not be traced: {error}.") from error
    return builder.build(_outputs(builder, result))


def _outputs(builder: Builder, result: Any) -> list[int | str]:
    if isinstance(result, Mapping):
        names: list[int | str] = []
        for name, value in result.items():
            fault = name_fault(str(name))
            if fault or name in builder:
                raise GraphError(fault or f"The output '{name}' has the name of an input.")
            builder.name(_node(builder, value), str(name))
            names.append(str(name))
        return names
    values = list(result) if isinstance(result, list | tuple) else [result]
    if not values or any(value is None for value in values):
        raise GraphError("The function returns nothing; let it return its result.")
    return [_node(builder, value) for value in values]


def _node(builder: Builder, value: Any) -> int:
    """The builder's node for a traced value or a constant."""
    if isinstance(value, Tracer):
        if value.builder is not builder:
            raise GraphError("A traced value of another function cannot be used here.")
        return value.node
    if isinstance(value, numbers.Real | np.ndarray | np.generic | list | tuple):
        try:
            array = np.asarray(value)
        except ValueError:
            array = np.asarray("")
        if array.dtype.kind in "fiub":
            return builder.constant(array[()] if array.ndim == 0 else array)
    raise GraphError(f"A {type(value).__name__} cannot be part of a graph; use numbers and arrays.")


class Tracer(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands for an array while a function is traced; what is done with it becomes nodes."""

    __slots__ = ("builder", "node")
    __array_priority__ = 1000

    def __init__(self, builder: Builder, node: int) -> None:
        self.builder = builder
        self.node = node

    def apply_operation(
        self, operation: Operation, inputs: Sequence[Any], settings: Mapping[str, Any]
    ) -> Tracer:
        """A node with this operation on these inputs."""
        for key, value in settings.items():
            if isinstance(value, Tracer):
                raise GraphError(
                    f"The setting '{key}' of {operation.name} must be a plain value, "
                    "not one that the function computes."
                )
        accepted = {k: accepted_setting(operation, k, v) for k, v in settings.items()}
        nodes = [_node(self.builder, value) for value in inputs]
        return Tracer(self.builder, self.builder.apply(operation, nodes, accepted))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__":
            raise GraphError(
                f"np.{ufunc.__name__}.{method} has no node type; use np.sum and others."
            )
        extra = [k for k, v in options.items() if k not in _HARMLESS or v is not _HARMLESS[k]]
        if extra:
            raise GraphError(f"np.{ufunc.__name__} cannot be traced with '{extra[0]}'.")
        if ufunc is np.positive:
            return self
        if ufunc not in NUMPY_NAMES:
            raise GraphError(_unavailable(ufunc.__name__))
        return self.apply_operation(REGISTRY[NUMPY_NAMES[ufunc][0]], inputs, {})

    def __array_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> Any:
        function = _SAME_FUNCTION.get(function.__name__, function)
        if function not in NUMPY_NAMES:
            raise GraphError(_unavailable(function.__name__))
        name, keys = NUMPY_NAMES[function]
        operation = REGISTRY[name]
        if operation.variadic:
            inputs, rest = tuple(args[0]), args[1:]
        else:
            inputs, rest = args[: len(operation.ports)], args[len(operation.ports) :]
        settings = dict(zip(keys, rest, strict=False))
        for given, value in kwargs.items():
            key = _KEYWORDS.get(given, given)
            if key in keys:
                settings[key] = value
            elif given not in _HARMLESS or value is not _HARMLESS[given]:
                raise GraphError(f"np.{function.__name__} cannot be traced with '{given}'.")
        wrong = len(inputs) != len(operation.ports) and not operation.variadic
        if wrong or len(rest) > len(keys):
            raise GraphError(
                f"np.{function.__name__} is traced with the inputs "
                f"{', '.join(operation.ports)} only; this call has others."
            )
        return self.apply_operation(operation, inputs, settings)

    # The methods of arrays that have node types -------------------------------------------------

    @property
    def T(self) -> Tracer:
        """The transpose."""
        return self._method("transpose")

    def sum(self, axis: Any = None, keepdims: bool = False) -> Tracer:
        """As the array method."""
        return self._method("sum", axis=axis, keepdims=keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Tracer:
        """As the array method."""
        return self._method("mean", axis=axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Tracer:
        """As the array method."""
        return self._method("max", axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Tracer:
        """As the array method."""
        return self._method("min", axis=axis, keepdims=keepdims)

    def dot(self, other: Any) -> Tracer:
        """As the array method."""
        return self.apply_operation(REGISTRY["dot"], (self, other), {})

    def reshape(self, *shape: Any) -> Tracer:
        """As the array method."""
        return self._method("reshape", shape=shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Tracer:
        """As the array method."""
        flat = axes[0] if len(axes) == 1 else axes
        return self._method("transpose", axes=flat or None)

    def _method(self, name: str, **settings: Any) -> Tracer:
        operation = REGISTRY[name]
        given = {k: v for k, v in settings.items() if v is not None and v is not False}
        return self.apply_operation(operation, (self,), given)

    # What a traced value cannot do ----------------------------------------------------------------

    def __bool__(self) -> NoReturn:
        raise GraphError(
            "A traced value is neither true nor false, so 'if', 'and', 'or' and 'while' cannot "
            "depend on it; choose with np.where(condition, a, b)."
        )

    def __float__(self) -> NoReturn:
        raise _no_number()

    def __int__(self) -> NoReturn:
        raise _no_number()

    def __index__(self) -> NoReturn:
        raise _no_number()

    def __complex__(self) -> NoReturn:
        raise _no_number()

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise GraphError(
            "Traced values cannot be put into an array; use np.concatenate or return them one by "
            "one."
        )

    def __iter__(self) -> NoReturn:
        raise _no_elements()

    def __getitem__(self, key: Any) -> NoReturn:
        raise _no_elements()

    def __len__(self) -> NoReturn:
        raise _no_elements()

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # Python asks for these to learn what an object can do
            raise AttributeError(name)
        if name in ("shape", "ndim", "size", "dtype"):
            raise GraphError(f"The {name} of an input is not known while a function is traced.")
        raise GraphError(f"'.{name}' of an array has no node type.")

    def __repr__(self) -> str:
        return f"<traced value {self.node}>"


def _no_number() -> GraphError:
    return GraphError(
        "A traced value is no plain number: use np.sin and others instead of math.sin, and no "
        "float() or int()."
    )


def _no_elements() -> GraphError:
    return GraphError(
        "Elements of a traced value cannot be picked or counted; give them names as inputs."
    )


def _unavailable(name: str) -> str:
    known = [function.__name__ for function in NUMPY_NAMES]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean np.{near[0]}?" if near else "."
    return f"np.{name} is declared by no node type and cannot be traced{hint}"
