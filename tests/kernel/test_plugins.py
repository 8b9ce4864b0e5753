"""Plugins live in the kernel process; whatever they do there, the window goes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import visualad as va
from visualad.graph.edits import set_settings
from visualad.graph.model import Graph, Node
from visualad.kernel import memory
from visualad.kernel.client import KernelClient
from visualad.kernel.data_messages import DatasetDrawn, DrawDataset
from visualad.kernel.messages import Evaluate, Evaluated, Failed, Reply, RunSweep, Swept
from visualad.kernel.plugin_messages import (
    CheckPlugin,
    DrawPanel,
    GraphFound,
    GraphWritten,
    OpenLesson,
    PanelDrawn,
    PluginChecked,
    PluginsChanged,
    PluginsUpdated,
    ReadGraph,
    Start,
    UpdatePlugins,
    WriteGraph,
)
from visualad.ops.declaration import REGISTRY
from visualad.ops.description import described_operation
from visualad.plugins.choices import set_disabled
from visualad.plugins.records import Inventory, Plugin

from .asking import Asking

EXAMPLES = Path(__file__).parents[2] / "plugins" / "examples"

GOOD = """
import numpy as np
import visualad as va

@va.node(category="Mine", version=3)
def cube(x, *, scale=1.0):
    "The cube of x."
    return scale * x * x * x

@cube.partials
def _(x, out, *, scale):
    return 3 * scale * x * x
"""
# A node type `odd` whose function does what stands here.
ODD = """
import ctypes, os, sys, time
import numpy as np
import visualad as va

@va.node(category="Mine")
def odd(x):
    "What nobody expects."
    if isinstance(x, np.ndarray | np.generic | float):
        {deed}
    return x * 1.0

@odd.partials
def _(x, out):
    return 1.0
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KernelClient, Path]]:
    """One kernel for all tests here, and the folder of its plugins."""
    folder = tmp_path_factory.mktemp("plugins")
    with KernelClient(Start((str(folder),))) as client:
        yield client, folder


@pytest.fixture
def folder(served: tuple[KernelClient, Path]) -> Iterator[Path]:
    """The folder of the kernel's plugins, empty again afterwards."""
    yield served[1]
    for path in served[1].glob("*.py"):
        path.unlink()


@pytest.fixture
def start(served: tuple[KernelClient, Path], folder: Path) -> Callable[[], Asking]:
    """Gives the kernel once it has loaded what lies in the folder."""

    def make() -> Asking:
        asking = Asking(served[0])
        served[0].poll()
        asking.idle()
        while not inventories(asking):  # an update may end with the process
            asking.answer(served[0].send(UpdatePlugins()), 60)
        return asking

    return make


def write(folder: Path, name: str, source: str) -> Path:
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    return path


def inventories(asking: Asking) -> list[Inventory]:
    return [reply.inventory for reply in asking.news if isinstance(reply, PluginsChanged)]


def record(asking: Asking, name: str) -> Plugin:
    (found,) = (p for p in inventories(asking)[-1].plugins if p.name == name)
    return found


def update(asking: Asking, *again: Path) -> Inventory:
    reply = asking.answer(asking.client.send(UpdatePlugins(tuple(map(str, again)))), 60)
    assert isinstance(reply, PluginsUpdated), reply
    return inventories(asking)[-1]


def one_node(op: str) -> Graph:
    """f = op(x) at x = 2 beside g = x², for a window that does not know the operation."""
    nodes = {
        "x": Node("x", "variable", "x", settings={"value": 2.0}),
        "f": Node("f", op, "f", stored_ports=("x",)),
        "two": Node("two", "constant", "two", settings={"value": 2.0}),
        "g": Node("g", "pow", "g"),
    }
    edges = {("f", "x"): "x", ("g", "x"): "x", ("g", "y"): "two"}
    return Graph(nodes, edges)


def evaluated(asking: Asking, op: str) -> Reply:
    return asking.answer(asking.client.send(Evaluate(one_node(op))), 60)


# What works ------------------------------------------------------------------------------------


