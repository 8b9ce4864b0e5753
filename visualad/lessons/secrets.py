"""What an exercise keeps to itself: which files may be written without telling its answers."""

from __future__ import annotations

from visualad.errors import FileError, VisualADError
from visualad.graph.model import Graph
from visualad.lessons.exercise import Answer, exercise_of

# Endings of files that tell nothing an exercise asks for: a picture shows the canvas, where it is a
# question mark, and source computes values as the canvas does.
TELLS_NOTHING = frozenset({".png", ".svg", ".pdf", ".py", ".onnx", ".vad"})


def has_secrets(graph: Graph) -> bool:
    """Whether a graph holds an exercise with something that is neither answered nor revealed."""
    from visualad.lessons.marking import Marker  # late: most graphs hold none

    try:
        exercise = exercise_of(graph)
    except FileError:
        return False  # then nobody can be asked
    if exercise is None:
        return False
    if not exercise.blanks:
        return bool(exercise.settings.hide)
    marker = Marker(graph, exercise)
    for blank in exercise.blanks:
        answer = exercise.answers.get(blank.id, Answer())
        try:
            known = answer.revealed or marker.mark(blank, answer).is_right
        except VisualADError:
            known = False
        if not known:
            return True
    return False
