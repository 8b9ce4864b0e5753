"""The command line. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `visualad` with these arguments (those of the process by default, in a child of it).

    Returns the exit status: 0 on success, 2 on a usage error, 1 on any other error, 130 when
    interrupted from the keyboard.
    """
    if arguments is not None:
        from visualad.cli.running import run

        return run(list(arguments))
    from visualad.cli.running import run_supervised

    return run_supervised(sys.argv[1:])


def window() -> int:
    """Open the window, on the file that the process was started with if there is one."""
    from visualad.cli.running import run

    return run(["window", *sys.argv[1:]])
