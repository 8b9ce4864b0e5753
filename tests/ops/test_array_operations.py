"""Matrix operations, reductions and losses against an independent differentiator and by hand."""

import math

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from visualad.errors import GraphError, ShapeError
from visualad.ops import operation


def adjoints(name: str, *inputs: np.ndarray, **settings: object) -> list[np.ndarray]:
    """The adjoints of the inputs for the adjoint 1 of every element of the output."""
    declared = operation(name)
    out = declared(*inputs, **settings)
    return list(declared.pull_back(np.ones_like(out)[()], inputs, out, settings))


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape) + sum(shape)).standard_normal(shape)


CASES = [
    ("linear", [(5, 3), (2, 3), (2,)], lambda X, W, b: X @ W.T + b),
    ("matmul", [(5, 3), (3, 2)], lambda A, B: A @ B),
    ("matmul", [(4, 5, 3), (3, 2)], anp.matmul),
    ("matmul", [(4, 5, 3), (4, 3, 2)], anp.matmul),
    ("matmul", [(3,), (3, 2)], anp.matmul),
    ("matmul", [(5, 3), (3,)], anp.matmul),
    ("matmul", [(3,), (3,)], anp.matmul),
    ("dot", [(3,), (3,)], anp.dot),
    ("dot", [(2, 3), (3,)], anp.dot),
    ("dot", [(2, 3), (3, 4)], anp.dot),
    ("dot", [(2, 3), (5, 3, 4)], anp.dot),
    ("dot", [(4, 2, 3), (3,)], anp.dot),
    ("mean_squared_error", [(5, 3), (5, 3)], lambda o, y: anp.sum((o - y) ** 2) / 5),
    ("mean_absolute_error", [(5, 3), (5, 3)], lambda o, y: anp.sum(anp.abs(o - y)) / 5),
    (
        "binary_cross_entropy",
        [(5, 3), (5, 3)],
        lambda o, y: anp.sum(anp.logaddexp(0.0, o) - o * y) / 5,
    ),
    (
        "cross_entropy",
        [(5, 3), (5, 3)],
        lambda o, y: -anp.sum(y * (o - anp.log(anp.sum(anp.exp(o), axis=1, keepdims=True)))) / 5,
    ),
    ("softmax", [(5, 3)], lambda X: anp.exp(X) / anp.sum(anp.exp(X), axis=-1, keepdims=True)),
]


@pytest.mark.parametrize(("name", "shapes", "reference"), CASES, ids=lambda x: str(x)[:24])
def test_adjoints_agree_with_autograd(
    name: str, shapes: list[tuple[int, ...]], reference: object
) -> None:
    inputs = [random(*shape) + i for i, shape in enumerate(shapes)]

    def total(*values: np.ndarray) -> float:
        return anp.sum(reference(*values))  # type: ignore[operator]

    np.testing.assert_allclose(np.sum(operation(name)(*inputs)), total(*inputs), rtol=1e-12)
    for i, found in enumerate(adjoints(name, *inputs)):
        np.testing.assert_allclose(found, autograd.grad(total, i)(*inputs), atol=1e-12)


def test_transposing_with_axes_is_undone_by_the_inverse_permutation() -> None:
    declared = operation("transpose")
    x, g = random(2, 3, 4), random(4, 2, 3)
    out = declared(x, axes=(2, 0, 1))
    assert out.shape == g.shape
    (found,) = declared.pull_back(g, [x], out, {"axes": (2, 0, 1)})
    assert np.sum(found * x) == pytest.approx(np.sum(g * out))
    (back,) = declared.pull_back(g, [x], out, {"axes": (-1, 0, 1)})
    np.testing.assert_array_equal(back, found)


