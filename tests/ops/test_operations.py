"""Every registered operation is what its declaration says."""

import numpy as np
import pytest

from visualad.errors import PluginError
from visualad.graph.parser import parse
from visualad.ops import REGISTRY, node, operation
from visualad.ops.declaration import Operation, Precedence
from visualad.ops.expression import NUMPY_NAMES, Call, Name
from visualad.ops.writing import latex, plain, pretty
from visualad.testing import check_op

OPERATIONS = [declared for declared in REGISTRY if not declared.leaf]
CATEGORIES = {
    "Inputs",
    "Arithmetic",
    "Functions",
    "Activations",
    "Linear algebra",
    "Reductions",
    "Normalisation",
    "Losses",
    "Comparisons",
}


def named(declared: Operation) -> str:
    return declared.name


@pytest.mark.parametrize("declared", OPERATIONS, ids=named)
def test_values_and_derivatives_agree_in_all_modes(declared: Operation) -> None:
    check_op(declared)


@pytest.mark.parametrize("declared", list(REGISTRY), ids=named)
def test_a_student_can_read_what_it_is(declared: Operation) -> None:
    assert declared.doc.split("\n")[0].endswith(".")
    assert declared.doc[0].isupper()
    assert declared.category in CATEGORIES
    assert declared.symbol
    assert len(declared.domain) == len(declared.ports)
    assert declared.kinks == "" or declared.kinks.endswith(".")


@pytest.mark.parametrize("declared", OPERATIONS, ids=named)
def test_its_formula_parses_back_to_the_same_node(declared: Operation) -> None:
    ports = declared.ports_for({})
    text = plain(Call(declared.name, tuple(Name(port) for port in ports)))

    graph = parse(text)

    (found,) = [n for n in graph.nodes if not n.is_leaf]
    assert found.op == declared.name
    assert [graph.nodes_by_id[e.source].name for e in graph.edges_into(found.id)] == list(ports)


@pytest.mark.parametrize("declared", OPERATIONS, ids=named)
def test_ziamath_typesets_it(declared: Operation) -> None:
    ziamath = pytest.importorskip("ziamath")
    ziamath.config.svg2 = False
    names = tuple(Name(port) for port in declared.ports_for({}))
    nested = tuple(Call("add", (name, Name("alpha_1"))) for name in names)
    for arguments in (names, nested):
        written = latex(Call(declared.name, arguments))
        assert "<svg" in ziamath.Latex(written).svg(), written
        assert pretty(Call(declared.name, arguments))


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (np.add, "add"),
        (np.subtract, "sub"),
        (np.multiply, "mul"),
        (np.divide, "div"),
        (np.negative, "neg"),
        (np.power, "pow"),
        (np.absolute, "abs"),
        (np.sign, "sign"),
        (np.floor, "floor"),
        (np.minimum, "minimum"),
        (np.maximum, "maximum"),
        (np.square, "square"),
        (np.sqrt, "sqrt"),
        (np.reciprocal, "reciprocal"),
        (np.hypot, "hypot"),
        (np.exp, "exp"),
        (np.log, "log"),
        (np.log1p, "log1p"),
        (np.expm1, "expm1"),
        (np.sin, "sin"),
        (np.cos, "cos"),
        (np.tan, "tan"),
        (np.arcsin, "asin"),
        (np.arccos, "acos"),
        (np.arctan, "atan"),
        (np.arctan2, "atan2"),
        (np.sinh, "sinh"),
        (np.cosh, "cosh"),
        (np.tanh, "tanh"),
        (np.matmul, "matmul"),
        (np.dot, "dot"),
        (np.sum, "sum"),
        (np.mean, "mean"),
        (np.max, "max"),
        (np.min, "min"),
        (np.transpose, "transpose"),
        (np.reshape, "reshape"),
        (np.concatenate, "concatenate"),
        (np.where, "where"),
        (np.clip, "clip"),
        (np.greater, "greater"),
        (np.less, "less"),
        (np.greater_equal, "greater_equal"),
        (np.less_equal, "less_equal"),
        (np.equal, "equal"),
        (np.not_equal, "not_equal"),
    ],
)
def test_numpy_functions_are_known_by_the_operation_that_calls_them(
    function: object, name: str
) -> None:
    assert NUMPY_NAMES[function][0] == name  # type: ignore[index]
    found = operation(name).ufunc
    assert found is (function if isinstance(function, np.ufunc) else None)


@pytest.mark.parametrize(
    ("infix", "precedence"),
    [
        ("+", Precedence.ADD),
        ("-", Precedence.ADD),
        ("*", Precedence.MULTIPLY),
        ("/", Precedence.MULTIPLY),
        ("@", Precedence.MULTIPLY),
        ("**", Precedence.POWER),
        (">", Precedence.COMPARE),
        ("<", Precedence.COMPARE),
        (">=", Precedence.COMPARE),
        ("<=", Precedence.COMPARE),
    ],
)
def test_pythons_operators_have_one_operation_of_two_ports_each(
    infix: str, precedence: Precedence
) -> None:
    (found,) = [d for d in OPERATIONS if d.infix == infix and len(d.ports) == 2]
    assert found.precedence is precedence


def test_a_name_can_be_declared_once() -> None:
    with pytest.raises(PluginError, match="'sin' is already declared by VisualAD itself"):

        @node(name="sin")
        def other(x: float) -> float:
            """Another sine."""
            return x


def test_an_unknown_name_says_what_to_do() -> None:
    with pytest.raises(PluginError, match="'sine' is not known; install or load the plugin"):
        operation("sine")
