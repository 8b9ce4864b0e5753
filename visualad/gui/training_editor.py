"""What the controls of training do to the graph: each of them is one undoable step."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from visualad.errors import VisualADError
from visualad.graph.edits import set_training
from visualad.graph.model import PARAMETER, Graph
from visualad.gui.document import Document
from visualad.gui.entry import read_number
from visualad.gui.panels import training_edits as edits
from visualad.gui.panels.dataset_picture import NotDrawnError, draw
from visualad.gui.session import Session
from visualad.training.generators import GENERATORS
from visualad.training.optimizers import OPTIMIZERS
from visualad.training.reshaping import NEW_NEURONS, reshaped

RATES = (0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # as Playground
PENALTY_RATES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # as Playground
FIRST_PENALTY = 0.001  # where one is chosen that had no rate
MOST_NEURONS = 2048
MOST_LAYERS = 12
Edit = Callable[[Graph], Graph]


class TrainingEditor(QObject):
    """Edits of training for one document; see `training_editor`.

    Signals:
        refused: an edit was not made; what shows the settings shows them anew.
        hiding_changed: other controls are hidden, or those are shown all the same.
    """

    refused = Signal()
    hiding_changed = Signal()

    def __init__(self, document: Document, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("training_editor")
        self.document = document
        self.session = session
        self._shows_hidden = False
        self._hidden = self.hidden
        document.graph_changed.connect(self._follow)
        document.replaced.connect(self._hide_again)

    @property
    def graph(self) -> Graph:
        """The graph as it is."""
        return self.document.graph

    @property
    def settings(self) -> dict[str, Any]:
        """Its settings of training, complete."""
        return edits.settings_of(self.graph)

    # How an edit is made ----------------------------------------------------------------------

    def edit(self, name: str, change: Edit, merge: str | None = None) -> None:
        """One undoable step; a refusal is told by the document.

        Points that only the kernel can draw are waited for.
        """
        if self._waits_for_points(name, change, merge):
            return
        if not self.document.apply(name, change, merge):
            self.refused.emit()

    def restructure(self, name: str, change: Edit, *, anew: bool = False) -> None:
        """An edit of the network itself: a run that goes on brings in what it has learnt before.

        It goes on afterwards. Curves begin anew where parameters have other shapes.

        Args:
            anew: the curves begin anew in any case: the parameters are other ones.
        """
        run = self.session.training
        try:
            if change(self.graph) == self.graph:
                return
        except NotDrawnError as error:
            again = partial(self.restructure, name, change, anew=anew)
            draw(self.session, error.settings, again)
            return
        except VisualADError:
            self.edit(name, change)  # says why not
            return
        was_running = run.interrupt()
        before = _shapes(self.graph)
        self.edit(name, change)
        if anew or _shapes(self.graph) != before:
            run.forget()
        if was_running:
            run.start()

    def commit(self, name: str, change: Edit) -> None:
        """The same for a field, which says itself what is wrong.

        Raises:
            VisualADError: if the edit is refused.
        """
        if not self._waits_for_points(name, change, None):
            change(self.graph)
            self.document.apply(name, change)

    def _waits_for_points(self, name: str, change: Edit, merge: str | None) -> bool:
        try:
            change(self.graph)
        except NotDrawnError as error:
            draw(self.session, error.settings, partial(self.edit, name, change, merge))
            return True
        except VisualADError:
            pass  # whoever makes the edit says it
        return False

    def set(self, key: str, value: Any) -> None:
        """A setting of training.

        Raises:
            VisualADError: if it makes no sense.
        """
        check_setting(key, value)
        self.commit(
            f"Set {key.replace('_', ' ')}",
            lambda graph: edits.with_training(graph, {key: value}),
        )

    def choose(self, name: str, **changes: Any) -> None:
        """Several settings of training at once."""
        self.edit(name, lambda graph: edits.with_training(graph, changes))

    # Data -------------------------------------------------------------------------------------

    def choose_data(self, name: str) -> None:
        """Another data set; a perceptron follows with its first and last layer."""
        if name == self.settings["data"].get("name"):
            return  # its noise and its points stay
        change = partial(edits.with_dataset, name=name)
        self.restructure("Choose data set", change, anew=True)

    def set_noise(self, noise: float) -> None:
        """Noise from 0 to 0.5, in steps of 0.05."""
        level = round(noise * 20) / 20
        self.edit("Set noise", lambda graph: edits.with_data(graph, {"noise": level}), "noise")

    def set_ratio(self, share: float) -> None:
        """The share for training, in steps of a tenth."""
        part = round(1.0 - round(share * 10) / 10, 1)
        self.edit(
            "Set train to test ratio",
            lambda graph: edits.with_data(graph, {"test_fraction": part}),
            "ratio",
        )

    def set_points(self, count: int) -> None:
        """How many points are drawn."""
        self.commit("Set number of points", lambda graph: edits.with_data(graph, {"n": count}))

    @property
    def can_regenerate(self) -> bool:
        """Whether the data are drawn and not read."""
        return self.settings["data"].get("name") in GENERATORS

    def regenerate(self) -> None:
        """Draw other points of the same kind."""
        self.edit("Regenerate data", edits.with_new_seed)

    # Network ----------------------------------------------------------------------------------

    def switch_feature(self, name: str, order: Sequence[str]) -> None:
        """A feature more or less, in their order; the last one stays."""
        present = edits.features_of(self.graph) or ()
        wanted = [f for f in order if (f in present) != (f == name)]
        if wanted:
            verb = "Remove" if name in present else "Add"
            change = partial(edits.with_features, features=wanted)
            self.restructure(f"{verb} feature", change)
        else:
            self.refused.emit()

    def add_layer(self) -> None:
        """One more hidden layer, before the output."""
        self._reshape("Add layer", lambda hidden: [*hidden, NEW_NEURONS])

    def remove_layer(self) -> None:
        """The last hidden layer goes."""
        self._reshape("Remove layer", lambda hidden: hidden[:-1])

    def set_neurons(self, layer: int, count: int) -> None:
        """Another number of neurons in a hidden layer, counted from 0."""
        size = min(max(count, 1), MOST_NEURONS)
        self._reshape("Set neurons", lambda hidden: [*hidden[:layer], size, *hidden[layer + 1 :]])

    def _reshape(self, name: str, change: Callable[[list[int]], list[int]]) -> None:
        found = edits.layers_of(self.graph)
        if found is not None:
            hidden = change(list(found.sizes[1:-1]))
            self.restructure(name, lambda graph: reshaped(graph, hidden=hidden))

    def set_activation(self, layer: int, op: str) -> None:
        """The activation of a hidden layer; of the output for the layer behind the last."""
        found = edits.layers_of(self.graph)
        if found is None:
            return
        if layer == len(found.activations):
            self.restructure("Set output activation", lambda graph: reshaped(graph, output=op))
            return
        functions = [*found.activations]
        functions[layer] = op
        self.restructure("Set activation", lambda graph: reshaped(graph, activations=functions))

    def begin_with_activation(self, op: str) -> None:
        """The activation of all hidden layers, and the weights begun anew for it."""
        found = edits.layers_of(self.graph)
        if found is not None:
            functions = [op] * len(found.activations)
            self.restructure(
                "Set activation",
                lambda graph: edits.with_start(reshaped(graph, activations=functions)),
                anew=True,
            )

    def set_normalization(self, layer: int, kind: str | None) -> None:
        """ "batch", "layer" or None for a hidden layer."""
        found = edits.layers_of(self.graph)
        if found is not None:
            kinds = [*found.normalizations]
            kinds[layer] = kind
            change = partial(reshaped, normalizations=kinds)
            self.restructure("Set normalisation", change)

    def set_dropout(self, layer: int, rate: float) -> None:
        """The rate of dropout behind a hidden layer; 0 for none."""
        found = edits.layers_of(self.graph)
        if found is not None:
            rates = [*found.dropouts]
            rates[layer] = rate
            self.restructure("Set dropout", lambda graph: reshaped(graph, dropouts=rates))

    # Learning ---------------------------------------------------------------------------------

    def set_loss(self, op: str) -> None:
        """Another loss, where it fits the targets."""
        change = partial(edits.with_fitting_loss, op=op)
        self.restructure("Choose loss", change)

    def set_initializer(self, name: str) -> None:
        """Begin anew by another initialiser."""
        change = partial(edits.with_start, initializer=name)
        self.restructure("Choose initialiser", change, anew=True)

    def set_seed(self, seed: int) -> None:
        """Begin anew from another seed."""
        change = partial(edits.with_start, seed=seed)
        self.restructure("Set weight seed", change, anew=True)

    def begin_anew(self) -> None:
        """The weights that the seed and the initialiser begin with."""
        self.restructure("Begin anew", edits.with_start, anew=True)

    def set_optimizer(self, name: str, momentum: float = 0.0, *, nesterov: bool = False) -> None:
        """Another optimiser, with its usual rate where it is of another kind."""
        changes: dict[str, Any] = {"optimizer": name, "momentum": momentum, "nesterov": nesterov}
        usual = OPTIMIZERS[name].learning_rate
        if usual is not None and self.settings.get("optimizer") != name:
            changes["learning_rate"] = usual  # what suits one is far off for another
        if OPTIMIZERS[name].full_batch:
            changes["batch_size"] = None
        self.choose("Choose optimiser", **changes)

    def step_rate(self, by: int) -> None:
        """The next usual learning rate."""
        rate = float(self.settings.get("learning_rate", 0.01))
        larger = [known for known in RATES if known > rate * 1.0001]
        smaller = [known for known in RATES if known < rate * 0.9999]
        wanted = larger[:1] if by > 0 else smaller[-1:]
        if wanted:
            self.set("learning_rate", wanted[0])

    def set_penalty(self, kind: str) -> None:
        """ "none", "l1" or "l2"; a rate of 0 would do nothing, so there is one."""
        changes: dict[str, Any] = {"regularization": kind}
        if kind != "none" and not self.settings.get("regularization_rate"):
            changes["regularization_rate"] = FIRST_PENALTY
        self.choose("Choose regularisation", **changes)

    def set_penalty_rate(self, rate: float) -> None:
        """The rate of the regularisation; L2 where none was chosen."""
        if not 0 <= rate <= 1000:
            raise VisualADError("The rate of regularisation is a number from 0 to 1000.")
        kind = str(self.settings.get("regularization") or "none")
        changes = {"regularization_rate": rate}
        if kind == "none" and rate:
            self.choose("Set regularisation", regularization="l2", **changes)
        else:
            self.choose("Set regularisation", **changes)

    def set_backend(self, name: str) -> None:
        """Train with another backend."""
        self.edit(
            "Choose backend", lambda graph: set_training(graph, {**graph.training, "backend": name})
        )

    def use_playground(self) -> None:
        """TensorFlow Playground's rules for the same network and data."""
        self.restructure("Learn as TensorFlow Playground", edits.with_playground, anew=True)

    # What is shown ----------------------------------------------------------------------------

    def show_test_data(self, shown: bool) -> None:
        """Whether the points kept for testing are drawn."""
        self.choose("Show test points" if shown else "Hide test points", show_test_data=shown)

    def discretize(self, wanted: bool) -> None:
        """Whether the map has the two colours of the classes only."""
        name = "Discretise output" if wanted else "Show output in shades"
        self.choose(name, discretize=wanted)

    @property
    def hidden(self) -> frozenset[str]:
        """The controls that are hidden at the moment."""
        if self._shows_hidden:
            return frozenset()
        return frozenset(self.graph.training.get("hidden_controls") or ())

    @property
    def shows_hidden(self) -> bool:
        """Whether controls that a lesson hides are shown all the same."""
        return self._shows_hidden

    def show_hidden(self, shown: bool) -> None:
        """Show controls that a lesson hides, or hide them again; the document stays as it is."""
        self._shows_hidden = shown
        self._follow()

    def set_hidden(self, controls: Sequence[str]) -> None:
        """Hide these controls: a lesson goes on without them."""
        self._shows_hidden = False
        wanted = sorted(controls)
        self.choose("Choose controls for a lesson", hidden_controls=wanted)
        self._follow()

    def _hide_again(self) -> None:
        self._shows_hidden = False
        self._follow()

    def _follow(self) -> None:
        hidden = self.hidden
        if hidden != self._hidden:
            self._hidden = hidden
            self.hiding_changed.emit()


