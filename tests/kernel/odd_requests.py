"""Requests that do what a student's node type might do; the kernel imports this module too."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import time
from dataclasses import dataclass
from typing import Any

from visualad.kernel.answers import answer
from visualad.kernel.messages import Reply, Request


@dataclass(frozen=True)
class Echo(Request):
    content: Any = None


@dataclass(frozen=True)
class Misbehave(Request):
    how: str = ""


@dataclass(frozen=True)
class Said(Reply):
    content: Any = None


class Unreadable:
    def __reduce__(self) -> tuple[object, ...]:
        return _explode, ()


def _explode() -> None:
    raise ValueError("cannot be read back")


@answer.register
def _(request: Echo) -> Said:
    return Said(request.id, request.content)


@answer.register
def _(request: Misbehave) -> Said:
    how = request.how
    if how == "loop":
        while True:
            time.sleep(0.001)
    elif how == "stubborn loop":
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                while True:
                    pass
    elif how == "exit":
        os._exit(3)
    elif how == "crash":
        sys.stderr.write("about to crash\n")
        ctypes.string_at(0)
    elif how == "leave":
        sys.exit(4)
    elif how == "raise":
        print("noise", file=sys.stdout)  # noqa: T201
        raise RuntimeError("no such thing")
    elif how == "print":
        for _ in range(10_000):
            print("noise " * 20)  # noqa: T201
        os.write(1, b"noise from below\n")
    elif how == "unpicklable":
        return Said(request.id, lambda: None)
    elif how == "unreadable":
        return Said(request.id, Unreadable())
    elif how == "sleep":
        time.sleep(0.3)
    elif how == "pid":
        return Said(request.id, os.getpid())
    return Said(request.id, "done")
