"""Expressions as Python, Unicode, LaTeX and NumPy source."""

import math
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualad.graph.parser import parse
from visualad.ops import REGISTRY, operation
from visualad.ops.declaration import symbolic_partials
from visualad.ops.expression import (
    Call,
    Expression,
    Name,
    Number,
    Symbol,
    simplify,
    substitute,
    total,
    trace,
    walk,
)
from visualad.ops.substitution import value_of
from visualad.ops.writing import (
    derivative_name,
    formula,
    latex,
    number_latex,
    number_pretty,
    number_text,
    numpy_source,
    plain,
    pretty,
    tangent_name,
)

X1, X2, X3, X4 = (Name(f"x{i}") for i in (1, 2, 3, 4))
LECTURE = trace(lambda a, b, c: (a * b * np.sin(c) + np.exp(a * b)) / c, X1, X2, X3).expression

# Random expressions over everything that has an operator, and a few calls.
_BINARY = ["add", "sub", "mul", "div", "pow", "greater", "less_equal", "maximum"]
_UNARY = ["neg", "sin", "exp", "abs", "square", "sqrt", "reciprocal"]
_leaves = st.one_of(
    st.sampled_from([X1, X2, X3]),
    st.floats(0.25, 3, width=16).map(lambda v: Number(float(v))),
    st.floats(-3, -0.25, width=16).map(lambda v: Number(float(v))),
    st.just(Number(math.pi)),
)
expressions: st.SearchStrategy[Expression] = st.recursive(
    _leaves,
    lambda parts: st.one_of(
        st.builds(lambda op, a, b: Call(op, (a, b)), st.sampled_from(_BINARY), parts, parts),
        st.builds(lambda op, a: Call(op, (a,)), st.sampled_from(_UNARY), parts),
    ),
    max_leaves=12,
)
POINT = {"x1": 0.7, "x2": -1.3, "x3": 2.1}


def evaluated(root: Expression) -> float:
    """The value by the operations themselves, without any writing."""
    return float(value_of(root, {name: np.float64(value) for name, value in POINT.items()}))


def walk_tree(root: Expression) -> list[tuple[str, object]]:
    """The tree from left to right, shared parts as often as they stand there."""
    found: list[tuple[str, object]] = []
    stack = [root]
    while stack:
        part = stack.pop()
        if isinstance(part, Call):
            found.append((part.operation, len(part.arguments)))
            stack.extend(reversed(part.arguments))
        else:
            found.append(("leaf", part.text if isinstance(part, Name) else part.value))
    return found


def expression_of(text: str) -> Expression:
    """What the parser makes of a text, as an expression."""
    graph = parse(text, merge_equal=False)
    done: dict[str, Expression] = {}
    for node in graph.nodes:
        if node.op == "constant":
            done[node.id] = Number(float(node.value))
        elif node.is_leaf:
            done[node.id] = Name(node.name)
        else:
            sources = graph.edges_into(node.id)
            done[node.id] = Call(node.op, tuple(done[e.source] for e in sources))
    return done[graph.output_ids[0]] if graph.outputs else done[graph.nodes[0].id]


@given(expressions)
def test_python_reads_the_numpy_source_with_the_same_value(root: Expression) -> None:
    text = numpy_source(root)
    space = {name: np.float64(value) for name, value in POINT.items()} | {"np": np}
    with np.errstate(all="ignore"):
        found = eval(text, space)
        expected = evaluated(root)
    np.testing.assert_allclose(float(found), expected, rtol=1e-12, err_msg=text)


@given(expressions)
def test_the_parser_reads_the_plain_text_as_the_same_expression(root: Expression) -> None:
    if not isinstance(root, Call):
        return  # a lone name or number is no formula with an output
    assert walk_tree(expression_of(plain(root))) == walk_tree(root), plain(root)


@given(expressions)
def test_parentheses_balance_in_every_writing(root: Expression) -> None:
    for text in formula(root):
        assert text.count("(") == text.count(")")
        assert text.count("{") == text.count("}")
        assert "  " not in text