def training_editor(document: Document, session: Session) -> TrainingEditor:
    """The one of a session."""
    found = session.findChild(TrainingEditor, "training_editor")
    return found if found is not None else TrainingEditor(document, session)


def _shapes(graph: Graph) -> dict[str, tuple[int, ...]]:
    nodes = graph.nodes_by_id.values()
    return {node.id: np.shape(node.value) for node in nodes if node.op == PARAMETER}


def read_whole(text: str) -> int:
    """A whole number from 1 on.

    Raises:
        VisualADError: if it is none.
    """
    number = read_number(text)
    if not number.is_integer() or not 1 <= number <= 1_000_000:
        raise VisualADError("Type a whole number from 1 to 1,000,000.")
    return int(number)


def read_whole_or(nothing: str) -> Callable[[str], int | None]:
    """Reads a whole number, or None for an empty field or that word."""
    return lambda text: None if text.strip().lower() in ("", nothing) else read_whole(text)


def read_number_or(nothing: str) -> Callable[[str], float | None]:
    """Reads a number, or None for an empty field or that word."""
    return lambda text: None if text.strip().lower() in ("", nothing) else read_number(text)


def read_seed(text: str) -> int:
    """A whole number from 0 on.

    Raises:
        VisualADError: if it is none.
    """
    number = read_number(text)
    if not number.is_integer() or not 0 <= number <= 4_294_967_295:
        raise VisualADError("A seed is a whole number from 0 to 4,294,967,295.")
    return int(number)


def check_setting(key: str, value: Any) -> None:
    """Refuse numbers that make no sense.

    Raises:
        VisualADError: in one sentence.
    """
    if key == "learning_rate" and not 0 < value <= 1e6:
        raise VisualADError("The learning rate must be greater than 0 and at most 1,000,000.")
    if key == "momentum" and not 0 <= value < 1:
        raise VisualADError("The momentum must be at least 0 and less than 1, such as 0.9.")
    if key in ("clip_norm", "clip_value", "seconds") and value is not None:
        if 0 < value < math.inf:
            return
        raise VisualADError("Type a number greater than 0, or leave it empty for no limit.")