def test_the_window_learns_of_a_node_type_without_its_code(
    folder: Path, start: Callable[[], Asking]
) -> None:
    write(folder, "cubes", GOOD)
    asking = start()
    assert "cube" not in REGISTRY
    (described,) = inventories(asking)[-1].operations
    mirrored = described_operation(described)
    assert (mirrored.name, mirrored.ports, mirrored.settings) == ("cube", ("x",), {"scale": 1.0})
    assert (mirrored.version, mirrored.category, mirrored.doc) == (3, "Mine", "The cube of x.")
    assert mirrored.elementwise
    with pytest.raises(va.PluginError, match="computed in the kernel"):
        mirrored(2.0)
    reply = asking.answer(asking.client.send(RunSweep(versioned(one_node("cube"), 3), "backward")))
    assert isinstance(reply, Swept)
    assert reply.sweep.values["f"] == 8.0


def versioned(graph: Graph, version: int) -> Graph:
    node = graph.nodes_by_id["f"]
    made = Node("f", node.op, "f", stored_ports=("x",), extra={"op_version": version})
    return graph.with_(nodes_by_id={**graph.nodes_by_id, "f": made})


def test_saving_a_file_loads_it_anew_and_a_mistake_in_it_is_told(
    folder: Path, start: Callable[[], Asking]
) -> None:
    path = write(folder, "cubes", ODD.format(deed="pass"))
    asking = start()
    path.write_text(ODD.format(deed="x = x + 1"), encoding="utf-8")
    update(asking)
    reply = evaluated(asking, "odd")
    assert isinstance(reply, Evaluated)
    assert reply.values["f"] == 3.0
    path.write_text("def f(:", encoding="utf-8")
    assert update(asking).operations == ()
    broken = record(asking, "cubes")
    assert broken.status == "failed"
    assert "SyntaxError" in broken.error
    assert "Traceback" in broken.detail
    reply = evaluated(asking, "odd")
    assert isinstance(reply, Evaluated)
    assert reply.values["g"] == 4.0
    assert "No plugin provides the node type 'odd'" in reply.failures["f"]


def test_a_plugin_is_switched_off_and_on(folder: Path, start: Callable[[], Asking]) -> None:
    path = write(folder, "cubes", GOOD)
    asking = start()
    set_disabled(str(path), True)
    assert update(asking).operations == ()
    assert record(asking, "cubes").status == "disabled"
    set_disabled(str(path), False)
    assert [o.name for o in update(asking).operations] == ["cube"]


def test_safe_mode_loads_none(folder: Path) -> None:
    write(folder, "cubes", GOOD)
    with KernelClient(Start((str(folder),), safe=True), spare=False) as client:
        asking = Asking(client)
        reply = evaluated(asking, "cube")
    assert isinstance(reply, Evaluated)
    assert "f" in reply.failures
    assert inventories(asking) == []


def test_every_kind_of_plugin_is_served_by_the_kernel(isolated_settings: Path, tmp_path) -> None:
    with KernelClient(Start((str(EXAMPLES),)), spare=False) as client:
        asking = Asking(client)
        asking.wait(lambda _: bool(inventories(asking)))
        told = inventories(asking)[-1]
        assert [p.error for p in told.plugins if p.status != "loaded"] == []
        assert {d.name for d in told.datasets} == {"moons"}
        assert told.optimizers == {"lion": "Lion"}
        assert "plain" in [b.name for b in told.backends]
        file = tmp_path / "a.formula"
        file.write_text("sin(x)", encoding="utf-8")
        graph = set_settings(va.parse("x**2"), {"x": {"value": 3.0}})
        requests = {
            GraphFound: ReadGraph(str(file)),
            GraphWritten: WriteGraph(graph, ".inputs"),
            PanelDrawn: DrawPanel(graph, "sizes"),
            DatasetDrawn: DrawDataset({"name": "moons", "n": 10, "noise": 0.0, "seed": 1}),
        }
        for kind, request in requests.items():
            assert isinstance(asking.answer(client.send(request)), kind)
        lesson = asking.answer(client.send(OpenLesson("product_rule")))
        assert isinstance(lesson, GraphFound)
        assert lesson.graph["x"].value == 2.0
        checked = asking.answer(client.send(CheckPlugin(str(EXAMPLES / "softsign.py"))), 60)
        assert isinstance(checked, PluginChecked)
        findings = checked.findings["softsign"]
        assert [f for f in findings if f.passed is False] == []
        assert sum(f.passed is True for f in findings) >= 10