def test_the_lectures_function_reads_as_on_the_blackboard() -> None:
    assert plain(LECTURE) == "(x1*x2*sin(x3) + exp(x1*x2))/x3"
    assert pretty(LECTURE) == "(x₁·x₂·sin x₃ + exp(x₁·x₂))/x₃"
    assert latex(LECTURE) == (
        r"\frac{x_{1} \cdot x_{2} \cdot \sin x_{3} + e^{x_{1} \cdot x_{2}}}{x_{3}}"
    )
    assert numpy_source(LECTURE) == "(x1 * x2 * np.sin(x3) + np.exp(x1 * x2)) / x3"


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda a, b: a - (b - a), "x₁ − (x₂ − x₁)"),
        (lambda a, b: a + (b - a), "x₁ + x₂ − x₁"),
        (lambda a, b: a / (b / a), "x₁/(x₂/x₁)"),
        (lambda a, b: -(a * b), "−x₁·x₂"),
        (lambda a, b: -(a + b), "−(x₁ + x₂)"),
        (lambda a, b: a - (-b), "x₁ − (−x₂)"),
        (lambda a, b: a * -2.0, "x₁·(−2)"),
        (lambda a, b: a * (-b / a), "x₁ · (−x₂/x₁)"),
        (lambda a, b: a - (-b) * a, "x₁ − (−x₂·x₁)"),
        (lambda a, b: a - (b - a) * a, "x₁ − (x₂ − x₁)·x₁"),
        (lambda a, b: 1 / a * 1e-17, "1/x₁ · 1e−17"),
        (lambda a, b: (a + b) ** 2, "(x₁ + x₂)²"),
        (lambda a, b: a**b, "x₁^x₂"),
        (lambda a, b: a ** (b - 1), "x₁^(x₂ − 1)"),
        (lambda a, b: (-a) ** -1, "(−x₁)⁻¹"),
        (lambda a, b: np.exp(-a), "exp(−x₁)"),
        (lambda a, b: np.sin(a) * b, "sin(x₁)·x₂"),
        (lambda a, b: b * np.sin(a), "x₂·sin x₁"),
        (lambda a, b: b * np.sin(a) / a, "x₂·sin(x₁)/x₁"),
        (lambda a, b: np.sin(a + b), "sin(x₁ + x₂)"),
        (lambda a, b: np.sqrt(a) * np.abs(b), "√x₁·|x₂|"),
        (lambda a, b: np.sqrt(a + b), "√(x₁ + x₂)"),
        (lambda a, b: a.T @ b, "x₁ᵀ x₂"),
        (np.maximum, "max(x₁, x₂)"),
        (lambda a, b: np.sum(a, axis=0), "sum(x₁, axis=0)"),
        (lambda a, b: np.sum(a), "Σ(x₁)"),
        (lambda a, b: (a > b) * b, "(x₁ > x₂)·x₂"),
        (lambda a, b: a * np.pi, "x₁·π"),
        (lambda a, b: operation("sigmoid")(a), "σ(x₁)"),
        (lambda a, b: 0.5 * (3.32 * a), "0.5·3.32·x₁"),
        (lambda a, b: operation("leaky_relu")(a, slope=0.25), "leaky_relu(x₁, slope=0.25)"),
    ],
)
def test_formulas_read_as_one_writes_them(function: object, expected: str) -> None:
    assert pretty(trace(function, X1, X2).expression) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (Call("neg", (Number(2.0),)), "-(2)"),
        (Number(-2.0), "-2"),
        (Call("pow", (Number(-2.0), Number(2.0))), "(-2)**2"),
        (Call("neg", (Call("pow", (X1, Number(2.0))),)), "-x1**2"),
        (Call("pow", (X1, Call("pow", (X2, X3)))), "x1**x2**x3"),
        (Call("pow", (Call("pow", (X1, X2)), X3)), "(x1**x2)**x3"),
        (Call("add", (X1, Call("add", (X2, X3)))), "x1 + (x2 + x3)"),
        (
            Call("sum", (X1,), {"axis": (0, 1), "keepdims": True}),
            "sum(x1, axis=(0, 1), keepdims=True)",
        ),
        (Call("sum", (X1,), {"axis": None, "keepdims": False}), "sum(x1)"),
        (Call("reshape", (X1,), {"shape": [2]}), "reshape(x1, shape=(2,))"),
        (
            Call("concatenate", (X1, X2, X3), {"inputs": 3, "axis": 1}),
            "concatenate(x1, x2, x3, axis=1)",
        ),
        (Call("unheard_of", (X1,), {"strength": 2}), "unheard_of(x1, strength=2)"),
        (Call("greater", (Call("greater", (X1, X2)), X3)), "(x1 > x2) > x3"),
    ],
)
def test_plain_text_keeps_what_the_parser_needs(root: Expression, expected: str) -> None:
    assert plain(root) == expected


def test_numpy_source_leaves_no_arithmetic_to_python() -> None:
    root = Call("pow", (Number(-1.0), Number(0.5)))
    assert numpy_source(root) == "np.float64(-1.0)**0.5"
    assert numpy_source(Call("div", (X1, Number(0.0)))) == "x1 / 0.0"
    assert numpy_source(Call("exp", (Number(math.inf),))) == "np.exp(np.inf)"
    assert numpy_source(Call("leaky_relu", (X1,), {"slope": 0.2})) == "leaky_relu(x1, slope=0.2)"


def test_derivatives_stand_apart_in_products() -> None:
    factor = Call("mul", (derivative_name("f", "x6"), Call("exp", (X4,))))
    assert formula(factor) == (
        "∂f/∂x₆ · exp x₄",
        r"\frac{\partial f}{\partial x_{6}} \cdot e^{x_{4}}",
        "df/dx6*exp(x4)",
    )
    assert pretty(Call("mul", (tangent_name("x1"), X2))) == "ẋ₁·x₂"


