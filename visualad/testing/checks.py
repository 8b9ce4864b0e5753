"""The tests of a node type at one choice of settings and shapes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NoReturn

import numpy as np

from visualad.autodiff.derivatives import hessian, jacobian
from visualad.errors import GraphError, PluginError, VisualADError
from visualad.graph.model import Graph, Node
from visualad.ops.broadcasting import unbroadcast
from visualad.ops.declaration import Operation, symbolic_partials
from visualad.ops.expression import Call, Name
from visualad.ops.shapes import output_shape
from visualad.ops.substitution import value_of
from visualad.ops.writing import latex, name_latex, name_pretty, pretty
from visualad.testing.cases import Shape

Array = Any
Report = Callable[[str, Callable[[], object]], object]  # runs the test of this name

POINTS = 3  # for each combination of shapes
TOLERANCE = {"complex step": 1e-10, "central differences": 1e-6}
EXACT = 1e-9  # between two ways to compute the same in float64
SINGLE = 2e-3  # between float32 and float64
SECOND = 1e-5  # of second derivatives against differences of the gradient
MOST_SECOND = 8  # inputs up to which second derivatives are looked at

VALUE, PURITY = "value", "purity"
COMPLEX, DIFFERENCES = "complex step", "central differences"
BOTH_WAYS, SECOND_DERIVATIVES = "jvp against vjp", "second derivatives"
PRECISION, BATCHES, MODES = "float32 and float64", "batches and broadcasts", "the three modes"
ONE_SOURCE, FORMULA, LATEX = "one source on all ports", "formula", "LaTeX"


class Check:
    """One operation with settings and input shapes."""

    def __init__(
        self,
        declared: Operation,
        settings: dict[str, Any],
        shapes: tuple[Shape, ...],
        random: np.random.Generator,
        report: Report,
    ) -> None:
        self.op = declared
        self.settings = settings
        self.arguments = declared.settings_for(settings)
        self.ports = declared.ports_for(settings)
        self.shapes = shapes
        self.random = random
        self.method = COMPLEX if declared.analytic else DIFFERENCES
        self.report = report
        self.second: Callable[[], None] | None = None  # what is left to test, at the last point

    def run(self) -> int:
        """Check at some points; how many of these could be judged."""
        judged = 0
        report = self.report
        with np.errstate(all="ignore"):
            for _ in range(POINTS):
                inputs = self.draw()
                try:
                    out = self.value(inputs)
                except GraphError:  # the operation refuses these values on purpose
                    continue
                report(PURITY, partial(self.check_purity, inputs, out))
                report(VALUE, partial(self.check_value, inputs, out))
                if self.check_derivative(inputs, out):
                    judged += 1
            if judged:
                report(PRECISION, partial(self.check_single_precision, inputs, out))
                report(BATCHES, partial(self.check_batches, inputs, out))
                report(FORMULA, partial(self.check_formulas, inputs, out))
                report(MODES, partial(self.check_modes, inputs))
                report(ONE_SOURCE, self.check_one_source)
                self.second = partial(self.check_second_derivatives, inputs, out)
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

    def check_purity(self, inputs: Sequence[Array], out: Array) -> None:
        """Inputs stay as they are, and the same inputs give the same value."""
        copies = [np.copy(x) for x in inputs]
        again = self.value(inputs)
        if any(not np.array_equal(a, b) for a, b in zip(copies, inputs, strict=True)):
            self.fail(copies, "changes its own inputs; compute with copies")
        if not np.array_equal(out, again, equal_nan=True):
            self.fail(inputs, "gives another value each time; leave randomness to the graph")

    def check_value(self, inputs: Sequence[Array], out: Array) -> None:
        """A finite real number or array of the right dtype and shape."""
        if getattr(out, "dtype", np.dtype(float)) != np.float64:
            self.fail(inputs, f"gives {out.dtype} for float64 inputs")
        expected = output_shape(self.op, self.shapes, self.settings)
        if np.shape(out) != expected:
            self.fail(inputs, f"gives shape {np.shape(out)} instead of {expected}")
        if not np.all(np.isfinite(out)):
            self.fail(inputs, "gives a value that is not finite within its declared domain")

    def check_batches(self, inputs: Sequence[Array], out: Array) -> None:
        """The rows of a batch do not know of each other, where the derivative says so."""
        if not self.op.elementwise or len(set(self.shapes)) > 1 or np.ndim(out) < 2:
            return
        row = self.value([x[0] for x in inputs])
        if not _close(row, out[0], EXACT):
            self.fail(inputs, f"gives {_short(out[0])} for the first row, but {_short(row)} alone")

    def check_single_precision(self, inputs: Sequence[Array], out: Array) -> None:
        """In float32 the same to its precision, and nothing that is float64."""
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
        for i, port in enumerate(self.ports):
            if port == self.op.selects:
                continue
            tangents = [np.zeros_like(x) for x in inputs]
            tangents[i] = np.asarray(self.random.standard_normal(np.shape(inputs[i])))[()]
            numerical = self.numerical(inputs, tangents)
            if numerical is None:
                return False
            test = partial(self._compare, inputs, out, i, tangents, numerical, self.method)
            self.report(self.method, test)
            test = partial(self._compare_ways, inputs, out, i, tangents, numerical, weights)
            self.report(BOTH_WAYS, test)
            if self.op.analytic:
                test = partial(self._compare_with_differences, inputs, out, i, tangents)
                self.report(DIFFERENCES, test)
        return True

    def _compare(
        self,
        inputs: Sequence[Array],
        out: Array,
        i: int,
        tangents: Sequence[Array],
        numerical: Array,
        method: str,
    ) -> None:
        pushed = self.push(tangents, inputs, out)
        if pushed is not None and not _close(pushed, numerical, TOLERANCE[method]):
            self.fail(
                inputs,
                f"has the derivative {_short(pushed)} along {self.ports[i]}, but "
                f"{'the complex step gives' if method == COMPLEX else 'central differences give'} "
                f"{_short(numerical)}; correct its rule",
            )

    def _compare_with_differences(
        self, inputs: Sequence[Array], out: Array, i: int, tangents: Sequence[Array]
    ) -> None:
        coarse, fine = (self._differences(inputs, tangents, step) for step in (1e-3, 2.5e-4))
        if _close(coarse, fine, TOLERANCE[DIFFERENCES]):
            self._compare(inputs, out, i, tangents, fine, DIFFERENCES)

    def _compare_ways(
        self,
        inputs: Sequence[Array],
        out: Array,
        i: int,
        tangents: Sequence[Array],
        numerical: Array,
        weights: Array,
    ) -> None:
        adjoint = self.pull(weights, inputs, out)[i]
        left, right = np.sum(weights * numerical), np.sum(adjoint * tangents[i])
        size = np.sum(np.abs(weights * numerical))
        if not _close(left, right, TOLERANCE[self.method], scale=size):
            self.fail(
                inputs,
                f"sends the adjoint {_short(adjoint)} to {self.ports[i]}, which does not fit its "
                f"derivative: <w, Jv> = {left:.8g} but <Jᵀw, v> = {right:.8g}",
            )

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
        """The formulas on the edges must say what is computed, and LaTeX must be whole."""
        formulas = symbolic_partials(self.op, self.settings)
        if formulas is None:
            return
        names = dict(zip(self.ports, inputs, strict=True)) | {"out": out}
        partials = self.op.local_partials(inputs, out, self.settings)
        for port, formula, computed in zip(self.ports, formulas, partials, strict=True):
            value = value_of(formula, names)
            if not _close(np.broadcast_to(value, np.shape(computed)), computed, EXACT):
                self.fail(inputs, f"shows a formula for {port} that gives {_short(value)} instead")

    # Graphs -----------------------------------------------------------------------------------

    def check_second_derivatives(self, inputs: Sequence[Array], out: Array) -> None:
        """The derivative of the derivative, against differences of the gradient."""
        if sum(np.size(x) for x in inputs) > MOST_SECOND or self.op.selects:
            return
        weights = np.asarray(self.random.standard_normal(np.shape(out)))[()]

        def graph_at(point: Sequence[Array]) -> Graph:
            graph = self.graph(dict(enumerate(point)), list(range(len(point))))
            nodes = {
                **graph.nodes_by_id,
                "w": Node("w", "constant", "w", settings={"value": weights}),
                "p": Node("p", "mul", "p"),
                "s": Node("s", "sum", "s"),
            }
            edges = {("p", "x"): "f", ("p", "y"): "w", ("s", "X"): "p"}
            return Graph(nodes, {**graph.sources, **edges}, declared_outputs=("s",))

        def gradient_at(flat: Array) -> Array:
            point, start = [], 0
            for x in inputs:
                point.append(np.reshape(flat[start : start + np.size(x)], np.shape(x))[()])
                start += np.size(x)
            return np.ravel(jacobian(graph_at(point)).array)

        flat = np.concatenate([np.ravel(x) for x in inputs])
        found = []
        for step in (1e-3, 2.5e-4):
            units = step * np.eye(len(flat))
            found.append(
                np.stack(
                    [(gradient_at(flat + u) - gradient_at(flat - u)) / (2 * step) for u in units]
                )
            )
        if not _close(found[0], found[1], SECOND):
            return  # at a kink of the derivative
        try:
            exact = hessian(graph_at(inputs))
        except VisualADError as error:
            self.fail(inputs, f"has no second derivatives: {error.message.rstrip('.')}")
        if not _close(exact, found[1], SECOND):
            self.fail(
                inputs,
                f"has the second derivatives {_short(exact)}, but differences of its derivative "
                f"give {_short(found[1])}; a rule must be made of operations that have derivatives",
            )

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
        version = {"op_version": self.op.version} if self.op.version != 1 else {}
        nodes["f"] = Node("f", self.op.name, "f", settings=self.settings, extra=version)
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
        fail(self.op, f"{what}, at {point}{extra}")


def fail(declared: Operation, what: str) -> NoReturn:
    """Refuse a node type.

    Raises:
        PluginError: always.
    """
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


def check_writing(declared: Operation, settings: Mapping[str, Any]) -> None:
    """It can be written, with all that goes into it.

    Raises:
        PluginError: if its text or LaTeX cannot be made, lacks an input or is not balanced.
    """
    ports = declared.ports_for(settings)
    chosen = declared.settings_for(settings) if not declared.variadic else {}
    call = Call(declared.name, tuple(Name(f"x{i + 1}") for i in range(len(ports))), chosen)
    for language, write in (("text", pretty), ("LaTeX", latex)):
        try:
            text = write(call)
        except Exception as error:  # noqa: BLE001 - a template of a plugin may hold anything
            fail(
                declared,
                f"cannot be written as {language} ({type(error).__name__}: {error}); "
                f"correct its template",
            )
        bare = text.replace(r"\{", "").replace(r"\}", "")
        if language == "LaTeX" and (bare.count("{") != bare.count("}") or text.count("$")):
            fail(declared, f"has LaTeX with unbalanced braces: {text}")
        for number, port in enumerate(ports, 1):
            if name_in(language, number) not in text:
                fail(declared, f"does not show its input {port} when written as {language}: {text}")


def name_in(language: str, number: int) -> str:
    """How the input xᵢ is written."""
    return (name_latex if language == "LaTeX" else name_pretty)(f"x{number}")
