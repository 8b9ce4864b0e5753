"""`check_op` says what is wrong with an operation, and is silent about a right one."""

import numpy as np
import pytest

from visualad.errors import PluginError
from visualad.ops import REGISTRY
from visualad.ops.declaration import Operation
from visualad.testing import check_op


def cube(x: np.ndarray) -> np.ndarray:
    """Third power."""
    return x**3


def product(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Product of two."""
    return x * y


def scaled_sum(X: np.ndarray, *, scale: float = 2.0) -> np.ndarray:
    """Sum of everything, scaled."""
    return scale * np.sum(X)


def declared(function: object, **rules: object) -> Operation:
    found = Operation(function)  # type: ignore[arg-type]
    for kind, rule in rules.items():
        getattr(found, kind)(rule)
    return found


def test_a_right_operation_passes_and_is_forgotten_again() -> None:
    check_op(declared(cube, partials=lambda x, out: 3 * x**2))
    check_op(declared(product, partials=lambda x, y, out: (y, x)))
    check_op(
        declared(
            scaled_sum,
            jvp=lambda dX, *, X, out, scale: scale * np.sum(dX),
            vjp=lambda g, *, X, out, scale: (scale * g * np.ones_like(X),),
        )
    )
    check_op(declared(scaled_sum, vjp=lambda g, *, X, out, scale: (scale * g * np.ones_like(X),)))
    assert "cube" not in REGISTRY


@pytest.mark.parametrize("plugin", ["", "mine.py"])
def test_an_operation_of_a_later_version_passes(plugin: str) -> None:
    later = Operation(cube, version=2, plugin=plugin)
    later.partials(lambda x, out: 3 * x**2)
    check_op(later)


def test_an_operation_is_found_by_name_and_leaves_pass() -> None:
    check_op("sin")
    check_op("variable")


def test_shapes_and_settings_can_be_given() -> None:
    check_op("linear", shapes=[[(6, 5), (3, 5), (3,)]])
    check_op("sum", shapes=[[(2, 3, 4)]], settings=[{"axis": (0, 2)}])
    check_op("huber", settings=[{"delta": 0.1}])


def _changing(x: np.ndarray) -> np.ndarray:
    """Third power, spoiling its input."""
    result = x**3
    if isinstance(x, np.ndarray):
        x *= 2
    return result


def _nameless(x: np.ndarray) -> np.ndarray:
    return x


def _failing(x: np.ndarray) -> np.ndarray:
    """Raises."""
    raise KeyError("nothing here")


def _wide(x: np.ndarray) -> np.ndarray:
    """Third power, always in double precision."""
    return x**3 * np.float64(1)


def _random(x: np.ndarray) -> np.ndarray:
    """Not a function at all."""
    return x + np.random.default_rng().standard_normal()


def _logarithm(x: np.ndarray) -> np.ndarray:
    """Logarithm, declared everywhere."""
    return np.log(x)


WRONG = [
    (declared(cube, partials=lambda x, out: 2 * x**2), r"has the derivative .* along x"),
    (declared(cube, partials=lambda x, out: (3 * x**2, 1.0)), "gives 2 partials for 1 ports"),
    (declared(cube), "declares no derivative"),
    (declared(cube, jvp=lambda dx, *, x, out: dx), "needs a vjp rule too"),
    (declared(_nameless, partials=lambda x, out: 1.0), "has no docstring"),
    (declared(_changing, partials=lambda x, out: 3 * x**2), "changes its own inputs"),
    (declared(_failing, partials=lambda x, out: 1.0), "raises KeyError: 'nothing here', at x = "),
    (declared(_failing, vjp=lambda g, *, x, out: (g,)), "takes none of the inputs .*nothing here"),
    (declared(_wide, partials=lambda x, out: 3 * x**2), "gives float64 for float32"),
    (declared(_random, partials=lambda x, out: 1.0), "another value each time"),
    (declared(_logarithm, partials=lambda x, out: 1 / x), "not finite within its declared domain"),
    (declared(product, partials=lambda x, y, out: (x, x)), "along x"),
    (
        declared(scaled_sum, vjp=lambda g, *, X, out, scale: (g * np.ones_like(X),)),
        r"sends the adjoint .* but <Jᵀw, v> =",
    ),
    (
        declared(
            scaled_sum,
            jvp=lambda dX, *, X, out, scale: 1.0 * np.sum(dX),
            vjp=lambda g, *, X, out, scale: (scale * g * np.ones_like(X),),
        ),
        "along X",
    ),
    (
        declared(cube, partials=lambda x, out: 3 * x**2 if np.ndim(x) else 1 / 0),
        "rule that raises ZeroDivisionError",
    ),
]


@pytest.mark.parametrize(("wrong", "words"), WRONG, ids=[words for _, words in WRONG])
def test_a_wrong_operation_is_refused_in_one_sentence(wrong: Operation, words: str) -> None:
    with pytest.raises(PluginError, match=words) as caught:
        check_op(wrong)
    assert caught.value.message.startswith(f"Operation {wrong.name} ")
    assert caught.value.message.endswith(".")


def test_the_message_names_the_point_and_the_settings() -> None:
    wrong = declared(scaled_sum, vjp=lambda g, *, X, out, scale: (2.0 * g * np.ones_like(X),))
    with pytest.raises(PluginError, match=r"at X = .* with \{'scale': 3.0\}"):
        check_op(wrong, settings=[{"scale": 3.0}])


def test_a_formula_that_is_not_what_is_computed_is_refused() -> None:
    def partials(x: np.ndarray, out: np.ndarray) -> np.ndarray:
        return 3 * x**2 if isinstance(x, np.ndarray | np.generic) else 2 * x

    with pytest.raises(PluginError, match="shows a formula for x that gives"):
        check_op(declared(cube, partials=partials))
