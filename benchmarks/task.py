"""What a task is: some work, and how each contestant prepares to do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Call = Callable[[], object]


@dataclass(frozen=True)
class Repeated:
    """A call that does the work several times over, such as a loop of training steps.

    Attributes:
        call: what is timed.
        times: how many units of the work it does.
    """

    call: Call
    times: float


Prepare = Callable[[], Call | Repeated]


@dataclass(frozen=True)
class Task:
    """Work that is timed, ours beside the peers'.

    A contestant is a function that makes everything ready and returns the call to be timed. It
    runs in a process of its own. One that raises ImportError or BackendError is not installed.

    Attributes:
        title: what is done, for people.
        unit: what the times are per: "step", "point", "call", ...
        contestants: by name; the first is ours, to which the ratios of the table refer.
        environment: variables for the processes of all of them.
    """

    title: str
    unit: str
    contestants: Mapping[str, Prepare]
    environment: Mapping[str, str] = field(default_factory=dict)