# What goes wrong while a plugin is loaded -------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise RuntimeError('no luck')", "in line 1 with RuntimeError: no luck"),
        ("import nothing_of_that_name", "pip install nothing_of_that_name"),
        ("from visualad import plugin\nplugin.require(api=7)", "needs version 7"),
        (GOOD.replace("(x, out, *, scale)", "(x)"), "has a partials rule with the wrong signature"),
        ("import sys\nsys.exit(1)", "SystemExit"),
        ("a = [0.0] * 10**13", "MemoryError"),
    ],
    ids=["raises", "lacks a package", "too new", "signature", "leaves", "eats memory"],
)
def test_a_plugin_that_cannot_be_loaded_is_named_and_the_others_work(
    folder: Path, start: Callable[[], Asking], source: str, words: str
) -> None:
    write(folder, "a_bad", source)
    write(folder, "b_good", ODD.format(deed="print('noise')"))
    asking = start()
    assert words in record(asking, "a_bad").error
    reply = evaluated(asking, "odd")
    assert isinstance(reply, Evaluated)
    assert reply.values["f"] == 2.0


@pytest.mark.parametrize(
    "deed",
    ["import os\nos._exit(5)", "import ctypes\nctypes.string_at(0)"],
    ids=["exits", "segmentation fault"],
)
def test_a_plugin_that_ends_the_process_while_it_loads_is_shut_out(
    folder: Path, start: Callable[[], Asking], deed: str
) -> None:
    path = write(folder, "a_bad", deed)
    write(folder, "b_good", ODD.format(deed="pass"))
    asking = start()
    assert "was shut out because it ended the kernel process" in record(asking, "a_bad").error
    assert isinstance(evaluated(asking, "odd"), Evaluated)
    path.write_text(GOOD, encoding="utf-8")
    update(asking)
    assert record(asking, "a_bad").status == "loaded"


def test_a_plugin_that_never_finishes_loading_is_shut_out_in_time(
    folder: Path, start: Callable[[], Asking], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualad.kernel.plugin_watch.LOAD_PATIENCE", 3.0)
    write(folder, "a_bad", "while True:\n    pass")
    write(folder, "b_good", ODD.format(deed="pass"))
    asking = start()
    assert "had not finished loading after 3 s" in record(asking, "a_bad").error
    # What was asked for meanwhile is answered all the same.
    assert isinstance(evaluated(asking, "odd"), Evaluated)


def test_stop_ends_the_loading_of_a_plugin(folder: Path, start: Callable[[], Asking]) -> None:
    asking = start_empty(start, folder)
    write(folder, "a_bad", "import time\nwhile True:\n    time.sleep(0.01)")
    asking.client.send(UpdatePlugins())
    asking.wait(lambda _: bool(asking.news))  # "loading a_bad"
    asking.client.interrupt()
    asking.wait(lambda _: any(one.plugins for one in inventories(asking)))
    assert record(asking, "a_bad").status == "failed"
    assert "was s" in record(asking, "a_bad").error  # stopped, or shut out where it was busy
    assert isinstance(evaluated(asking, "odd"), Evaluated)


def start_empty(start: Callable[[], Asking], folder: Path) -> Asking:
    """The kernel without any plugin."""
    write(folder, "nothing", "")
    asking = start()
    (folder / "nothing.py").unlink()
    update(asking)
    asking.news.clear()
    return asking


# What goes wrong while it runs ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("raise ValueError('no luck')", "failed with ValueError: no luck"),
        ("x = np.ones((10**7, 10**7))", "failed with MemoryError"),
        ("x = 'text'; return x", "gave a value of type str"),
        ("return np.ones((2, 3))", "gave the shape (2, 3) where () is expected"),
        ("sys.exit(3)", None),
        ("print('noise' * 100); os.write(1, b'more noise')", ""),
    ],
    ids=["raises", "eats memory", "gives text", "wrong shape", "leaves", "prints"],
)
def test_a_node_that_fails_says_so_on_itself_and_the_rest_has_values(
    folder: Path, start: Callable[[], Asking], deed: str, words: str | None
) -> None:
    write(folder, "odd", ODD.format(deed=deed))
    asking = start()
    pid = asking.client.pid
    reply = evaluated(asking, "odd")
    if words is None:
        assert isinstance(reply, Failed)
    else:
        assert isinstance(reply, Evaluated), reply
        assert reply.values["g"] == 4.0
        assert words in reply.failures.get("f", "")
    assert asking.client.pid == pid


