"""The graph as a PyTorch or JAX module: the function, and its gradient by the library itself.

Operators stay operators and NumPy functions keep their names, which both libraries share. What is
left stands in `COUNTERPARTS`, once for both; any other operation is written as the expression that
its own function traces to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from visualad.errors import VisualADError
from visualad.exchange.python_module import PythonModule, quoted
from visualad.graph.model import Graph
from visualad.ops.declaration import REGISTRY, Operation
from visualad.ops.expression import Call, Expression, Name, Number, as_expression, trace, walk
from visualad.ops.writing_python import NumPy
from visualad.ops.writing_walk import Piece, write


@dataclass(frozen=True)
class Library:
    """A library that differentiates by itself.

    Attributes:
        title: what it is called.
        short: by which name the module knows its arrays.
        imports: the lines that import it.
        array: what makes an array of lists.
        convert: what makes an array of a number or keeps one, with the gradient that it carries.
        places: where it keeps what `COUNTERPARTS` asks for, by the names used there.
        gradient: the statements that fill `parts` with the gradient of `total` over `inputs`.
        tracked: what makes an array one that derivatives are taken for.
        doubles: the line that makes float64 possible, "" where it is.
    """

    title: str
    short: str
    imports: tuple[str, ...]
    array: str
    convert: str
    gradient: tuple[str, ...]
    places: Mapping[str, str]
    tracked: str = ""
    doubles: str = ""


JAX = Library(
    title="JAX",
    short="jnp",
    imports=("import jax", "import jax.numpy as jnp"),
    array="jnp.array",
    convert="jnp.asarray",
    gradient=("parts = jax.grad(total, argnums=tuple(range(len(inputs))))(*inputs)",),
    places={"nn": "jax.nn", "special": "jax.scipy.special", "permute": "jnp.transpose"},
    doubles='jax.config.update("jax_enable_x64", True)',
)
TORCH = Library(
    title="PyTorch",
    short="torch",
    imports=("import torch",),
    array="torch.tensor",
    convert="torch.as_tensor",
    tracked=".detach().clone().requires_grad_()",
    gradient=(
        "result = total(*inputs)",
        "parts = [torch.zeros_like(value) for value in inputs]",
        "if result.requires_grad:  # else only comparisons depend on them",
        "    parts = torch.autograd.grad(result, inputs, materialize_grads=True)",
    ),
    places={"nn": "torch.nn.functional", "special": "torch.special", "permute": "torch.permute"},
)

# Functions that both libraries have under NumPy's name; what JAX has beyond these is not asked for.
SHARED = frozenset(
    [
        *("absolute", "ceil", "copysign", "exp", "exp2", "expm1", "floor", "fmax", "fmin"),
        *("heaviside", "hypot", "log", "log10", "log1p", "log2", "logaddexp", "maximum"),
        *("minimum", "reciprocal", "sign", "sqrt", "square", "trunc", "deg2rad", "rad2deg"),
        *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2"),
        *("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"),
    ]
)

# Functions by the names of our operations, and what they need. {lib} is the library, {nn} its
# neural networks, {special} its special functions, {permute} its function for transposing. What
# stands here has no NumPy name, or its own expression would lose the derivative (1/(1 + e^(-x)) far
# out) or the convention at a kink (relu'(0) = 0). Python's sum, max and min are ours here.
COUNTERPARTS = """\
def erf(x):
    return {special}.erf(x)


def erfc(x):
    return {special}.erfc(x)


def sigmoid(x):
    return {nn}.sigmoid(x)


def relu(x):
    return {nn}.relu(x)


def leaky_relu(x, slope=0.01):
    return {lib}.where(x > 0, x, slope * x)


def elu(x, alpha=1.0):
    return {nn}.elu(x, alpha)


def softplus(x):
    return {lib}.logaddexp({lib}.zeros_like(x), x)


def silu(x):
    return {nn}.silu(x)


def softmax(X, axis=-1):
    return {nn}.softmax(X, axis)


def log_softmax(X, axis=-1):
    return {nn}.log_softmax(X, axis)


def clip(x, minimum=0.0, maximum=1.0):
    return {lib}.clip(x, minimum, maximum)


def where(condition, x, y):
    return {lib}.where(condition != 0, x, y)


def linear(X, W, b):
    return X @ W.T + b


def dot(x, y):
    if not (x.ndim and y.ndim):
        return x * y
    return {lib}.tensordot(x, y, ([x.ndim - 1], [y.ndim - 2 if y.ndim > 1 else 0]))


def transpose(X, axes=None):
    return {permute}(X, tuple(range(X.ndim))[::-1] if axes is None else tuple(axes))


