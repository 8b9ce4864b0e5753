"""Data find their way into any graph, and a graph without a loss gets one."""

from __future__ import annotations

import numpy as np
import pytest

import visualad as va
from visualad import datasets
from visualad.errors import GraphError, ShapeError
from visualad.graph.model import DATA, PARAMETER, VARIABLE, Graph, Node
from visualad.training.binding import Binding, Feed, bind


def with_parameters(text: str, *names: str, value: object = 0.5) -> Graph:
    """A graph from a formula in which some names are parameters."""
    g = va.parse(text)
    nodes = {
        id_: Node(id_, PARAMETER, n.name, settings={"value": value}) if n.name in names else n
        for id_, n in g.nodes_by_id.items()
    }
    return g.with_(nodes_by_id=nodes)


POINTS = datasets.from_arrays([[1.0, 2.0], [3.0, 4.0]], [1.0, -1.0])


def fed(binding: Binding) -> dict[str, tuple[str, int | None]]:
    names = {f.node: binding.graph.nodes_by_id[f.node].name for f in binding.feeds}
    return {names[f.node]: (f.part, f.column) for f in binding.feeds}


def test_data_nodes_get_the_whole_inputs_and_targets() -> None:
    binding = bind(va.mlp([2, 3, 1], loss="mean_squared_error"), POINTS)
    assert fed(binding) == {"X": ("inputs", None), "Y": ("targets", None)}
    assert (binding.loss, binding.output) == ("L", "o")
    assert binding.is_mean


def test_variables_named_like_columns_get_them_as_vectors() -> None:
    binding = bind(with_parameters("w*x2 + x1 + y", "w"), POINTS)
    assert fed(binding) == {"x1": ("inputs", 0), "x2": ("inputs", 1), "y": ("targets", 0)}
    assert Feed("n", "inputs", 1).take(POINTS.x, POINTS.y).tolist() == [2.0, 4.0]


def test_variables_of_other_names_get_the_columns_in_order() -> None:
    assert fed(bind(with_parameters("w*u1 + u2", "w"), POINTS))["u2"] == ("inputs", 1)
    all_columns = fed(bind(with_parameters("(w*p + q - r)**2", "w"), POINTS))
    assert all_columns == {"p": ("inputs", 0), "q": ("inputs", 1), "r": ("targets", 0)}


def test_where_the_data_go_must_be_clear() -> None:
    with pytest.raises(GraphError, match=r"columns are x1, x2, y, the graph's inputs p, q, r, s"):
        bind(with_parameters("w*p*q*r*s", "w"), POINTS)


def test_a_graph_without_a_loss_gets_the_mean_squared_error() -> None:
    binding = bind(va.mlp([2, 3, 1]), POINTS)
    assert binding.loss_operation == "mean_squared_error"
    assert binding.graph.outputs == ("L",)
    assert binding.output == "o"


def test_another_loss_can_be_named() -> None:
    assert bind(va.mlp([2, 3, 1]), POINTS, "huber").loss_operation == "huber"
    replaced = bind(va.mlp([2, 3, 1], loss="mean_squared_error"), POINTS, "huber")
    assert replaced.loss_operation == "huber"
    assert replaced.output == "o"
    with pytest.raises(GraphError, match="neither a node of this graph nor a loss"):
        bind(va.mlp([2, 3, 1]), POINTS, "hubert")


def test_targets_in_the_formula_make_the_output_the_loss() -> None:
    binding = bind(with_parameters("(w*x1 + x2 - y)**2", "w"), POINTS)
    assert binding.loss_operation == "mean"
    assert binding.output == ""
    assert not binding.is_mean
    whole = bind(with_parameters("sum((w*x1 + x2 - y)**2)", "w"), POINTS)
    assert whole.loss_operation == "sum"


def test_the_loss_node_can_be_named_when_there_are_several_outputs() -> None:
    g = with_parameters("o = w*x1 + x2\nm = o*o\nl = (o - y)**2", "w")
    assert set(g.outputs) == {"m", "l"}
    with pytest.raises(GraphError, match=r"not clear which node is the loss: the outputs are m, l"):
        bind(g, POINTS)
    assert bind(g, POINTS, "l").loss_operation == "mean"


def test_added_nodes_never_take_a_name_that_is_used() -> None:
    g = with_parameters("L*x1 + Y*x2", "L", "Y")
    binding = bind(g, POINTS)
    assert {"L", "Y"} <= set(binding.parameters)
    assert len(binding.graph) == len(g) + 2


def test_a_graph_without_parameters_cannot_be_trained() -> None:
    with pytest.raises(GraphError, match="no parameters to train"):
        bind(va.parse("x1 + x2"), POINTS)


def test_the_shapes_that_are_expected_and_that_came_are_said() -> None:
    three = datasets.from_arrays(np.ones((4, 3)), np.ones(4))
    with pytest.raises(ShapeError) as caught:
        bind(va.mlp([2, 5, 1]), three)
    assert str(caught.value) == (
        "The graph expects 2 input columns, but the data given have 3 input and 1 target column "
        "(x1, x2, x3, y); change the first or last layer or the data."
    )
    two_targets = datasets.from_arrays(np.ones((4, 2)), np.ones((4, 2)))
    with pytest.raises(ShapeError, match=r"expects 1 target column, but .* 2 target columns"):
        bind(va.mlp([2, 5, 1], output="tanh"), two_targets)


def test_a_loss_that_is_no_single_number_is_refused_or_averaged() -> None:
    g = with_parameters("(w*x1 + x2 - y)**2", "w")
    assert bind(g, POINTS, g.outputs[0]).loss_operation == "mean"


def test_data_nodes_that_nothing_uses_are_given_to_the_loss() -> None:
    g = va.mlp([2, 3, 1])
    targets = Node("T", DATA, "T", settings={"role": "targets"})
    g = g.with_(nodes_by_id={**g.nodes_by_id, "T": targets})
    binding = bind(g, POINTS)
    assert binding.graph.sources["L", "y"] == "T"


def test_variables_beside_a_data_node_keep_their_value() -> None:
    g = va.mlp([2, 1])
    extra = Node("k", VARIABLE, "k", settings={"value": 2.0})
    scaled = Node("s", "mul", "s")
    g = g.with_(
        nodes_by_id={**g.nodes_by_id, "k": extra, "s": scaled},
        sources={**g.sources, ("s", "x"): "o", ("s", "y"): "k"},
    )
    assert fed(bind(g, POINTS)) == {"X": ("inputs", None), "Y": ("targets", None)}
