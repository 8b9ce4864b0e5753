"""Write the graphs of textbooks and courses that VisualAD ships, from their formulas."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import pi
from pathlib import Path

from visualad.graph.edits import add_group, add_note, batch, move, set_settings
from visualad.graph.file import save
from visualad.graph.layout import layered_layout
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.lessons.exercise import Exercise, Settings, add_blank, with_exercise
from visualad.training.perceptron import mlp

FOLDER = Path(__file__).parent.parent / "assets" / "graphs"


@dataclass(frozen=True)
class Example:
    """A graph to write.

    Attributes:
        file: name of the file, without the ending.
        formula: its text.
        values: value, minimum and maximum of each variable.
        leaves: parameters and constants by name: their operation and value.
        group: title and members of a group.
        outputs: their names, where a node that feeds others is one too.
        task: text of an exercise, or ""; blanks: its questions as arguments of `add_blank`.
        note: what it shows and where it comes from.
    """

    file: str
    formula: str
    values: dict[str, tuple[float, float, float]]
    note: str
    leaves: dict[str, tuple[str, float]] = field(default_factory=dict)
    outputs: tuple[str, ...] | None = None
    group: tuple[str, tuple[str, ...]] | None = None
    task: str = ""
    blanks: tuple[dict[str, str], ...] = ()


EXAMPLES = (
    Example(
        "lecture",
        "(x1*x2*sin(x3) + exp(x1*x2)) / x3",
        {"x1": (1.0, -2.0, 2.0), "x2": (2.0, -2.0, 2.0), "x3": (pi / 2, 0.1, 6.0)},
        "",
    ),
    Example(
        "logarithm-product-sine",
        "v1 = log(x1)\nv2 = x1*x2\nv3 = sin(x2)\nv4 = v1 + v2\nv5 = v4 - v3",
        {"x1": (2.0, 0.1, 5.0), "x2": (5.0, -10.0, 10.0)},
        "Baydin, Pearlmutter, Radul and Siskind (2018), Automatic differentiation in machine "
        "learning: a survey, tables 2 and 3.\nThe adjoint of x₂ is a sum: −0.284 from v₃ and "
        "2 from v₂.",
    ),
    Example(
        "speelpenning",
        "p2 = x1*x2\np3 = p2*x3\np4 = p3*x4\ny = p4*x5",
        {f"x{i}": (i / (i + 1), -1.0, 1.0) for i in range(1, 6)},
        "Speelpenning (1980): a product of n inputs.\nOne backward sweep gives all n "
        "derivatives, for a fixed multiple of the cost of the product.",
    ),
    Example(
        "cross-beats-both",
        "v1 = x0*x1\nv2 = sin(v1)\nv3 = x0*v2\ny0 = cos(v3)\ny1 = v3/x1",
        {"x0": (0.7, -2.0, 2.0), "x1": (1.3, 0.1, 2.0)},
        "Naumann (2004), Optimal accumulation of Jacobian matrices by elimination methods.\n"
        "Eliminating v₂, v₁, v₃ takes 7 multiplications, the forward order 8, the backward "
        "order 10.",
    ),
    Example(
        "lion",
        "a = x*y\nb = sin(a)\ny1 = a*b\ny2 = cos(b)\ny3 = exp(b)\ny4 = sqrt(b)",
        {"x": (1.2, 0.2, 2.0), "y": (0.9, 0.2, 1.4)},
        "Naumann (2004), Optimal accumulation of Jacobian matrices by elimination methods.\n"
        "Every order of nodes takes 12 multiplications; with edges too, 11 are enough:\n"
        "first the back of b → y₁, then node a, then node b.",
    ),
    Example(
        "sigmoid-neuron",
        "m0 = w0*x0\nm1 = w1*x1\ns = m0 + m1\ndot = s + w2\nn = -dot\ne = exp(n)\nd = e + 1\n"
        "f = 1/d",
        {
            "w0": (2.0, -4.0, 4.0),
            "x0": (-1.0, -4.0, 4.0),
            "w1": (-3.0, -4.0, 4.0),
            "x1": (-2.0, -4.0, 4.0),
            "w2": (-3.0, -4.0, 4.0),
        },
        "A sigmoid neuron in its gates, as in Stanford's course CS231n.\nOne sigmoid node has "
        "the same derivatives: collapse the group.",
        group=("sigmoid", ("n", "e", "d", "f", "c1")),
    ),
    Example(
        "tanh-neuron",
        "x1w1 = x1*w1\nx2w2 = x2*w2\ns = x1w1 + x2w2\nn = s + b\no = tanh(n)",
        {
            "x1": (2.0, -4.0, 4.0),
            "x2": (0.0, -4.0, 4.0),
            "w1": (-3.0, -4.0, 4.0),
            "w2": (1.0, -4.0, 4.0),
            "b": (6.8813735870195432, -10.0, 10.0),
        },
        "A neuron with two inputs, as in Karpathy's lectures on neural networks.\nThe bias is "
        "chosen so that the output is 0.7071 and the derivative of tanh is 0.5.",
    ),
    Example(
        "lighthouse",
        "angle = omega*t\nslope = tan(angle)\nacross = gamma - slope\n"
        "y1 = nu*slope/across\ny2 = gamma*y1",
        {
            "nu": (3.0, 0.5, 5.0),
            "gamma": (2.0, 0.5, 4.0),
            "omega": (0.5, 0.1, 1.0),
            "t": (1.2, 0.0, 2.0),
        },
        "Griewank and Walther (2008), Evaluating derivatives: where the beam of a lighthouse at "
        "distance ν, turning with speed ω, meets a quay of slope γ at time t.",
        outputs=("y1", "y2"),
    ),
    Example(
        "backpropagation-by-hand",
        "net_h1 = w1*i1 + w2*i2 + b1\nnet_h2 = w3*i1 + w4*i2 + b1\n"
        "out_h1 = sigmoid(net_h1)\nout_h2 = sigmoid(net_h2)\n"
        "net_o1 = w5*out_h1 + w6*out_h2 + b2\nnet_o2 = w7*out_h1 + w8*out_h2 + b2\n"
        "out_o1 = sigmoid(net_o1)\nout_o2 = sigmoid(net_o2)\n"
        "E1 = 0.5*(t1 - out_o1)**2\nE2 = 0.5*(t2 - out_o2)**2\nE = E1 + E2",
        {"i1": (0.05, 0.0, 1.0), "i2": (0.10, 0.0, 1.0)},
        "Mazur (2015), A step by step backpropagation example, with learning rate 0.5.\nHis "
        "error after one step, 0.291027924, is that of weights which were updated before the "
        "gradient passed on; done as his text says it is 0.291027774. See the panel Mistakes.",
        {
            **{f"w{i}": ("parameter", round(0.10 + 0.05 * i, 2)) for i in range(1, 5)},
            **{f"w{i}": ("parameter", round(0.15 + 0.05 * i, 2)) for i in range(5, 9)},
            "b1": ("constant", 0.35),
            "b2": ("constant", 0.60),
            "t1": ("constant", 0.01),
            "t2": ("constant", 0.99),
        },
    ),
    Example(
        "predict-the-adjoints",
        "(x1*x2*sin(x3) + exp(x1*x2)) / x3",
        {"x1": (1.0, -2.0, 2.0), "x2": (2.0, -2.0, 2.0), "x3": (pi / 2, 0.1, 6.0)},
        "",
        task="Go backward from f. Numbers with three digits are enough; 2/pi and formulas such as "
        "x5/x3 are fine too where they are asked for.",
        blanks=(
            {"kind": "partial", "node": "x9", "source": "x8", "port": "x", "accepts": "formula"},
            {"kind": "adjoint", "node": "x8"},
            {"kind": "adjoint", "node": "x5"},
            {"kind": "partial", "node": "x6", "source": "x4", "port": "x", "accepts": "formula"},
            {"kind": "adjoint", "node": "x4", "accepts": "either"},
            {"kind": "adjoint", "node": "x1"},
        ),
    ),
)


def build(example: Example) -> Graph:
    """The graph of an example, with values, layout and note."""
    graph = parse(example.formula, outputs=example.outputs)
    nodes = {
        id_: replace(node, op=example.leaves[node.name][0], settings={})
        if node.name in example.leaves
        else node
        for id_, node in graph.nodes_by_id.items()
    }
    graph = graph.with_(nodes_by_id=nodes)
    settings = {
        name: {"value": value, "minimum": low, "maximum": high}
        for name, (value, low, high) in example.values.items()
    } | {name: {"value": value} for name, (_, value) in example.leaves.items()}
    graph = batch(
        graph,
        [
            lambda g: set_settings(g, settings),
            lambda g: move(g, layered_layout(g)),
        ],
    )
    if example.group is not None:
        title, members = example.group
        graph = add_group(graph, members, title)
    if example.task:
        graph = with_exercise(graph, _exercise(example, graph))
    if not example.note:
        return graph
    top = min(node.position[1] for node in graph.nodes)
    return add_note(graph, example.note, (0.0, top - 140.0, 560.0, 100.0), id="source")


def vanishing_gradient() -> Graph:
    """A chain of sigmoid layers that does not learn; it does with another activation."""
    graph = mlp([2, 4, 4, 4, 4, 4, 4, 1], "sigmoid", "tanh", data="circle")
    settings = {"optimizer": "sgd", "learning_rate": 0.1, "epochs": None}
    graph = graph.with_(training={**graph.training, **settings})
    note = (
        "Six sigmoid layers: on the way back each multiplies the gradient by at most 0.25, so W1 "
        "gets less than a thousandth of what W7 gets, and nothing is learnt.\nPress Train, "
        "look at Gradient norms below, and take tanh there."
    )
    return add_note(graph, note, (0.0, -140.0, 660.0, 100.0), id="source")


def _exercise(example: Example, graph: Graph) -> Exercise:
    exercise = Exercise(
        title="Predict the adjoints", text=example.task, settings=Settings(attempts=3)
    )
    for blank in example.blanks:
        exercise = add_blank(graph, exercise, **blank)
    return exercise


def main() -> None:
    """Write all files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for example in EXAMPLES:
        save(build(example), FOLDER / f"{example.file}.vad")
    save(vanishing_gradient(), FOLDER / "vanishing-gradient.vad")


if __name__ == "__main__":
    main()