def reshape(X, shape=-1):
    return X.reshape(tuple(shape) if isinstance(shape, (list, tuple)) else (shape,))


def concatenate(*x, axis=0):
    return {lib}.concatenate([{lib}.atleast_1d(part) for part in x], axis=axis)


def column(X, index=0):
    return X[..., index]


def column_stack(*x):
    return {lib}.column_stack(x)


def axes_of(X, axis):
    if axis is None:
        return tuple(range(X.ndim))
    return axis if isinstance(axis, int) else tuple(axis)


def sum(X, axis=None, keepdims=False):
    return {lib}.sum(X, axis=axes_of(X, axis), keepdims=keepdims)


def mean(X, axis=None, keepdims=False):
    return {lib}.mean(X, axis=axes_of(X, axis), keepdims=keepdims)


def max(X, axis=None, keepdims=False):
    return {lib}.amax(X, axis=axes_of(X, axis), keepdims=keepdims)


def min(X, axis=None, keepdims=False):
    return {lib}.amin(X, axis=axes_of(X, axis), keepdims=keepdims)


def dropout(x, rate=0.5):
    return x


def batch_normalization(X, scale, shift, center, variance, epsilon=1e-05):
    return (X - center) / (variance + epsilon) ** 0.5 * scale + shift


def standardized(X, axis, epsilon):
    centered = X - X.mean(axis, keepdims=True)
    return centered / ((centered**2).mean(axis, keepdims=True) + epsilon) ** 0.5


def standardize_batch(X, scale, shift, epsilon=1e-05):
    return standardized(X, 0, epsilon) * scale + shift


def layer_normalization(X, scale, shift, epsilon=1e-05):
    return standardized(X, -1, epsilon) * scale + shift


def samples(o):
    return o.shape[0] if o.ndim else 1


def targets(o, y):
    return y.reshape(o.shape) if y.ndim else y


def mean_squared_error(o, y):
    return ((o - targets(o, y)) ** 2).sum() / samples(o)


def half_squared_error(o, y):
    return 0.5 * ((o - targets(o, y)) ** 2).sum() / samples(o)


def hinge(o, y):
    margin = 1.0 - o * targets(o, y)
    return {lib}.where(margin > 0, margin, 0.0 * margin).sum() / samples(o)


def mean_absolute_error(o, y):
    return abs(o - targets(o, y)).sum() / samples(o)


def huber(o, y, delta=1.0):
    error = o - targets(o, y)
    slope = {lib}.clip(error, -delta, delta)
    return (slope * (error - 0.5 * slope)).sum() / samples(o)


def binary_cross_entropy(o, y):
    losses = {lib}.logaddexp({lib}.zeros_like(o), o) - o * targets(o, y)
    return losses.sum() / samples(o)


def classes(o, y):
    if o.shape == y.shape:
        return y
    return 1.0 * (y.reshape((*o.shape[:-1], 1)) == {lib}.arange(o.shape[-1]))


def cross_entropy(o, y):
    rows = o.reshape((-1, o.shape[-1])).shape[0]
    return -(classes(o, y) * {nn}.log_softmax(o, -1)).sum() / rows
