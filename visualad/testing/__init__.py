"""What every node type must pass: `check_op(op)`.

    from visualad.testing import check_op

    check_op(softsign)      # silent when all is well, else a PluginError that says what is wrong

It computes values, derivatives in the three modes and formulas at random points of the declared
domain, for numbers, vectors, batches and broadcasts, in float64 and float32, and compares them with
numerical derivatives of the function itself. `examine` gives the outcome of every test instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from visualad.errors import VisualADError
from visualad.ops.declaration import REGISTRY, Operation, operation
from visualad.ops.findings import Finding
from visualad.testing import checks
from visualad.testing.cases import Shape, combinations, reason, variants

__all__ = ["Finding", "check_op", "examine"]

DECLARATION = "declaration"
TESTS = (
    DECLARATION,
    checks.VALUE,
    checks.PURITY,
    checks.COMPLEX,
    checks.DIFFERENCES,
    checks.BOTH_WAYS,
    checks.SECOND_DERIVATIVES,
    checks.PRECISION,
    checks.BATCHES,
    checks.MODES,
    checks.ONE_SOURCE,
    checks.FORMULA,
    checks.LATEX,
)


def check_op(
    op: Operation | str,
    *,
    shapes: Sequence[Sequence[Shape]] | None = None,
    settings: Sequence[Mapping[str, Any]] | None = None,
    seed: int = 0,
) -> None:
    """Check that an operation is what its declaration says.

    Args:
        op: the operation or its name.
        shapes: combinations of input shapes, one shape for each port; by default those of a small
            catalogue that the operation takes.
        settings: settings to try beside the defaults.
        seed: of the random points.

    Raises:
        PluginError: for the first thing that is wrong: what, at which input, what was expected.
    """
    _run(op, lambda _, work: work(), shapes, settings, seed)


def examine(op: Operation | str, *, seed: int = 0) -> tuple[Finding, ...]:
    """Run every test of `check_op`, also after one has failed; what came of each.

    A test that found nothing to judge (central differences of a function with kinks everywhere,
    several ports of one) has `passed` None.
    """
    outcome: dict[str, Finding] = {}

    def report(test: str, work: Callable[[], object]) -> None:
        known = outcome.get(test)
        if known is not None and known.passed is False:
            return
        try:
            work()
        except VisualADError as error:
            outcome[test] = Finding(test, False, error.message)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            sentence = f"The test failed with {type(error).__name__}: {error}."
            outcome[test] = Finding(test, False, sentence)
        else:
            outcome[test] = Finding(test, True)

    report(checks.VALUE, partial(_run, op, report, None, None, seed))
    return tuple(outcome.get(test) or Finding(test, None) for test in TESTS)


def _run(
    op: Operation | str,
    report: checks.Report,
    shapes: Sequence[Sequence[Shape]] | None,
    settings: Sequence[Mapping[str, Any]] | None,
    seed: int,
) -> None:
    declared = operation(op) if isinstance(op, str) else op
    if declared.leaf:
        return
    with _registered(declared):
        report(DECLARATION, partial(_check_declaration, declared))
        if not declared.differentiable:
            return
        random = np.random.default_rng(seed)
        judged = 0
        left: list[Callable[[], None]] = []
        for chosen in variants(declared, settings):
            report(checks.LATEX, partial(checks.check_writing, declared, chosen))
            for combination in combinations(declared, chosen, shapes):
                check = checks.Check(declared, chosen, combination, random, report)
                judged += check.run()
                left += [check.second] if check.second is not None else []
        with np.errstate(all="ignore"):
            for test in left:  # last: it says least about what is wrong
                report(checks.SECOND_DERIVATIVES, test)
        if not judged:
            why = reason(declared)
            checks.fail(
                declared, f"takes none of the inputs that were tried ({why}); give its shapes"
            )


@contextmanager
def _registered(declared: Operation) -> Iterator[None]:
    """Let graphs find the operation while it is checked, whether or not it is registered."""
    before = REGISTRY.get(declared.name)
    REGISTRY.add(declared, replace=True)
    try:
        yield
    finally:
        REGISTRY.remove(declared.name)
        if before is not None:
            REGISTRY.add(before)


def _check_declaration(declared: Operation) -> None:
    if not declared.doc:
        checks.fail(declared, "has no docstring; write one sentence that says what it computes")
    if not declared.differentiable and declared.rule_jvp is not None:
        checks.fail(declared, "declares a jvp rule only; backward mode needs a vjp rule too")
    if not declared.differentiable:
        checks.fail(declared, "declares no derivative; add partials, or a jvp and a vjp rule")
