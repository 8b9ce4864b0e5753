"""What every node type must pass: `check_op(op)`.

    from visualad.testing import check_op

    check_op(softsign)      # silent when all is well, else a PluginError that says what is wrong

It computes values, derivatives in the three modes and formulas at random points of the declared
domain, for numbers, vectors, batches and broadcasts, in float64 and float32, and compares them with
numerical derivatives of the function itself.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np

from visualad.autodiff.derivatives import jacobian
from visualad.errors import GraphError, PluginError, ShapeError, VisualADError
from visualad.graph.model import Graph, Node
from visualad.ops.broadcasting import unbroadcast
from visualad.ops.declaration import REGISTRY, Operation, operation, symbolic_partials
from visualad.ops.shapes import output_shape
from visualad.ops.substitution import value_of

Array = Any
Shape = tuple[int, ...]

# Shapes that are tried on every port; the combinations that an operation takes are used.
SHAPES: tuple[Shape, ...] = (
    (),
    (3,),
    (3, 4),
    (1, 4),
    (4,),
    (4, 2),
    (2, 4),
    (2,),
    (3, 1),
    (2, 3, 4),
)
MOST_COMBINATIONS = 16
# Values of settings that are tried where an operation has one of this name.
SETTINGS: Mapping[str, tuple[Any, ...]] = {
    "axis": (0, -1, (0, 1)),
    "keepdims": (True,),
    "axes": ((1, 0),),
    "shape": ((2, -1),),
}
POINTS = 3  # for each combination of shapes
TOLERANCE = {"complex step": 1e-10, "central differences": 1e-6}
EXACT = 1e-9  # between two ways to compute the same in float64
SINGLE = 2e-3  # between float32 and float64


def check_op(
    op: Operation | str,
    *,
    shapes: Sequence[Sequence[Shape]] | None = None,
    settings: Sequence[Mapping[str, Any]] | None = None,
    seed: int = 0,
) -> None:
    """Check that an operation is what its declaration says.

    Args:
        op: the operation or its name.
        shapes: combinations of input shapes, one shape for each port; by default those of a small
            catalogue that the operation takes.
        settings: settings to try beside the defaults.
        seed: of the random points.

    Raises:
        PluginError: for the first thing that is wrong: what, at which input, what was expected.
    """
    declared = operation(op) if isinstance(op, str) else op
    if declared.leaf:
        return
    with _registered(declared):
        _check_declaration(declared)
        random = np.random.default_rng(seed)
        checked = 0
        for chosen in _variants(declared, settings):
            for combination in _combinations(declared, chosen, shapes):
                checked += _Check(declared, chosen, combination, random).run()
        if not checked:
            reason = _reason(declared)
            _fail(declared, f"takes none of the inputs that were tried ({reason}); give its shapes")


@contextmanager
def _registered(declared: Operation) -> Iterator[None]:
    """Let graphs find the operation while it is checked, whether or not it is registered."""
    before = REGISTRY.get(declared.name)
    REGISTRY.add(declared, replace=True)
    try:
        yield
    finally:
        REGISTRY.remove(declared.name)
        if before is not None:
            REGISTRY.add(before)


def _check_declaration(declared: Operation) -> None:
    if not declared.doc:
        _fail(declared, "has no docstring; write one sentence that says what it computes")
    if not declared.differentiable and declared.rule_jvp is not None:
        _fail(declared, "declares a jvp rule only; backward mode needs a vjp rule too")
    if not declared.differentiable:
        _fail(declared, "declares no derivative; add partials, or a jvp and a vjp rule")


def _variants(
    declared: Operation, given: Sequence[Mapping[str, Any]] | None
) -> list[dict[str, Any]]:
    """Settings to try: the defaults, and one change at a time."""
    base: dict[str, Any] = {"inputs": 2} if declared.variadic else {}
    variants = [base]
    if declared.variadic:
        variants.append({"inputs": 3})
    if given is not None:
        return variants + [{**base, **change} for change in given]
    for key, default in declared.settings.items():
        tried = SETTINGS.get(key, ())
        if isinstance(default, float):
            tried = (1.5 * default,)
        variants += [{**base, key: value} for value in tried]
    return variants


def _combinations(
    declared: Operation,
    settings: Mapping[str, Any],
    given: Sequence[Sequence[Shape]] | None,
) -> list[tuple[Shape, ...]]:
    """Input shapes that the operation takes, spread over the catalogue."""
    if given is not None:
        return [tuple(shapes) for shapes in given]
    count = len(declared.ports_for(settings))
    found = []
    for shapes in itertools.product(SHAPES, repeat=count) if count <= 3 else ():
        try:
            output_shape(declared, shapes, settings)
        except ShapeError:
            continue
        found.append(shapes)
    if count > 3:
        found = [(shape,) * count for shape in SHAPES]
    step = max(1, -(-len(found) // MOST_COMBINATIONS))
    return found[::step]


def _reason(declared: Operation) -> str:
    """What the operation says to plain numbers."""
    settings = {"inputs": 2} if declared.variadic else {}
    try:
        output_shape(declared, [()] * len(declared.ports_for(settings)), settings)
    except ShapeError as error:
        return error.message.rstrip(".")
    return "it refuses their values, or all lie at kinks"


class _Check:
    """One operation with settings and input shapes."""

    def __init__(
        self,
        declared: Operation,
        settings: dict[str, Any],
        shapes: tuple[Shape, ...],
        random: np.random.Generator,
    ) -> None:
        self.op = declared
        self.settings = settings
        self.arguments = declared.settings_for(settings)
        self.ports = declared.ports_for(settings)
        self.shapes = shapes
        self.random = random
        self.method = "complex step" if declared.analytic else "central differences"

    def run(self) -> int:
        """Check at some points; how many of these could be judged."""
        judged = 0
        with np.errstate(all="ignore"):
            for _ in range(POINTS):
                inputs = self.draw()
                try:
                    out = self.value(inputs)
                except GraphError:  # the operation refuses these values on purpose
                    continue
                self.check_value(inputs, out)
                if self.check_derivative(inputs, out):
                    judged += 1
            if judged:
                self.check_single_precision(inputs, out)
                self.check_formulas(inputs, out)
                self.check_modes(inputs)
                self.check_one_source()
        return judged

    # Points -----------------------------------------------------------------------------------

    def draw(self) -> list[Array]:
        """Random inputs of the declared domain."""
        return [
            self._uniform(self.shapes[i], [self._interval(i)], port == self.op.selects)
            for i, port in enumerate(self.ports)
        ]

    def _interval(self, port: int) -> tuple[float, float]:
        return self.op.domain[0 if self.op.variadic else port]

    def _uniform(
        self, shape: Shape, intervals: Sequence[tuple[float, float]], is_condition: bool
    ) -> Array:
        if is_condition:
            return self.random.integers(0, 2, shape).astype(float)[()]
        low = max(interval[0] for interval in intervals)
        high = min(interval[1] for interval in intervals)
        return np.asarray(self.random.uniform(low, high, shape))[()]

    # Values -----------------------------------------------------------------------------------

    def value(self, inputs: Sequence[Array]) -> Array:
        """What the function gives, as it came."""
        try:
            return self.op.function(*inputs, **self.arguments)
        except VisualADError:
            raise
        except Exception as error:  # noqa: BLE001 - a plugin's code may raise anything
            self.fail(inputs, f"raises {type(error).__name__}: {error}")

    def check_value(self, inputs: Sequence[Array], out: Array) -> None:
        copies = [np.copy(x) for x in inputs]
        again = self.value(inputs)
        if any(not np.array_equal(a, b) for a, b in zip(copies, inputs, strict=True)):
            self.fail(copies, "changes its own inputs; compute with copies")
        if not np.array_equal(out, again, equal_nan=True):
            self.fail(inputs, "gives another value each time; leave randomness to the graph")
        if getattr(out, "dtype", np.dtype(float)) != np.float64:
            self.fail(inputs, f"gives {out.dtype} for float64 inputs")
        expected = output_shape(self.op, self.shapes, self.settings)
        if np.shape(out) != expected:
            self.fail(inputs, f"gives shape {np.shape(out)} instead of {expected}")
        if not np.all(np.isfinite(out)):
            self.fail(inputs, "gives a value that is not finite within its declared domain")

    def check_single_precision(self, inputs: Sequence[Array], out: Array) -> None:
        single = [np.asarray(x, dtype=np.float32)[()] for x in inputs]
        found = self.value(single)
        if getattr(found, "dtype", None) != np.float32:
            self.fail(inputs, f"gives {getattr(found, 'dtype', type(found))} for float32 inputs")
        if not _close(found, out, SINGLE):
            self.fail(inputs, f"gives {found} in float32 but {out} in float64")
        direction = [np.ones_like(x) for x in single]
        adjoints = self.pull(np.ones_like(found), single, found)
        for port, adjoint in zip(self.ports, adjoints, strict=True):
            if np.asarray(adjoint).dtype != np.float32:
                self.fail(inputs, f"has a float64 derivative to {port} for float32 inputs")
        exact = self.push([np.ones_like(x) for x in inputs], inputs, out)
        pushed = self.push(direction, single, found)
        if exact is not None and pushed is not None and not _close(pushed, exact, SINGLE):
            self.fail(inputs, "has another derivative in float32 than in float64")

    # Derivatives ------------------------------------------------------------------------------

    def push(self, tangents: Sequence[Array], inputs: Sequence[Array], out: Array) -> Array | None:
        """J v by the declaration; None where only a vjp is declared."""
        if self.op.elementwise:
            partials = self.partials(inputs, out)
            terms = [p * t for p, t in zip(partials, tangents, strict=True)]
            return np.broadcast_to(sum(terms), np.shape(out))
        if self.op.rule_jvp is None:
            return None
        return self._rule(inputs, self.op.push_forward, tangents, inputs, out, self.settings)

    def partials(self, inputs: Sequence[Array], out: Array) -> Sequence[Array]:
        """The local partials of an elementwise operation."""
        found: Sequence[Array] = self._rule(
            inputs, self.op.local_partials, inputs, out, self.settings
        )
        if len(found) != len(inputs):
            self.fail(inputs, f"gives {len(found)} partials for {len(inputs)} ports")
        return found

    def _rule(self, inputs: Sequence[Array], rule: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return rule(*arguments)
        except Exception as error:  # noqa: BLE001 - a plugin's code may raise anything
            self.fail(inputs, f"has a rule that raises {type(error).__name__}: {error}")

    def pull(self, adjoint: Array, inputs: Sequence[Array], out: Array) -> list[Array]:
        """Jᵀ w by the declaration, in the shapes of the inputs."""
        if self.op.elementwise:
            parts: Sequence[Array | None] = [p * adjoint for p in self.partials(inputs, out)]
        else:
            parts = self._rule(inputs, self.op.pull_back, adjoint, inputs, out, self.settings)
        if len(parts) != len(inputs):
            self.fail(inputs, f"gives {len(parts)} adjoints for {len(inputs)} ports")
        return [
            np.zeros_like(x) if part is None else unbroadcast(part, np.shape(x))
            for part, x in zip(parts, inputs, strict=True)
        ]

    def check_derivative(self, inputs: Sequence[Array], out: Array) -> bool:
        """Compare with a numerical derivative along each port; False at a kink."""
        weights = np.asarray(self.random.standard_normal(np.shape(out)))[()]
        adjoints = self.pull(weights, inputs, out)
        for i, port in enumerate(self.ports):
            if port == self.op.selects:
                continue
            tangents = [np.zeros_like(x) for x in inputs]
            tangents[i] = np.asarray(self.random.standard_normal(np.shape(inputs[i])))[()]
            numerical = self.numerical(inputs, tangents)
            if numerical is None:
                return False
            tolerance = TOLERANCE[self.method]
            pushed = self.push(tangents, inputs, out)
            if pushed is not None and not _close(pushed, numerical, tolerance):
                self.fail(
                    inputs,
                    f"has the derivative {_short(pushed)} along {port}, but {self.method} "
                    f"give {_short(numerical)}; correct its rule",
                )
            left, right = np.sum(weights * numerical), np.sum(adjoints[i] * tangents[i])
            if not _close(left, right, tolerance, scale=np.sum(np.abs(weights * numerical))):
                self.fail(
                    inputs,
                    f"sends the adjoint {_short(adjoints[i])} to {port}, which does not fit its "
                    f"derivative: <w, Jv> = {left:.8g} but <Jᵀw, v> = {right:.8g}",
                )
        return True

    def numerical(self, inputs: Sequence[Array], tangents: Sequence[Array]) -> Array | None:
        """J v without using any rule; None where it has no limit, at a kink."""
        if self.op.analytic:
            step = 1e-30
            moved = [x + 1j * step * t for x, t in zip(inputs, tangents, strict=True)]
            return np.imag(self.value(moved)) / step
        coarse, fine = (self._differences(inputs, tangents, step) for step in (1e-3, 2.5e-4))
        return fine if _close(coarse, fine, TOLERANCE[self.method]) else None

    def _differences(
        self, inputs: Sequence[Array], tangents: Sequence[Array], step: float
    ) -> Array:
        """Central differences over four points, with an error of the fourth order."""

        def at(factor: float) -> Array:
            pairs = zip(inputs, tangents, strict=True)
            return self.value([x + factor * step * t for x, t in pairs])

        return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step)

    def check_formulas(self, inputs: Sequence[Array], out: Array) -> None:
        """The formulas on the edges must say what is computed."""
        formulas = symbolic_partials(self.op, self.settings)
        if formulas is None:
            return
        names = dict(zip(self.ports, inputs, strict=True)) | {"out": out}
        partials = self.op.local_partials(inputs, out, self.settings)
        for port, formula, partial in zip(self.ports, formulas, partials, strict=True):
            value = value_of(formula, names)
            if not _close(np.broadcast_to(value, np.shape(partial)), partial, EXACT):
                self.fail(inputs, f"shows a formula for {port} that gives {_short(value)} instead")

    # Graphs -----------------------------------------------------------------------------------

    def check_modes(self, inputs: Sequence[Array]) -> None:
        """All three modes must give the same Jacobian."""
        graph = self.graph(dict(enumerate(inputs)), list(range(len(inputs))))
        self._compare_modes(graph, inputs)

    def check_one_source(self) -> None:
        """One source on all ports: contributions must add up."""
        if len(self.ports) < 2 or len(set(self.shapes)) > 1 or self.op.selects:
            return
        intervals = [self._interval(i) for i in range(len(self.ports))]
        if max(low for low, _ in intervals) >= min(high for _, high in intervals):
            return
        x = self._uniform(self.shapes[0], intervals, is_condition=False)
        inputs = [x] * len(self.ports)
        try:
            out = self.value(inputs)
        except GraphError:
            return
        graph = self.graph({0: x}, [0] * len(self.ports))
        found = self._compare_modes(graph, inputs)
        tangent = np.asarray(self.random.standard_normal(np.shape(x)))[()]
        pushed = self.push([tangent] * len(inputs), inputs, out)
        along = (found @ np.ravel(tangent)).reshape(np.shape(out))
        if pushed is not None and not _close(along, pushed, EXACT):
            self.fail(inputs, "with one source on all ports does not add up the contributions")

    def _compare_modes(self, graph: Graph, inputs: Sequence[Array]) -> Array:
        found = {mode: self._jacobian(graph, mode, inputs) for mode in ("backward", "forward")}
        found["cross"] = self._jacobian(graph, "cross", inputs)
        for mode in ("forward", "cross"):
            if not _close(found[mode], found["backward"], EXACT):
                self.fail(inputs, f"has another Jacobian in {mode} than in backward mode")
        return found["backward"]

    def _jacobian(self, graph: Graph, mode: str, inputs: Sequence[Array]) -> Array:
        try:
            return jacobian(graph, mode=mode).array
        except VisualADError as error:
            self.fail(inputs, f"fails in {mode} mode: {error.message}")

    def graph(self, values: Mapping[int, Array], sources: Sequence[int]) -> Graph:
        """Variables with these values, and the operation over them."""
        nodes = {
            f"x{i}": Node(f"x{i}", "variable", f"x{i}", settings={"value": value})
            for i, value in values.items()
        }
        nodes["f"] = Node("f", self.op.name, "f", settings=self.settings)
        pairs = zip(self.ports, sources, strict=True)
        return Graph(nodes, {("f", port): f"x{source}" for port, source in pairs})

    def fail(self, inputs: Sequence[Array], what: str) -> NoReturn:
        """Refuse the operation.

        Raises:
            PluginError: always.
        """
        pairs = zip(self.ports, inputs, strict=True)
        point = ", ".join(f"{port} = {_short(x)}" for port, x in pairs)
        chosen = {key: value for key, value in self.settings.items() if key in self.op.settings}
        extra = f" with {chosen}" if chosen else ""
        _fail(self.op, f"{what}, at {point}{extra}")


def _fail(declared: Operation, what: str) -> NoReturn:
    raise PluginError(f"Operation {declared.name} {what}.")


def _close(a: Array, b: Array, tolerance: float, *, scale: Array | None = None) -> bool:
    """Whether two results agree relative to the larger of 1 and their size."""
    if np.shape(a) != np.shape(b):
        return False
    size = np.max(np.abs(b), initial=1.0) if scale is None else max(1.0, float(scale))
    return bool(np.all(np.abs(np.asarray(a) - np.asarray(b)) <= tolerance * size))


def _short(value: Array) -> str:
    text = np.array2string(np.asarray(value), precision=6, separator=", ", threshold=8, edgeitems=2)
    return " ".join(text.split())