"""
_FUNCTIONS = {
    part.removeprefix("def ").partition("(")[0]: part.strip()
    for part in COUNTERPARTS.split("\n\n\n")
}


def torch_module(graph: Graph) -> str:
    """A Python module that needs PyTorch: `f`, `gradient` by torch.autograd, a demonstration.

    Derivatives at kinks are PyTorch's own.

    Raises:
        VisualADError: if an operation has no counterpart in PyTorch.
        GraphError: if the graph has no output, or a node is not connected or of unknown type.
    """
    return FrameworkModule(graph, TORCH).text()


def jax_module(graph: Graph) -> str:
    """A Python module that needs JAX: `f`, `gradient` by jax.grad, and a demonstration.

    Derivatives at kinks are JAX's own (abs'(0) = 1, half the derivative at the ends of clip).

    Raises:
        VisualADError: if an operation has no counterpart in JAX.
        GraphError: if the graph has no output, or a node is not connected or of unknown type.
    """
    return FrameworkModule(graph, JAX).text()


class FrameworkModule(PythonModule):
    """The parts of one module while it is written."""

    reserved = ("jax", "inputs", "total", "outputs", "result", *_FUNCTIONS)

    def __init__(self, graph: Graph, target: Library) -> None:
        self.title = target.title
        self.short = target.short
        self.array = target.array
        super().__init__(graph)
        self.about = target
        self.functions: dict[str, None] = {}  # definitions in the order in which they are needed

    def imports(self) -> Sequence[str]:
        """The library, and float64 where it has to be asked for."""
        wants_doubles = self.about.doubles and self.graph.dtype == "float64"
        return [*self.about.imports, *(["", self.about.doubles] if wants_doubles else [])]

    def helpers(self) -> Sequence[str]:
        """The counterparts of our operations."""
        return list(self.functions)

    def literal(self, value: object) -> str:
        """A value as source; arrays in the graph's dtype."""
        text = super().literal(value)
        if not text.endswith(")") or text.startswith("float("):
            return text
        return f"{text[:-1]}, dtype={self.short}.{self.graph.dtype})"

    def as_array(self, code: str) -> str:
        """Source that makes an array of the graph's dtype."""
        return f"{self.about.convert}({code}, dtype={self.short}.{self.graph.dtype})"

    def differentiate(self) -> Iterator[str]:
        """The library's own gradient of the outputs, weighted and summed."""
        if not self.independents:
            yield "    return {}"
            return
        names = "".join(f"{self.names[id_]}, " for id_ in self.independents)
        yield "    def total(*inputs):"
        if self.seeded:
            weights = [f"d_{self.names[id_]}" for id_ in self.graph.output_ids]
            terms = [f"({weight} * outputs[{i}]).sum()" for i, weight in enumerate(weights)]
            yield "        outputs = f(*inputs)"
            yield f"        return {' + '.join(terms)}"
        else:
            yield "        return f(*inputs).sum()"
        yield ""
        tracked = f"{self.as_array('value')}{self.about.tracked}"
        yield f"    inputs = [{tracked} for value in ({names.strip()})]"
        yield from (f"    {line}" for line in self.about.gradient)
        yield "    return {"
        for index, id_ in enumerate(self.independents):
            yield f"        {quoted(self.graph.nodes_by_id[id_].name)}: parts[{index}],"
        yield "    }"

    def code(self, expression: Expression) -> str:
        """An expression as source; the counterparts that it needs become functions."""
        for part in walk(expression):
            if isinstance(part, Call):
                self._define(REGISTRY[part.operation])
        return write(expression, _Writing(self))

    def _define(self, declared: Operation) -> None:
        """Make the function of an operation that is neither an operator nor in NumPy."""
        if declared.infix or declared.spelled_out or _is_shared(declared):
            return
        if declared.name in _FUNCTIONS:
            self._copy(declared.name)
        else:
            self.functions[self._traced(declared)] = None

    def _copy(self, name: str) -> None:
        """A counterpart, behind those that it calls."""
        text = _FUNCTIONS[name]
        for called in re.findall(r"(?<![.\w])(\w+)\(", text.partition("\n")[2]):
            if called in _FUNCTIONS:
                self._copy(called)
        places = {"lib": self.short, **self.about.places}
        self.functions[_filled(text, places)] = None

    def _traced(self, declared: Operation) -> str:
        """A function of the expression that an operation's own function is.

        Raises:
            VisualADError: if it is not made of operations that have a counterpart.
        """
        refusal = VisualADError(
            f"Node type '{declared.name}' has no counterpart in {self.title}; write the graph as "
            "NumPy source, or without this node."
        )
        if declared.variadic or declared.settings or declared.ufunc is not None:
            raise refusal
        try:
            found = as_expression(trace(declared.function, *map(Name, declared.ports)))
        except Exception:  # noqa: BLE001 - a plugin's function may fail on symbols in any way
            raise refusal from None
        ports = ", ".join(declared.ports)
        return f"def {declared.name}({ports}):\n    return {self.code(found)}"


class _Writing(NumPy):
    """As a library computes it whose functions want arrays of a dtype and no plain numbers."""

    def __init__(self, module: FrameworkModule) -> None:
        self.module = module
        self.one = self.scalar(1.0)

    def number(self, value: float) -> str:
        """A number."""
        return super().number(value).replace("np.", f"{self.module.short}.")

    def scalar(self, value: float) -> str:
        """A number that must be an array."""
        return self.module.as_array(self.number(value))

    def function(self, call: Call, operation: Operation | None) -> list[Piece]:
        """The pieces of a call by name."""
        arguments = tuple(
            Name(self.scalar(part.value)) if isinstance(part, Number) else part
            for part in call.arguments
        )
        among_arrays = Call(call.operation, arguments, call.settings)
        if operation is None or not _is_shared(operation):
            return super(NumPy, self).function(among_arrays, operation)
        assert operation.ufunc is not None
        name = f"{self.module.short}.{operation.ufunc.__name__}"
        return [name, self.open, *self.arguments(among_arrays), self.close]


def _is_shared(operation: Operation) -> bool:
    return operation.ufunc is not None and operation.ufunc.__name__ in SHARED


def _filled(text: str, places: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: places[found[1]], text)
