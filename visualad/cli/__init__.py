"""The command line. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `visualad` with these arguments (those of the process by default).

    Returns the exit status: 0 on success, 2 on a usage error, 1 on any other error, 130 when
    interrupted from the keyboard.
    """
    from visualad.cli.running import run

    return run(sys.argv[1:] if arguments is None else list(arguments))


def window() -> int:
    """Open the window, on the file that the process was started with if there is one."""
    from visualad.cli.running import run

    return run(["window", *sys.argv[1:]])
