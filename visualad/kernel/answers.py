"""The answer to each kind of request that is done in one go.

`answer` is open: a new type of request registers its function with `@answer.register`.
"""

from __future__ import annotations

from functools import singledispatch

from visualad.errors import VisualADError
from visualad.kernel.messages import (
    Evaluate,
    Evaluated,
    Reply,
    Request,
)


@singledispatch
def answer(request: Request) -> Reply:
    """Carry out a request.

    Raises:
        VisualADError: if it cannot be carried out.
    """
    raise VisualADError(
        f"The kernel does not know requests of type {type(request).__name__}; "
        "window and kernel are of different versions."
    )


@answer.register
def _(request: Evaluate) -> Evaluated:
    from visualad.autodiff.evaluate import evaluate_partly

    found = evaluate_partly(request.graph)
    return Evaluated(request.id, found.values, {}, {}, found.failures)
