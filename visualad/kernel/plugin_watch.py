"""Which plugin a kernel process is loading, and which ones the next process must leave out.

The window's side of it: a process that dies says nothing any more, so what it said before counts.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from visualad.kernel.plugin_messages import PluginsChanged, Start
from visualad.kernel.protocol import load_reply

LOAD_PATIENCE = 20.0  # seconds that one plugin may take to load


@dataclass(frozen=True)
class Load:
    """A plugin that is being loaded: its key, name and source, and when patience ends."""

    key: str
    name: str
    fingerprint: str
    until: float

    @property
    def is_too_long(self) -> bool:
        """Whether patience has ended."""
        return time.monotonic() >= self.until

    @property
    def too_long(self) -> str:
        """What is said then."""
        return (
            f"The plugin '{self.name}' had not finished loading after {LOAD_PATIENCE:g} s, so it "
            "was shut out; save it anew or reload it to try again."
        )


class PluginWatch:
    """What the kernel has said of its plugins.

    Attributes:
        start: what the next process is told.
        loading: the plugin that is being loaded, or None.
    """

    def __init__(self, start: Start) -> None:
        self.start = start
        self.loading: Load | None = None
        self._names: dict[str, str] = {}  # of the plugins that are files, by their paths

    def begins(self, key: str, content: bytes) -> str:
        """The kernel begins to load a plugin; its name."""
        name, fingerprint = load_reply(content)
        self.loading = Load(key, name, fingerprint, time.monotonic() + LOAD_PATIENCE)
        return self.loading.name

    def ends(self) -> None:
        """It has come to an end, well or not: nothing speaks against doing it again."""
        loading, self.loading = self.loading, None
        if loading is not None and loading.key in self.start.shut_out:
            left = {k: v for k, v in self.start.shut_out.items() if k != loading.key}
            self.start = replace(self.start, shut_out=left)

    def hears(self, reply: PluginsChanged) -> None:
        """The window is told of these plugins."""
        known = reply.inventory.plugins
        self.start = replace(self.start, told=bool(known))
        self._names = {p.origin: p.name for p in known if p.is_file}

    def dies(self, detail: str) -> bool:
        """The process has ended; whether it did so while it loaded a plugin, which is shut out."""
        loading, self.loading = self.loading, None
        if loading is None:
            return False
        sentence = loading.too_long
        if not loading.is_too_long:
            how = detail.splitlines()[0].removeprefix("The kernel process ended with ")
            sentence = (
                f"The plugin '{loading.name}' was shut out because it ended the kernel process "
                f"while it was loading, or did not stop when asked to ({how.removesuffix('.')}); "
                "save it anew or reload it to try again."
            )
        known = {**self.start.shut_out, loading.key: (loading.fingerprint, sentence)}
        self.start = replace(self.start, shut_out=known)
        return True

    def culprit(self, detail: str) -> str:
        """In whose code the process died, where its last words tell: " in the plugin 'x'"."""
        found = [name for path, name in self._names.items() if f'File "{path}"' in detail]
        return f" in the plugin '{found[0]}'" if found else ""
