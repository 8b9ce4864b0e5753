"""A linear layer and its neurons compute the same, in both directions."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import visualad as va
from visualad.errors import GraphError, ShapeError
from visualad.graph.edits import add_group, set_settings
from visualad.graph.file import from_json, to_json
from visualad.graph.formula import expression
from visualad.graph.matrices import gather
from visualad.graph.model import Graph
from visualad.graph.neurons import write_out
from visualad.graph.samples import sample_count, show_sample, shown_sample
from visualad.ops.writing import latex, pretty
from visualad.training.datasets import Dataset


def network(layers: list[int], activation: str = "tanh", seed: int = 0, samples: int = 4) -> Graph:
    random = np.random.default_rng(seed)
    graph = va.mlp(layers, activation=activation, loss="mean_squared_error", seed=seed)
    X, Y = random.normal(size=(samples, layers[0])), random.normal(size=(samples, layers[-1]))
    biases = {
        node.id: {"value": random.normal(size=np.shape(node.value))}
        for node in graph
        if node.name.startswith("b")
    }
    return set_settings(graph, {"X": {"value": X}, "Y": {"value": Y}, **biases})


def stored(graph: Graph) -> dict[str, object]:
    return {name: graph[name].value for name in graph.inputs}


def unplaced(graph: Graph) -> Graph:
    nodes = {id_: replace(node, position=(0.0, 0.0)) for id_, node in graph.nodes_by_id.items()}
    return graph.with_(nodes_by_id=nodes, groups={})


def test_the_lectures_equations_come_out_by_name() -> None:
    graph = va.parse("o = linear(a, W, b)")
    graph = graph.with_(
        nodes_by_id={
            "a": replace(graph["a"], op="data", settings={"value": np.ones((3, 2))}),
            "W": replace(graph["W"], op="parameter", settings={"value": np.ones((2, 2))}),
            "b": replace(graph["b"], op="parameter", settings={"value": np.zeros(2)}),
            "o": graph["o"],
        }
    )

    neurons = write_out(graph)

    assert pretty(expression(neurons, "o1")) == "w₁₁·a₁ + w₁₂·a₂ + b₁"
    assert pretty(expression(neurons, "o2")) == "w₂₁·a₁ + w₂₂·a₂ + b₂"
    assert latex(expression(neurons, "o1")) == (r"w_{11} \cdot a_{1} + w_{12} \cdot a_{2} + b_{1}")
    (group,) = neurons.groups.values()
    assert [neurons.nodes_by_id[m].name for m in group.members] == [
        *("w11", "w12", "w21", "w22", "b1", "b2", "o1", "o2")
    ]


@settings(max_examples=15)
@given(
    layers=st.lists(st.integers(1, 3), min_size=2, max_size=4),
    activation=st.sampled_from(["sigmoid", "tanh", "relu"]),
    seed=st.integers(0, 1000),
    sample=st.none() | st.integers(0, 3),
)
def test_neurons_have_the_values_and_derivatives_of_the_matrix_in_all_modes(
    layers: list[int], activation: str, seed: int, sample: int | None
) -> None:
    matrices = show_sample(network(layers, activation, seed), sample)
    neurons = write_out(matrices)

    assert not [node for node in neurons if node.op == "linear"]
    expected, found = (va.evaluate(g, stored(g)) for g in (matrices, neurons))
    np.testing.assert_allclose(found["L"], expected["L"], rtol=1e-12)
    for mode in ("forward", "backward", "cross"):
        of_matrix = va.gradient(matrices, stored(matrices), mode=mode)
        of_neurons = va.gradient(neurons, stored(neurons), mode=mode)
        for number in range(1, len(layers)):
            W = of_matrix[f"W{number}"]
            stem = "w" if len(layers) == 2 else f"w{number}_"
            for i, j in np.ndindex(W.shape):
                np.testing.assert_allclose(
                    of_neurons[f"{stem}{i + 1}{j + 1}"], W[i, j], rtol=1e-9, atol=1e-12
                )


@settings(max_examples=15)
@given(
    layers=st.lists(st.integers(1, 12), min_size=2, max_size=4),
    sample=st.none() | st.integers(0, 3),
)
def test_gathering_gives_back_the_same_graph(layers: list[int], sample: int | None) -> None:
    graph = show_sample(network(layers), sample)

    back = gather(from_json(to_json(write_out(graph))))

    assert unplaced(back) == unplaced(graph)
    assert not back.groups


def test_neurons_learn_as_the_matrices_do() -> None:
    graph = network([2, 3, 1], samples=30)
    data = Dataset(graph["X"].value, graph["Y"].value, ("x1", "x2", "target"))

    def losses(of: Graph) -> np.ndarray:
        run = va.train(of, data, optimizer=va.SGD(0.1), epochs=4, batch_size=8)
        return np.array(run.history.train)

    neurons = write_out(graph)
    np.testing.assert_allclose(losses(neurons), losses(graph), rtol=1e-11)
    np.testing.assert_allclose(losses(show_sample(neurons, 2)), losses(graph), rtol=1e-11)


def test_dropout_leaves_out_the_same_in_both_forms() -> None:
    graph = va.mlp([2, 3, 1], data="circle", dropout=0.3, normalization="layer")

    matrices, neurons = (va.train(g, epochs=2) for g in (graph, write_out(graph)))

    np.testing.assert_allclose(neurons.history.train, matrices.history.train, rtol=1e-11)
    assert unplaced(gather(write_out(graph))) == unplaced(graph)


def test_data_with_another_number_of_columns_are_refused_in_words() -> None:
    neurons = write_out(network([2, 1]))
    three = Dataset(np.ones((4, 3)), np.ones((4, 1)), ("a", "b", "c", "d"))

    with pytest.raises(ShapeError, match=r"data nodes for 2 columns of inputs.*have 3"):
        va.train(neurons, three, epochs=1)


def test_one_sample_is_numbers_and_all_of_them_come_back() -> None:
    neurons = write_out(network([2, 2, 1]))

    third = show_sample(neurons, 2)

    assert third["x1"].value == neurons["x1"].value[2]
    assert np.ndim(va.evaluate(third, stored(third))["h1"]) == 0
    assert (sample_count(third), shown_sample(third), shown_sample(neurons)) == (4, 2, None)
    assert show_sample(third, None) == neurons
    with pytest.raises(GraphError, match="no sample 5; the data nodes show samples 1 to 4"):
        show_sample(third, 4)


def test_a_value_that_is_typed_over_a_sample_stays() -> None:
    third = set_settings(show_sample(write_out(network([1, 1])), 2), {"x1": {"value": 7.5}})

    assert gather(third)["X"].value.tolist() == [[7.5]]


def test_a_layer_in_the_middle_of_other_operations_keeps_its_node() -> None:
    graph = va.parse("y = softmax(linear(X*X, W, b)) + linear(X*X, W2, b2)")
    random = np.random.default_rng(1)
    values = {"X": (3, 2), "W": (2, 2), "b": (2,), "W2": (2, 2), "b2": (2,)}
    graph = set_settings(graph, {k: {"value": random.normal(size=s)} for k, s in values.items()})
    first = next(n.id for n in graph if n.op == "linear" and graph.sources[n.id, "W"] == "W")

    partly = write_out(graph, [first])

    assert [node.op for node in partly if node.op in ("linear", "column_stack")].count(
        "linear"
    ) == 1
    expected = va.evaluate(graph, stored(graph))["y"]
    np.testing.assert_allclose(va.evaluate(partly, stored(partly))["y"], expected, rtol=1e-12)
    back = gather(partly)
    assert [node.op for node in back].count("linear") == 2
    np.testing.assert_allclose(va.evaluate(back, stored(back))["y"], expected, rtol=1e-12)


def test_one_layer_after_the_other_gives_the_names_of_both_at_once() -> None:
    graph = network([2, 3, 1])

    first = write_out(graph, ["h1"])
    both = write_out(first)

    assert {"w1_11", "b1_3", "h3", "a1", "a1_1"} <= {node.name for node in first}
    assert {node.name for node in both} - {node.name for node in write_out(graph)} == {
        *("a1_1", "a1_2", "a1_3")
    }
    assert both.outputs == ("L",)
    assert not [node for node in both if node.op == "column_stack"]
    assert unplaced(gather(gather(both, ["o1"]), ["h1", "h2", "h3"])) == unplaced(graph)


def test_a_single_vector_gives_numbers() -> None:
    graph = va.parse("s = sum(linear(x, W, b))")
    graph = set_settings(
        graph,
        {
            "x": {"value": [1.0, 2.0]},
            "W": {"value": [[3.0, 4.0], [5, 6]]},
            "b": {"value": [7.0, 8]},
        },
    )

    assert va.evaluate(write_out(graph), stored(write_out(graph)))["s"] == 18 + 25


def test_batches_behind_each_other_are_no_columns() -> None:
    graph = va.parse("s = sum(linear(concatenate(A, B), W, b)**2)")
    shapes = {"A": (2, 2), "B": (3, 2), "W": (2, 2), "b": (2,)}
    random = np.random.default_rng(2)
    graph = set_settings(graph, {k: {"value": random.normal(size=s)} for k, s in shapes.items()})

    neurons = write_out(graph)

    expected = va.evaluate(graph, stored(graph))["s"]
    assert va.evaluate(neurons, stored(neurons))["s"] == pytest.approx(expected, rel=1e-12)
    back = gather(neurons)
    assert unplaced(back) == unplaced(graph)


def test_neurons_of_plain_numbers_gather_into_a_vector() -> None:
    graph = va.parse("o1 = neuron(u, x, v, y, b)\no2 = neuron(p, x, q, y, c)\nz = tanh(o1) + o2")
    values = dict(zip("uvbpqcxy", range(1, 9), strict=True))
    graph = set_settings(graph, {name: {"value": value} for name, value in values.items()})

    back = gather(graph)

    assert [node.op for node in back].count("linear") == 1
    found = va.evaluate(back, stored(back))
    expected = va.evaluate(graph, stored(graph))
    assert found["z"] == pytest.approx(expected["z"], rel=1e-14)
    assert np.shape(found["o1"]) == ()


def test_a_neuron_that_is_needed_alone_becomes_a_column() -> None:
    neurons = write_out(network([2, 2, 1]))
    nodes = dict(neurons.nodes_by_id)
    nodes["q"] = replace(nodes["L"], id="q", name="q", op="square")
    graph = neurons.with_(nodes_by_id=nodes, sources={**neurons.sources, ("q", "x"): "h2"})

    back = gather(graph)

    assert back["h2"].op == "column"
    expected = va.evaluate(graph, stored(graph))["q"]
    np.testing.assert_allclose(va.evaluate(back, stored(back))["q"], expected, rtol=1e-12)


def test_neurons_lie_in_the_groups_of_their_layer() -> None:
    graph = add_group(network([2, 2, 1]), ["X", "W1", "b1", "h1", "a1"], "front")

    neurons = write_out(graph)

    front = next(g for g in neurons.groups.values() if g.title == "front")
    names = {neurons.nodes_by_id[m].name for m in front.members}
    assert {"x1", "x2", "w1_11", "h1", "a2"} <= names
    assert "o1" not in names


@pytest.mark.parametrize(
    ("graph", "words"),
    [
        (va.parse("x*y"), "There is no linear layer"),
        (network([21, 20, 1]), "420 weights.*the limit is 400"),
        (va.parse("linear(X, W*2, b)"), "is computed; each weight needs a value of its own"),
        (va.parse("linear(linear(X, W, b), W, b)"), "W feeds other nodes too"),
        (va.parse("linear(X, W, b)"), r"W has the shape \(\)"),
        (network([2, 1]).with_(declared_outputs=("L", "W1")), "W1 is an output"),
    ],
)
def test_what_cannot_be_written_out_is_said_in_one_sentence(graph: Graph, words: str) -> None:
    with pytest.raises(GraphError, match=words):
        write_out(graph)


def test_there_must_be_neurons_to_gather() -> None:
    with pytest.raises(GraphError, match="no neurons to gather"):
        gather(network([2, 1]))


def test_what_is_shown_by_an_output_stays_whole() -> None:
    graph = network([2, 2, 1]).with_(declared_outputs=("L", "a1"))

    neurons = write_out(graph)

    assert neurons.outputs == ("L", "a1")
    a1 = va.evaluate(graph, stored(graph))["a1"]
    np.testing.assert_allclose(va.evaluate(neurons, stored(neurons))["a1"], a1, rtol=1e-12)
    assert unplaced(gather(neurons)) == unplaced(graph)