@pytest.mark.parametrize("deed", ["os._exit(3)", "ctypes.string_at(0)"])
def test_a_crash_fails_what_was_asked_and_the_next_process_has_the_plugins(
    folder: Path, start: Callable[[], Asking], deed: str
) -> None:
    write(folder, "odd", ODD.format(deed=deed))
    write(folder, "cubes", GOOD)
    asking = start()
    reply = evaluated(asking, "odd")
    assert isinstance(reply, Failed)
    assert "while evaluating the graph in the plugin 'odd'; it was started again" in reply.message
    reply = asking.answer(asking.client.send(Evaluate(versioned(one_node("cube"), 3))))
    assert isinstance(reply, Evaluated)
    assert reply.values["f"] == 8.0


def test_stop_ends_an_endless_loop_and_the_process_in_reserve_takes_over(
    folder: Path, start: Callable[[], Asking]
) -> None:
    stubborn = (
        "while True:\\n  try:\\n    while True: time.sleep(0.001)\\n  except BaseException: pass"
    )
    loop = f"exec('{stubborn}')"
    write(folder, "odd", ODD.format(deed=loop))
    write(folder, "cubes", GOOD)
    asking = start()
    spare = wait_for(lambda: asking.client._spare)
    id_ = asking.client.send(Evaluate(one_node("odd")))
    wait_for(lambda: asking.client._pending[id_].began)
    time.sleep(0.1)
    asking.client.interrupt()
    reply = asking.answer(id_)
    assert isinstance(reply, Failed)
    assert "was started again" in reply.message
    reply = asking.answer(asking.client.send(Evaluate(versioned(one_node("cube"), 3))))
    assert isinstance(reply, Evaluated)
    assert asking.client.pid == spare.pid


def wait_for(find: Callable[[], object], timeout: float = 20) -> object:
    deadline = time.monotonic() + timeout
    while not (found := find()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def test_a_value_of_a_plugins_own_class_does_not_bring_the_plugin_into_the_window(
    folder: Path, start: Callable[[], Asking]
) -> None:
    source = """
import numpy as np
from visualad import plugin

class Odd(str):
    pass

@plugin.panel(title="Odd")
def odd_panel(view):
    return plugin.Words(Odd("text"))

import visualad as va
@va.node(category=Odd("Mine"), domain=[(np.float32(0), 1)])
def own(x, *, way=Odd("up"), many=np.float32(2)):
    "Own."
    return x * 1.0

@own.partials
def _(x, out, *, way, many):
    return 1.0
"""
    write(folder, "classes", source)
    asking = start()
    assert record(asking, "classes").status == "loaded"
    (described,) = inventories(asking)[-1].operations
    assert type(described.settings["way"]) is str
    reply = asking.answer(asking.client.send(DrawPanel(one_node("own"), "odd_panel")))
    assert isinstance(reply, PanelDrawn), reply
    assert not any(name.startswith("visualad_plugin_classes") for name in sys.modules)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit of the system")
def test_the_memory_of_the_kernel_has_a_limit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUALAD_MEMORY_LIMIT", "600")
    grow = "keep = []; exec('while True: keep.append(np.ones(10**6))', globals(), locals())"
    write(folder, "odd", ODD.format(deed=grow))
    with KernelClient(Start((str(folder),)), spare=False) as client:
        asking = Asking(client)
        reply = evaluated(asking, "odd")
        pid = client.pid
        assert isinstance(reply, Evaluated)
        assert "MemoryError" in reply.failures["f"]
        assert isinstance(evaluated(asking, "sin_of_nothing"), Evaluated)
        assert client.pid == pid


def test_where_the_system_has_no_limit_the_memory_of_the_kernel_is_watched(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "watched_limit", lambda: 300 << 20)
    monkeypatch.setattr(memory, "LOOK_EVERY", 0.02)
    grow = "while len(keep) < 400: keep.append(np.ones(1 << 17)); time.sleep(0.002)"
    deed = f"keep = []; exec('{grow}', globals(), locals())"
    write(folder, "odd", ODD.format(deed=deed))
    with KernelClient(Start((str(folder),)), spare=False) as client:
        asking = Asking(client)
        reply = evaluated(asking, "odd")
        assert isinstance(reply, Failed)
        assert reply.underway
        assert reply.message == (
            "There is not enough memory for evaluating the graph in the plugin 'odd', so the "
            "kernel was started again. Your graph is unchanged."
        )
        assert isinstance(evaluated(asking, "sin_of_nothing"), Evaluated)
