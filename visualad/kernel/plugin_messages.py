"""What the window asks of the plugins, which run in the kernel process alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from visualad.graph.model import Graph
from visualad.kernel.messages import Interim, Reply, Request
from visualad.ops.findings import Finding
from visualad.plugins.records import Inventory

if TYPE_CHECKING:
    from visualad.plugins.panels import Block


@dataclass(frozen=True)
class Start:
    """The first that a kernel process is told.

    Attributes:
        paths: further plugin files or folders.
        safe: load no plugin.
        shut_out: by key the fingerprint of the source ("" for any) and the sentence why a plugin
            must not be loaded.
        told: whether the window knows of plugins, so that it must be told when there are none.
    """

    paths: tuple[str, ...] = ()
    safe: bool = False
    shut_out: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    told: bool = False


@dataclass(frozen=True)
class PluginLoading(Interim):
    """A plugin is being loaded; comes without a request, with the id 0."""

    name: str


@dataclass(frozen=True)
class PluginsChanged(Interim):
    """Other plugins are loaded now; comes without a request, with the id 0."""

    inventory: Inventory


@dataclass(frozen=True)
class UpdatePlugins(Request):
    """Load what was saved, drop what is gone. Attributes: again: origins to load in any case."""

    again: tuple[str, ...] = ()


@dataclass(frozen=True)
class PluginsUpdated(Reply):
    """Done; `PluginsChanged` came before if anything has changed."""


@dataclass(frozen=True)
class CheckPlugin(Request):
    """Run the automatic tests on every node type of the plugin with this origin."""

    origin: str


@dataclass(frozen=True)
class PluginChecked(Reply):
    """Attributes: findings of each node type by its name."""

    findings: Mapping[str, tuple[Finding, ...]]


@dataclass(frozen=True)
class WriteGraph(Request):
    """A graph as the text of a file. Attributes: wish: see `visualad.exchange.formats.Request`."""

    graph: Graph
    suffix: str
    wish: Any = None


@dataclass(frozen=True)
class WritingProgress(Interim):
    """How far the file is. Attributes: share: that is done, from 0 to 1."""

    share: float


@dataclass(frozen=True)
class GraphWritten(Reply):
    """The text of the whole file."""

    text: str


@dataclass(frozen=True)
class ReadGraph(Request):
    """The graph in a file that a plugin's importer reads."""

    path: str


@dataclass(frozen=True)
class OpenLesson(Request):
    """The graph of a plugin's lesson."""

    name: str


@dataclass(frozen=True)
class GraphFound(Reply):
    """The graph asked for."""

    graph: Graph


@dataclass(frozen=True)
class DrawPanel(Request):
    """What a plugin's panel shows of this graph; see `visualad.plugins.panels`."""

    graph: Graph
    name: str
    mode: str = ""
    seed: Any = None


@dataclass(frozen=True)
class PanelDrawn(Reply):
    """The blocks to draw."""

    blocks: tuple[Block, ...]
