"""The window: everything that imports Qt, and nothing that computes."""

import builtins
import linecache

from PySide6 import QtCore as _QtCore  # noqa: F401 - it puts its own import in the place of Python's

# PySide's import statement reads the source of every module that is imported after it, and keeps
# it, to find out whether `from __feature__ import snake_case` may concern it. We use no such
# feature: with Python's own statement the window is there sooner by a sixth, and 17 MiB smaller.
if builtins.__import__ is getattr(builtins, "__feature_import__", None):
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
    linecache.clearcache()
