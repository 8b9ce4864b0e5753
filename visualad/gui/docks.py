"""Which panels the window has, where they stand, and how their layout is remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

from visualad.gui.dock_contents import DockContents
from visualad.gui.settings import LAYOUT_VERSION

Area = Qt.DockWidgetArea
_AREAS = {
    "left": Area.LeftDockWidgetArea,
    "right": Area.RightDockWidgetArea,
    "bottom": Area.BottomDockWidgetArea,
}
WIDTHS = {"left": 200, "right": 300}
NARROWEST = {"left": 150, "right": 264, "bottom": 200}
BOTTOM_HEIGHT = 276  # the lecture's nine rows
BOTTOM_SHARE = 0.34  # of the window, at most
RIGHT_HEIGHTS = {"image_input": 650, "decision_map": 560, "inspector": 300, "derivation": 300}


@dataclass(frozen=True)
class Dock:
    """A panel that can be docked.

    Attributes:
        name: of the dock, also in object names and command ids.
        title: on its title bar or tab.
        area: "left", "right" or "bottom".
        module, widget: where its class is; made as `widget(document, session)`.
        training: shown by itself while the graph can be trained, hidden while it cannot.
        plots: it draws with pyqtgraph, which takes long to import.
        scrolls: put into a scroll area.
        formulas: hidden by itself while the graph can be trained.
        made_for: shown by itself while there is what it is for, and made only then: "plugins" that
            bring a panel, or "pictures" as inputs.
        behind: name of a dock on the right with which it shares tabs, or "".
    """

    name: str
    title: str
    area: str
    module: str
    widget: str
    training: bool = False
    plots: bool = False
    scrolls: bool = False
    formulas: bool = False
    behind: str = ""
    made_for: str = ""


_PANELS = "visualad.gui.panels."


def _formulas(name: str, title: str, widget: str, *, plots: bool = False) -> Dock:
    """A panel below about derivatives, which gives way to those of training."""
    return Dock(name, title, "bottom", _PANELS + name, widget, formulas=True, plots=plots)


def _training(name: str, title: str, widget: str, *, plots: bool = False) -> Dock:
    """A panel below about training."""
    return Dock(name, title, "bottom", _PANELS + name, widget, training=True, plots=plots)


DOCKS = (
    Dock("palette", "Nodes", "left", "visualad.gui.canvas.palette", "Palette"),
    Dock(
        "training",
        "Training",
        "left",
        _PANELS + "training",
        "TrainingPanel",
        training=True,
        scrolls=True,
    ),
    Dock(
        "decision_map",
        "Decision map",
        "right",
        _PANELS + "decision_map",
        "DecisionMapPanel",
        training=True,
        scrolls=True,
    ),
    Dock(
        "image_input",
        "Picture",
        "right",
        _PANELS + "image_input",
        "ImageInputPanel",
        behind="decision_map",
        made_for="pictures",
    ),
    Dock("inspector", "Inspector", "right", _PANELS + "inspector", "InspectorPanel"),
    Dock("predict", "Predict", "right", _PANELS + "predict", "PredictPanel", behind="inspector"),
    Dock(
        "derivation",
        "Derivation",
        "right",
        _PANELS + "derivation",
        "DerivationPanel",
        formulas=True,
    ),
    _training("loss", "Loss", "LossPanel", plots=True),
    _training("gradients", "Gradient norms", "GradientsPanel", plots=True),
    _training("weights", "Weights", "WeightsPanel", plots=True),
    _training("compare", "Compare runs", "ComparePanel", plots=True),
    _training("landscape", "Landscape", "LandscapePanel", plots=True),
    _training("parameter_sweep", "Sweep", "ParameterSweepPanel"),
    _training("outer_products", "Outer products", "OuterProductsPanel"),
    Dock("trace", "Trace", "bottom", _PANELS + "trace", "TracePanel"),
    _formulas("cost", "Cost", "CostPanel", plots=True),
    _formulas("elimination", "Elimination", "EliminationPanel"),
    _formulas("jacobian", "Jacobian", "JacobianPanel"),
    _formulas("hessian", "Hessian", "HessianPanel"),
    _formulas("checks", "Checks", "ChecksPanel", plots=True),
    _formulas("mistakes", "Mistakes", "MistakesPanel"),
    Dock(
        "plugins",
        "Plugins",
        "bottom",
        _PANELS + "plugin_panels",
        "PluginPanels",
        made_for="plugins",
    ),
)


class Docks(QObject):
    """The docks of a window and their layout.

    Attributes:
        contents: the panels in them.

    Signals:
        changed: a panel was shown, hidden or filled.
    """

    changed = Signal()

    def __init__(self, window: QMainWindow, make: Callable[[type], QWidget]) -> None:
        """Make a dock for each panel; what is in them is made when they are seen.

        Args:
            make: gives the widget for a panel class.
        """
        super().__init__(window)
        self._window = window
        self.contents = DockContents(make, self)
        self._docks: dict[str, QDockWidget] = {}
        self._training: bool | None = None
        self._present: set[str] = set()  # of what docks are made for
        self._put_away: list[str] | None = None
        # Whatever changes at once, the title bars and the menus follow once.
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._bare_titles)
        self._soon.timeout.connect(self.changed)
        self.contents.filled.connect(self._soon.start)
        window.setDockOptions(
            QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        window.setTabPosition(Area.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        window.setCorner(Qt.Corner.BottomLeftCorner, Area.LeftDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, Area.RightDockWidgetArea)
        for dock in DOCKS:
            if not dock.made_for:
                self._add(dock)
        self._arrange()
        self._default = window.saveState(LAYOUT_VERSION)

    # Contents ---------------------------------------------------------------------------------

    def fill(self) -> None:
        """Make the contents of all docks; else those are made that are seen."""
        self.contents.fill()

    def panel(self, name: str) -> QWidget | None:
        """The panel in a dock, made now if nobody has seen it; None when there is no such dock."""
        return self.contents.panel(name)

    def _add(self, dock: Dock) -> None:
        widget = QDockWidget(dock.title, self._window)
        widget.setObjectName(f"dock_{dock.name}")
        widget.setAccessibleName(dock.title)
        widget.setAllowedAreas(Area.AllDockWidgetAreas)
        widget.setMinimumWidth(NARROWEST[dock.area])
        self._window.addDockWidget(_AREAS[dock.area], widget)
        widget.visibilityChanged.connect(self._soon.start)
        widget.topLevelChanged.connect(self._bare_titles)
        widget.dockLocationChanged.connect(self._soon.start)
        self._docks[dock.name] = widget
        self.contents.add(dock, widget)

    # Visibility -------------------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """Whether there is such a panel."""
        return name in self._docks

    def is_open(self, name: str) -> bool:
        """Whether a panel is shown, perhaps behind a tab."""
        return name in self._docks and not self._docks[name].isHidden()

    def toggle(self, name: str) -> None:
        """Show a panel or, when it can be seen, hide it; one behind a tab comes to the front."""
        if name in self._docks:
            if self.is_open(name) and not self._is_behind(name):
                self._docks[name].hide()
            else:
                self.raise_(name)

    def _is_behind(self, name: str) -> bool:
        """Whether the tab of another panel is in front of this one."""
        dock = self._docks[name]
        others = self._window.tabifiedDockWidgets(dock)
        seen = [other for other in others if not other.visibleRegion().isEmpty()]
        return bool(seen) and dock.visibleRegion().isEmpty()

    def show(self, name: str) -> None:
        """Show a panel that is hidden; the others keep their places."""
        if name in self._docks and self._docks[name].isHidden():
            self._docks[name].show()
            self._size_right()

    def make_room(self, *, wanted: bool) -> None:
        """Hide the panels at the bottom, or show those again that were hidden so."""
        with self.contents.held():
            if wanted and self._put_away is None:
                bottom = [d.name for d in DOCKS if d.area == "bottom" and self.is_open(d.name)]
                self._put_away = bottom
                for name in bottom:
                    self._docks[name].hide()
            elif not wanted and self._put_away is not None:
                for name in self._put_away:
                    self._docks[name].show()
                self._put_away = None

    def raise_(self, name: str) -> None:
        """Show a panel and bring its tab to the front."""
        if name in self._docks:
            with self.contents.held():
                self._docks[name].show()
                self._docks[name].raise_()

    def follow_training(self, training: bool) -> None:
        """Show the panels of training when a graph can be trained, hide them when it cannot."""
        if training == self._training:
            return
        remembered = self._training is None and not self._mixes()
        self._training = training
        if not remembered or self._shows_others():
            self._show_what_belongs()

    def _mixes(self) -> bool:
        """Whether panels of training and those that give way to them are open, as at first."""
        kinds = {d.training for d in DOCKS if (d.training or d.formulas) and self.is_open(d.name)}
        return len(kinds) > 1

    def _shows_others(self) -> bool:
        """Whether a panel is open that does not belong to the kind of graph."""
        kind = bool(self._training)
        return any((d.formulas if kind else d.training) and self.is_open(d.name) for d in DOCKS)

    def follow_plugins(self, present: bool) -> None:
        """Show the panel of plugins when one of them brings any, hide it when none does."""
        self._follow("plugins", present)

    def follow_pictures(self, present: bool) -> None:
        """Show the panel of pictures, in front, while the inputs are pictures."""
        self._follow("pictures", present)

    def _follow(self, what: str, present: bool) -> None:
        if present == (what in self._present):
            return
        with self.contents.held():
            self._present ^= {what}
            for dock in DOCKS:
                if dock.made_for == what:
                    self._show_if(dock, present)
                    if present and what == "pictures":
                        self.raise_(dock.name)
            self._size_right()

    def _show_if(self, dock: Dock, present: bool) -> None:
        """A dock that most windows never have is made when it is wanted, and hidden after."""
        if present and dock.name not in self._docks:
            first = next(d.name for d in DOCKS if d.area == dock.area and d.name in self._docks)
            neighbour = dock.behind or first
            front = [w for w in self._docks.values() if not w.visibleRegion().isEmpty()]
            self._add(dock)
            self._window.tabifyDockWidget(self._docks[neighbour], self._docks[dock.name])
            self._docks[dock.name].show()
            for widget in front:
                widget.raise_()
            self._bare_titles()
        elif dock.name in self._docks:
            self._docks[dock.name].setVisible(present)

    def _show_what_belongs(self) -> None:
        """The panels for the kind of graph that is open, the important tabs in front."""
        with self.contents.held():
            training = bool(self._training)
            for dock in DOCKS:
                if (dock.training or dock.formulas) and dock.name in self._docks:
                    self._docks[dock.name].setVisible(training == dock.training)
            for name in ("training", "decision_map", "loss") if training else ("palette", "trace"):
                self.raise_(name)
            if training and "pictures" in self._present:
                self.raise_("image_input")
            self._size_right()

    # Layout -----------------------------------------------------------------------------------

    def reset(self) -> None:
        """Everything back to where it stands in a fresh window."""
        with self.contents.held():
            self._window.restoreState(self._default, LAYOUT_VERSION)
            for widget in self._docks.values():
                widget.setFloating(False)
                widget.show()
            for dock in DOCKS:
                if dock.made_for and dock.name in self._docks:
                    self._docks[dock.name].setVisible(dock.made_for in self._present)
            self._show_what_belongs()
            self._bare_titles()
            self._size()

    def save(self) -> QByteArray:
        """The layout, for the settings."""
        return self._window.saveState(LAYOUT_VERSION)

    def restore(self, layout: QByteArray) -> bool:
        """Take up a layout that was saved; False when it does not fit this version."""
        with self.contents.held():
            restored = not layout.isEmpty() and self._window.restoreState(layout, LAYOUT_VERSION)
            self._bare_titles()
        return restored

    def _arrange(self) -> None:
        for area in ("left", "bottom"):
            names = [d.name for d in DOCKS if d.area == area and d.name in self._docks]
            for first, second in pairwise(names):
                self._window.tabifyDockWidget(self._docks[first], self._docks[second])
            if names:
                self._docks["trace" if area == "bottom" else names[0]].raise_()
        for dock in DOCKS:
            if dock.behind in self._docks and dock.name in self._docks:
                front = self._docks[dock.behind]
                self._window.tabifyDockWidget(front, self._docks[dock.name])
                front.raise_()
        self._bare_titles()
        self._size()

    def _size(self) -> None:
        for area, width in WIDTHS.items():
            docks = [self._docks[d.name] for d in DOCKS if d.area == area and d.name in self._docks]
            self._window.resizeDocks(docks, [width] * len(docks), Qt.Orientation.Horizontal)
        self._size_right()
        docks = [self._docks[d.name] for d in DOCKS if d.area == "bottom" and d.name in self._docks]
        height = min(BOTTOM_HEIGHT, round(BOTTOM_SHARE * self._window.height()))
        self._window.resizeDocks(docks, [height] * len(docks), Qt.Orientation.Vertical)

    def _size_right(self) -> None:
        shown = [name for name in RIGHT_HEIGHTS if self.is_open(name)]
        if "image_input" in shown and "decision_map" in shown:
            shown.remove("decision_map")  # they share tabs
        self._window.resizeDocks(
            [self._docks[name] for name in shown],
            [RIGHT_HEIGHTS[name] for name in shown],
            Qt.Orientation.Vertical,
        )

    def _bare_titles(self) -> None:
        """A dock that has a tab needs no title bar that repeats it."""
        for dock in self._docks.values():
            tabbed = bool(self._window.tabifiedDockWidgets(dock)) and not dock.isFloating()
            bare = dock.titleBarWidget()
            if tabbed and bare is None:
                dock.setTitleBarWidget(QWidget(dock))
            elif not tabbed and bare is not None:
                dock.setTitleBarWidget(None)  # type: ignore[arg-type]
                bare.deleteLater()
        for bar in self._window.findChildren(QTabBar):
            bar.setExpanding(False)
            bar.setDocumentMode(True)
            bar.setDrawBase(False)
            bar.setElideMode(Qt.TextElideMode.ElideNone)  # in a narrow window it scrolls
            bar.setUsesScrollButtons(True)
        self._hide_left_over_bars()

    def _hide_left_over_bars(self) -> None:
        """Qt leaves tab bars behind when docks are tabbed anew; those at their docks stay."""
        bars = [bar for bar in self._window.findChildren(QTabBar) if bar.isVisible()]
        standing = {bar for bar in bars if self._stands_at_its_dock(bar)}
        known = {bar.tabText(i) for bar in standing for i in range(bar.count())}
        for bar in bars:
            if bar not in standing and {bar.tabText(i) for i in range(bar.count())} <= known:
                bar.hide()

    def _stands_at_its_dock(self, bar: QTabBar) -> bool:
        shown = bar.tabText(bar.currentIndex())
        return any(
            widget.windowTitle() == shown
            and abs(widget.x() - bar.x()) <= 2
            and abs(widget.y() - bar.geometry().bottom()) <= 4
            for widget in self._docks.values()
            if widget.isVisible()
        )