def test_numbers_are_rounded_for_reading_and_exact_for_python() -> None:
    root = Call("mul", (Number(7.38905609893065), Number(-0.6366197723675814)))
    assert pretty(root) == "7.389 · (−0.6366)"
    assert latex(root, digits=6) == r"7.38906 \cdot \left(-0.63662\right)"
    assert plain(root) == "7.38905609893065*(-0.6366197723675814)"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mul", "y ; x"),
        ("div", "1/y ; −out/y"),
        ("pow", "y·x^(y − 1) ; out·log x"),
        ("exp", "out"),
        ("sin", "cos x"),
        ("cos", "−sin x"),
        ("tan", "1 + out²"),
        ("sqrt", "1/(2·out)"),
        ("asin", "1/√(1 − x²)"),
        ("erf", "(2/√π)·exp(−x²)"),
        ("sigmoid", "out·(1 − out)"),
        ("tanh", "1 − out²"),
        ("relu", "x > 0"),
        ("softplus", "σ(x)"),
        ("abs", "sign(x)"),
    ],
)
def test_partials_show_the_textbook_formula(name: str, expected: str) -> None:
    declared = operation(name)
    found = symbolic_partials(declared, {})
    assert found is not None
    assert " ; ".join(pretty(simplify(part)) for part in found) == expected


def test_every_elementwise_partial_has_a_formula() -> None:
    for declared in REGISTRY:
        if declared.elementwise:
            assert symbolic_partials(declared, {}) is not None, declared


@pytest.mark.parametrize(
    ("name", "ports", "expected"),
    [
        ("linear", ("X", "W", "b"), ["g W", "gᵀ X", "sum(g, axis=0)"]),
        ("matmul", ("A", "B"), ["g Bᵀ", "Aᵀ g"]),
        ("dot", ("x", "y"), ["g·y", "g·x"]),
        ("transpose", ("X",), ["gᵀ"]),
        ("mean_squared_error", ("o", "y"), ["g·2·(o − y)/N", "−g·2·(o − y)/N"]),
        ("binary_cross_entropy", ("o", "y"), ["g·(1/(1 + exp(−o)) − y)/N", "−g·o/N"]),
    ],
)
def test_adjoints_show_matrix_formulas(
    name: str, ports: tuple[str, ...], expected: list[str]
) -> None:
    declared = operation(name)
    values = [Symbol(Name(port)) for port in ports]
    found = declared.pull_back(Symbol(Name("g")), values, Symbol(Name("out")), {})
    assert [pretty(part.expression) for part in found] == expected


@pytest.mark.parametrize("write", [plain, pretty, latex, numpy_source])
def test_depth_and_length_cost_no_recursion(write: object) -> None:
    left = total([X1] * 10_000)
    right: Expression = X1
    for _ in range(10_000):
        right = Call("add", (X2, right))
    nested: Expression = X1
    for _ in range(5_000):
        nested = Call("sin", (Call("neg", (nested,)),))
    for root in (left, right, nested):
        assert len(write(root)) > 10_000  # type: ignore[operator]


def test_a_shared_expression_is_cut_before_it_explodes() -> None:
    root: Expression = X1
    for _ in range(200):
        root = Call("mul", (root, root))
    text = pretty(root, limit=60)
    assert text.endswith("…")
    assert len(text) <= 61
    cut = latex(root, limit=60)
    assert r"\dots" in cut
    assert len(cut) < 4000
    framed = latex(Call("div", (root, Call("sqrt", (root,)))), limit=60)
    assert framed.count("{") == framed.count("}")
    assert len(walk(root)) == 201
    assert walk(substitute(root, {"x1": X2}))[0] is X2


def test_names_of_any_letter_survive_all_writings() -> None:
    for letter in string.ascii_letters:
        name = Name(letter)
        assert plain(name) == pretty(name) == latex(name) == letter


def test_a_power_of_an_exponential_is_never_a_double_superscript() -> None:
    root = Call("pow", (Call("exp", (X1,)), Number(2.0)))
    assert pretty(root) == "exp(x₁)²"
    assert latex(root) == r"{\left(e^{x_{1}}\right)}^{2}"


def test_the_minus_of_numbers_for_reading_is_that_of_typesetting() -> None:
    assert number_pretty(-3.8052411) == "−3.805"
    assert number_pretty(-1.2e-9) == "−1.2e−09"


def test_several_numbers_are_written_one_after_the_other() -> None:
    assert number_text({"x1": 14.7781, "x2": 0.0}) == "(14.78, 0)"
    assert number_latex({"x1": 1e-9, "x2": 2.0}) == r"(1 \cdot 10^{-9},\ 2)"
