"""What is seen while training: gradient norms by layer, idle units, the spread of weights."""

from __future__ import annotations

import numpy as np
import pytest

import visualad as va
from visualad.graph.edits import write_out
from visualad.graph.model import PARAMETER, Graph, Node
from visualad.ops.declaration import REGISTRY
from visualad.training.loop import trainer_from
from visualad.training.observation import Observer, Units, layers, spread_of, steepest_slope
from visualad.training.parameters import with_parameters
from visualad.training.vanishing import Chain, chain_of


def observed(graph: Graph) -> Observer:
    trainer, _ = trainer_from(graph)
    return Observer(trainer)


def test_gradient_norms_are_those_of_the_loss_over_the_training_part() -> None:
    graph = va.mlp([2, 3, 2, 1], activation="sigmoid", output="tanh", data="circle", seed=3)
    trainer, _ = trainer_from(graph)
    x, y = trainer.samples(10_000)
    point = {n.name: n.value for n in graph.nodes if n.name in graph.inputs} | {"X": x, "Y": y}
    gradient = va.gradient(graph, {**point, **{n: graph[n].value for n in graph.parameters}})
    found = Observer(trainer).gradient_norms()
    assert list(found) == ["W1", "W2", "W3"]
    for name, norm in found.items():
        assert norm == pytest.approx(np.linalg.norm(gradient[name]), rel=1e-12)


def test_looking_changes_nothing_of_what_is_trained() -> None:
    graph = va.mlp([2, 4, 1], activation="relu", data="xor", dropout=0.3)
    one, _ = trainer_from(graph)
    other, _ = trainer_from(graph)
    watching = Observer(other)
    for _ in range(4):
        one.finish_epoch()
        other.finish_epoch()
        watching.gradient_norms()
        watching.units()
        watching.weights()
    assert one.history.train == other.history.train
    for id_, value in one.parameters().items():
        np.testing.assert_array_equal(value, other.parameters()[id_])


def test_the_gradient_vanishes_through_a_chain_of_sigmoids_no_slower_than_the_bound() -> None:
    graph = va.mlp([2] + 7 * [4] + [1], activation="sigmoid", data="circle")
    norms = list(observed(graph).gradient_norms().values())
    assert norms[0] < 1e-3 * norms[-1]
    assert norms == sorted(norms)


def test_the_bound_of_the_slopes_holds_with_dropout_and_is_refused_with_normalisation() -> None:
    sizes = [2, 4, 4, 1]
    plain = chain_of(va.mlp(sizes, "sigmoid", data="circle"))
    assert isinstance(plain, Chain)
    assert plain.shares() == {"W3": 1.0, "W2": 0.25, "W1": 0.0625}
    dropping = chain_of(va.mlp(sizes, "sigmoid", data="circle", dropout=0.3))
    assert isinstance(dropping, Chain)
    assert dropping.shares() == plain.shares()
    for kind in ("batch", "layer"):
        why = chain_of(va.mlp(sizes, "sigmoid", data="circle", normalization=kind))
        assert "normalisation divides by the standard deviation" in why


def test_a_relu_that_never_opens_is_dead_and_a_sigmoid_at_its_end_saturated() -> None:
    graph = va.mlp([2, 3, 2, 1], activation=["relu", "sigmoid"], data="circle")
    biases = {"b1": np.array([0.1, -1e3, 0.1]), "b2": np.array([0.0, 60.0])}
    units = {u.node: u for u in observed(with_parameters(graph, biases)).units()}
    assert units["a1"] == Units("a1", 3, (1,), (), 1.0)
    assert units["a2"] == Units("a2", 2, (), (1,), 0.25)


def drawn(text: str, **parameters: float) -> Graph:
    """A graph from a formula in which some names are parameters."""
    graph = va.parse(text)
    nodes = {
        id_: Node(id_, PARAMETER, node.name, settings={"value": parameters[node.name]})
        if node.name in parameters
        else node
        for id_, node in graph.nodes_by_id.items()
    }
    training = {"data": {"name": "circle"}, "optimizer": "sgd", "learning_rate": 0.1}
    return graph.with_(nodes_by_id=nodes, training=training)


def test_neurons_drawn_one_by_one_are_units_too() -> None:
    text = "h = w1*x1 + w2*x2 + b\na = relu(h)\no = v*a"
    watching = observed(drawn(text, w1=0.5, w2=0.5, b=-1e3, v=1.0))
    (units,) = watching.units()
    assert (units.total, units.dead, units.saturated) == (1, (0,), ())
    assert list(watching.gradient_norms().values()) == [0, 0, 0, 0]


def test_a_layer_written_out_neuron_by_neuron_stays_one_layer() -> None:
    matrices = va.mlp([2, 3, 1], activation="sigmoid", output="tanh", data="circle", seed=2)
    neurons = write_out(matrices)
    parameters = [node.id for node in neurons.nodes if node.op == PARAMETER]
    assert [len(ids) for ids in layers(neurons, parameters).values()] == [3 * 3, 4]
    norms = list(observed(neurons).gradient_norms().values())
    gradients = trainer_from(matrices)[0]
    parts = gradients.objective.gradients(*gradients.samples(10_000))
    for norm, (W, b) in zip(norms, (("W1", "b1"), ("W2", "b2")), strict=True):
        expected = np.hypot(np.linalg.norm(parts[W]), np.linalg.norm(parts[b]))
        assert norm == pytest.approx(expected, rel=1e-9)


def test_so_many_scalars_are_taken_together_by_their_depth() -> None:
    lines = [
        f"a{i} = tanh({' + '.join(f'u{i}{j}*x{j}' for j in range(1, 9))})" for i in range(1, 10)
    ]
    graph = va.parse("\n".join([*lines, "o = " + " + ".join(f"v{i}*a{i}" for i in range(1, 10))]))
    names = [n.name for n in graph.nodes if n.name[0] in "uv"]
    found = layers(graph, names)
    assert len(found) < 64
    assert sorted(id_ for ids in found.values() for id_ in ids) == sorted(names)


@pytest.mark.parametrize(
    ("name", "slope"), [("sigmoid", 0.25), ("tanh", 1.0), ("relu", 1.0), ("softplus", 1.0)]
)
def test_the_steepest_slope_of_an_activation(name: str, slope: float) -> None:
    assert steepest_slope(REGISTRY[name], {}) == pytest.approx(slope, rel=1e-3)


def test_the_spread_of_weights_counts_every_one() -> None:
    values = np.random.default_rng(0).normal(size=(20, 30))
    found = spread_of([values])
    assert sum(found.counts) == 600
    assert (found.low, found.high) == (values.min(), values.max())
    assert found.mean == pytest.approx(values.mean())
    assert sum(spread_of([np.full(3, 0.1)]).counts) == 3
