"""The answers to the requests of the panels for teaching; importing this registers them."""

from __future__ import annotations

from visualad.autodiff.check_curve import check_curve
from visualad.autodiff.cost_families import growth
from visualad.autodiff.mistakes import mistaken_sweep, mistaken_training
from visualad.autodiff.outer_products import outer_products
from visualad.errors import VisualADError
from visualad.kernel.answers import answer
from visualad.kernel.lesson_messages import (
    AddOuterProducts,
    CountGrowth,
    ErrorsStudied,
    GrowthCounted,
    MakeMistake,
    Marked,
    MarkExercise,
    MistakeMade,
    OuterProductsAdded,
    StudyErrors,
)
from visualad.lessons.exercise import Answer, Exercise, blank_fault, exercise_of
from visualad.lessons.labels import label
from visualad.lessons.marking import Marker, right_text
from visualad.lessons.marks import Mark


@answer.register
def _(request: MarkExercise) -> Marked:
    graph = request.graph
    exercise = exercise_of(graph) or Exercise()
    marker = Marker(graph, exercise)
    marks: dict[str, Mark] = {}
    labels: dict[str, str] = {}
    hints: dict[str, str] = {}
    shown: dict[str, str] = {}
    faults: dict[str, str] = {}
    for blank in exercise.blanks:
        fault = blank_fault(graph, exercise, blank)
        if fault:
            faults[blank.id] = fault
            continue
        labels[blank.id] = label(graph, exercise, blank)
        stored = exercise.answers.get(blank.id, Answer())
        if blank.id in request.trial:
            text = request.trial[blank.id]
            stored = Answer(text, stored.attempts, stored.hints, stored.revealed)
        try:
            marks[blank.id] = marker.mark(blank, stored)
            hints[blank.id] = marker.hint(blank)
            if blank.id in request.reveal:
                shown[blank.id] = right_text(marker, blank)
        except VisualADError as error:
            faults[blank.id] = error.message
    return Marked(request.id, marks, labels, hints, shown, faults)


@answer.register
def _(request: StudyErrors) -> ErrorsStudied:
    curve = check_curve(request.graph, None, request.output, request.input, request.element)
    return ErrorsStudied(request.id, curve)


@answer.register
def _(request: MakeMistake) -> MistakeMade:
    rate = request.learning_rate
    sweep = mistaken_sweep(request.graph, None, request.mistake, learning_rate=rate)
    training = None
    if request.steps and request.graph.parameters:
        training = mistaken_training(request.graph, request.mistake, request.steps, rate)
    return MistakeMade(request.id, sweep, training)


@answer.register
def _(request: CountGrowth) -> GrowthCounted:
    return GrowthCounted(request.id, growth(request.family))


@answer.register
def _(request: AddOuterProducts) -> OuterProductsAdded:
    return OuterProductsAdded(request.id, outer_products(request.graph, request.layer))
