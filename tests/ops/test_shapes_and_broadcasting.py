"""Shapes are known before anything is computed; broadcasting is undone in one place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from visualad.errors import PluginError, ShapeError
from visualad.ops import operation
from visualad.ops.broadcasting import unbroadcast
from visualad.ops.shapes import output_shape


@pytest.mark.parametrize(
    ("name", "shapes", "settings", "expected"),
    [
        ("add", [(), ()], {}, ()),
        ("mul", [(3, 1), (4,)], {}, (3, 4)),
        ("where", [(3, 1), (4,), ()], {}, (3, 4)),
        ("linear", [(5, 3), (2, 3), (2,)], {}, (5, 2)),
        ("linear", [(3,), (2, 3), (2,)], {}, (2,)),
        ("matmul", [(5, 3), (3, 2)], {}, (5, 2)),
        ("matmul", [(3,), (3,)], {}, ()),
        ("dot", [(3,), (3,)], {}, ()),
        ("transpose", [(2, 3, 4)], {}, (4, 3, 2)),
        ("transpose", [(2, 3, 4)], {"axes": [1, 0, 2]}, (3, 2, 4)),
        ("reshape", [(2, 6)], {"shape": (3, -1)}, (3, 4)),
        ("concatenate", [(2, 3), (4, 3)], {}, (6, 3)),
        ("concatenate", [(), ()], {}, (2,)),
        ("sum", [(2, 3)], {}, ()),
        ("sum", [(2, 3)], {"axis": 0}, (3,)),
        ("max", [(2, 3)], {"axis": [0, 1], "keepdims": True}, (1, 1)),
        ("softmax", [(2, 3)], {}, (2, 3)),
        ("mean_squared_error", [(5, 2), (5, 2)], {}, ()),
        ("cross_entropy", [(5, 3), (5,)], {}, ()),
        ("cross_entropy", [(5, 3), (5, 3)], {}, ()),
        ("variable", [], {"value": np.ones((2, 3))}, (2, 3)),
        ("constant", [], {}, ()),
    ],
)
def test_the_shape_of_a_result_is_known_beforehand(
    name: str, shapes: list[tuple[int, ...]], settings: dict[str, object], expected: tuple[int, ...]
) -> None:
    assert output_shape(name, shapes, settings) == expected
    assert output_shape(operation(name), shapes, settings) == expected


@pytest.mark.parametrize(
    ("name", "shapes", "settings", "words"),
    [
        ("add", [(3,), (4,)], {}, r"add cannot take inputs of shape \(3,\) and \(4,\)"),
        ("matmul", [(3, 2), (3, 2)], {}, r"matrix product cannot take inputs of shape \(3, 2\)"),
        ("linear", [(5, 3), (3, 2), (2,)], {}, "linear layer cannot take"),
        ("linear", [(5, 3), (3,), ()], {}, r"needs W of shape \(d_out, d_in\)"),
        ("linear", [(5, 3), (2, 3), (5, 5, 2)], {}, r"b of shape \(d_out,\)"),
        ("reshape", [(5,)], {"shape": (2, 3)}, "reshape cannot take inputs of shape"),
        ("sum", [(3,)], {"axis": 2}, "sum cannot take inputs of shape"),
        ("mean_squared_error", [(5, 1), (4, 1)], {}, "same shape"),
        ("mean_squared_error", [(5, 2), (5,)], {}, "same shape"),
        ("cross_entropy", [(5, 3), (4,)], {}, "one class index per sample"),
    ],
)
def test_shapes_that_do_not_fit_are_named(
    name: str, shapes: list[tuple[int, ...]], settings: dict[str, object], words: str
) -> None:
    with pytest.raises(ShapeError, match=words) as caught:
        output_shape(name, shapes, settings)
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("name", "shapes", "words"),
    [
        ("matmul", [(2, 2), (1, 3)], "A has 2 columns but B has 1 row; they must be equally many"),
        ("matmul", [(4, 2, 3), (4, 2, 3)], "A has 3 columns but B has 2 rows"),
        ("matmul", [(3,), (2, 3)], "A has 3 elements but B has 2 rows"),
        ("matmul", [(2, 3), (2,)], "A has 3 columns but B has 2 elements"),
        ("matmul", [(), (2, 3)], "A is a single number"),
        ("dot", [(3,), (2,)], "x has 3 elements but y has 2 elements"),
        ("linear", [(5, 3), (8, 2), (8,)], "X has 3 columns but W has 2 columns"),
    ],
)
def test_a_product_of_matrices_names_the_two_inner_sizes(
    name: str, shapes: list[tuple[int, ...]], words: str
) -> None:
    with pytest.raises(ShapeError, match=words) as caught:
        output_shape(name, shapes)
    assert "core dimension" not in caught.value.message


def test_an_unknown_operation_has_no_shape() -> None:
    with pytest.raises(PluginError, match="'nothing' is not known"):
        output_shape("nothing", [])


@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4))
def test_undoing_a_broadcast_is_the_transpose_of_broadcasting(shapes: object) -> None:
    shape = shapes.input_shapes[0]  # type: ignore[attr-defined]
    result = shapes.result_shape  # type: ignore[attr-defined]
    random = np.random.default_rng(0)
    x, g = random.standard_normal(shape), random.standard_normal(result)

    undone = unbroadcast(g, shape)

    assert undone.shape == shape
    spread = np.broadcast_to(x, result)
    np.testing.assert_allclose(np.sum(spread * g), np.sum(x * undone), atol=1e-12)


def test_a_scalar_stands_for_an_array_full_of_it() -> None:
    np.testing.assert_array_equal(unbroadcast(2.0, (2, 3)), np.full((2, 3), 2.0))
    assert unbroadcast(np.ones((4, 2)), ()) == 8.0
    assert unbroadcast(np.ones(3, np.float32), ()).dtype == np.float32
