"""Commands on the window itself: View, Plugins and Help."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from visualad.graph.placeholders import outdated
from visualad.gui import theme
from visualad.gui.commands.declaration import Command, has_nodes, trainable
from visualad.gui.docks import DOCKS

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

VIEW = (
    Command(
        "view.fit", "Fit Graph", lambda w: w.stage.view.fit(), "View", ("F",), "fit", has_nodes
    ),
    Command(
        "view.zoom_in", "Zoom In", lambda w: w.stage.view.zoom_in(), "View", ("Ctrl+=",), "zoom-in"
    ),
    Command(
        "view.zoom_out",
        "Zoom Out",
        lambda w: w.stage.view.zoom_out(),
        "View",
        ("Ctrl+-",),
        "zoom-out",
    ),
    Command(
        "view.zoom_reset", "Zoom to 100 %", lambda w: w.stage.view.zoom_reset(), "View", ("Ctrl+0",)
    ),
    Command(
        "view.neurons",
        "Neurons",
        lambda w: w.stage.toggle(),
        "View",
        ("M",),
        "network",
        lambda w: w.stage.is_possible,
        checked=lambda w: w.stage.is_open,
        tip="Show the layers neuron by neuron instead of as matrices, and back; the graph stays.",
        section=1,
    ),
    Command(
        "view.theme",
        "Dark Theme",
        lambda w: w.toggle_theme(),
        "View",
        ("Ctrl+Shift+L",),
        "theme-dark",
        checked=lambda w: theme.current().is_dark,
        section=1,
    ),
    Command(
        "view.reduced_motion",
        "Reduce Motion",
        lambda w: w.toggle_reduced_motion(),
        "View",
        checked=lambda w: w.session.playback.reduced_motion,
        tip="Steps follow each other, but nothing travels along the edges.",
        section=1,
    ),
    Command(
        "view.command_palette",
        "Command Palette…",
        lambda w: w.open_command_palette(),
        "View",
        ("Ctrl+K", "Ctrl+Shift+P"),
        "search",
        section=2,
    ),
    Command(
        "view.training_bar",
        "Training Bar",
        lambda w: w.toolbar.show_training(not w.toolbar.shows_training),
        "View",
        ("Ctrl+T",),
        enabled=trainable,
        checked=lambda w: w.toolbar.shows_training,
        tip="How the network learns, or formula and modes, in the bar under the menus.",
        section=1,
    ),
    Command(
        "view.reset_layout",
        "Reset Layout",
        lambda w: w.docks.reset(),
        "View",
        (),
        "reset",
        section=4,
    ),
)

PLUGINS = (
    Command(
        "plugins.list",
        "Show Plugins…",
        lambda w: w.plugins.show_window(),
        "Plugins",
        tip="Which plugins are loaded, why others are not, and what their tests say.",
    ),
    Command(
        "plugins.new",
        "New Plugin…",
        lambda w: w.plugins.new(),
        "Plugins",
        (),
        "new",
        lambda w: not w.plugins.is_safe,
        tip="Write a file with a node type that works, to be changed in an editor.",
        section=1,
    ),
    Command(
        "plugins.open_folder",
        "Open Plugin Folder",
        lambda w: w.open_plugin_folder(),
        "Plugins",
        (),
        "open",
        tip="Python files put there are loaded, and loaded anew when they are saved.",
        section=1,
    ),
    Command(
        "plugins.reload",
        "Reload All Plugins",
        lambda w: w.plugins.update({p.origin for p in w.plugins.inventory.plugins}),
        "Plugins",
        (),
        "reset",
        lambda w: bool(w.plugins.inventory.plugins),
        section=2,
    ),
    Command(
        "plugins.upgrade",
        "Upgrade Outdated Nodes",
        lambda w: w.plugins.upgrade_nodes(),
        "Plugins",
        enabled=lambda w: bool(outdated(w.document.graph)),
        tip="Bring nodes that were made with another version of their type to the loaded one.",
        section=2,
    ),
)


def _approximation(window: MainWindow) -> None:
    from visualad.gui.approximation.window import open_approximation  # late: it plots

    open_approximation(window)


HELP = (
    Command("help.hint", "First Steps", lambda w: w.show_hint(), "Help", ("F1",), "help"),
    Command(
        "help.shortcuts", "Keyboard Shortcuts…", lambda w: w.show_shortcuts(), "Help", ("Ctrl+/",)
    ),
    Command(
        "help.approximation",
        "Universal Approximation…",
        _approximation,
        "Help/Lessons",
        tip="Lesson: bumps of two sigmoids add up to any function, and are a perceptron.",
    ),
    Command("help.log", "Open Log File", lambda w: w.open_log(), "Help", section=1),
    Command(
        "help.about", "About VisualAD…", lambda w: w.show_about(), "Help", (), "info", section=2
    ),
)


def panels() -> Iterable[Command]:
    """One command for each panel that can be shown and hidden."""
    for dock in DOCKS:
        yield Command(
            f"view.panel_{dock.name}",
            dock.title,
            lambda w, name=dock.name: w.docks.toggle(name),  # type: ignore[misc]
            "View/Panels",
            checked=lambda w, name=dock.name: w.docks.is_open(name),  # type: ignore[misc]
            enabled=lambda w, name=dock.name: w.docks.has(name),  # type: ignore[misc]
            tip=f"Show or hide the panel “{dock.title}”.",
            section=3,
        )
