"""Which derivative the command line asks for: the seed and the elimination order of a mode."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from visualad.autodiff.orders import METHODS
from visualad.cli.arguments import UsageError
from visualad.cli.sources import parse_point

DEFAULT_ORDER = "markowitz"


def order_wish(options: argparse.Namespace, default: str = DEFAULT_ORDER) -> str | tuple[str, ...]:
    """What --order says: a method or the names of vertices; the default when it is not given.

    Raises:
        UsageError: if it is given for a mode that has no order.
    """
    if options.order is None:
        return default
    if options.mode not in (None, "cross"):
        raise UsageError("--order belongs to --mode cross.")
    if options.order.strip() in METHODS:
        return str(options.order.strip())
    names = tuple(part.strip() for part in options.order.split(",") if part.strip())
    if not names:
        raise UsageError(f"--order takes {', '.join(METHODS)} or names such as x5,x4.")
    return names


def seed_wish(options: argparse.Namespace) -> str | Mapping[str, Any] | None:
    """What --seed says: a name, "all", or numbers by name; None when it is not given.

    Raises:
        UsageError: if it is given without a mode that has a seed.
    """
    if options.seed is None:
        return None
    if options.mode not in ("forward", "backward"):
        raise UsageError("--seed belongs to --mode forward or --mode backward.")
    text = str(options.seed).strip()
    if "=" in text:
        return parse_point([text], "--seed")
    if not text:
        raise UsageError("--seed takes a name such as x1, or numbers by name such as x1=1,x2=0.5.")
    return text