def test_concatenating_takes_any_number_of_parts() -> None:
    declared = operation("concatenate")
    parts = [random(2, 3), random(1, 3), random(4, 3)]
    out = declared(*parts)
    found = declared.pull_back(out, parts, out, {})
    for part, adjoint in zip(parts, found, strict=True):
        np.testing.assert_array_equal(adjoint, part)
    assert declared.ports_for({"inputs": 3}) == ("x1", "x2", "x3")


def test_the_squared_error_is_the_mean_over_samples_of_the_sum_over_outputs() -> None:
    o, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros((2, 2))
    assert operation("mean_squared_error")(o, y) == 15.0
    assert operation("mean_absolute_error")(o, y) == 5.0
    assert operation("huber")(o, y, delta=2.0) == (0.5 + 2 + 4 + 6) / 2


@pytest.mark.parametrize(
    "name", ["mean_squared_error", "mean_absolute_error", "huber", "binary_cross_entropy"]
)
def test_a_vector_of_targets_fits_a_column_of_outputs(name: str) -> None:
    o, y = random(5, 1), np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    declared = operation(name)
    assert declared(o, y) == pytest.approx(float(declared(o[:, 0], y)))
    to_o, to_y = adjoints(name, o, y)
    assert to_o.shape == (5, 1)
    assert to_y.shape == (5,)
    pushed = declared.push_forward([to_o, to_y], [o, y], declared(o, y), {})
    assert pushed == pytest.approx(np.sum(to_o**2) + np.sum(to_y**2))


def test_losses_never_compare_every_output_with_every_target() -> None:
    with pytest.raises(ShapeError, match=r"outputs are \(5, 2\) and the targets \(5,\)"):
        operation("mean_squared_error")(random(5, 2), random(5))


def test_class_indices_mean_the_same_as_one_hot_targets() -> None:
    o = random(4, 3)
    indices = np.array([0.0, 2.0, 1.0, 1.0])
    one_hot = np.eye(3)[indices.astype(int)]
    declared = operation("cross_entropy")
    expected = declared(o, one_hot)
    for y in (indices, indices[:, None], indices.astype(np.float32)):
        assert declared(o, y) == pytest.approx(expected)
        to_o, to_y = adjoints("cross_entropy", o, y)
        np.testing.assert_allclose(to_o, adjoints("cross_entropy", o, one_hot)[0])
        assert not np.any(to_y)
    assert declared(o[0], np.float64(0)) == pytest.approx(declared(o[:1], indices[:1]))
    assert declared(o[0], one_hot[0]) == pytest.approx(declared(o[:1], indices[:1]))


def test_the_same_logit_for_all_classes_costs_log_of_their_number() -> None:
    found = operation("cross_entropy")(np.zeros((7, 10)), np.arange(7.0))
    assert found == pytest.approx(math.log(10))


@pytest.mark.parametrize("wrong", [3.0, -1.0, 0.5])
def test_a_class_that_does_not_exist_is_refused(wrong: float) -> None:
    with pytest.raises(GraphError, match=f"indices from 0 to 2, but one target is {wrong:g}"):
        operation("cross_entropy")(np.zeros((2, 3)), np.array([0.0, wrong]))


@pytest.mark.parametrize("name", ["greater", "less", "greater_equal", "less_equal", "equal"])
def test_comparisons_give_numbers_in_the_dtype_of_the_inputs(name: str) -> None:
    x = np.array([1.0, 2.0, 3.0], dtype=np.float32)
    found = operation(name)(x, np.float32(2.0))
    assert found.dtype == np.float32
    assert set(found.tolist()) <= {0.0, 1.0}


def test_a_condition_is_any_number_but_zero() -> None:
    found = operation("where")(np.array([0.0, 0.5, -1.0]), 1.0, 2.0)
    np.testing.assert_array_equal(found, [2.0, 1.0, 1.0])


def test_the_first_axis_has_to_be_shared_when_targets_are_reshaped() -> None:
    with pytest.raises(ShapeError, match="same shape"):
        operation("huber")(random(2, 3), random(3, 2))
