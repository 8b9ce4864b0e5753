"""Plugins on the command line: loaded for every command; listed, written and tested by `plugins`.

Other commands load plugins into their own process, a child that is looked after (`supervising`),
and say in a sentence what could not be loaded. `plugins` asks a kernel process, so that no plugin
can end it or keep it for ever.
"""

from __future__ import annotations

import argparse
import contextlib
import select
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from visualad.cli.arguments import UsageError
from visualad.cli.output import print_json, print_line, print_table, reserve
from visualad.cli.supervising import note_loaded, note_loading
from visualad.errors import FileError, PluginError, VisualADError
from visualad.plugins import Plugin, load_plugins, user_folder
from visualad.plugins.places import is_safe_mode

if TYPE_CHECKING:
    from visualad.kernel.client import KernelClient
    from visualad.kernel.messages import Reply
    from visualad.kernel.plugin_messages import Start
    from visualad.ops.findings import Finding
    from visualad.plugins.records import Inventory

CHECK_PATIENCE = 60.0  # seconds that the tests of a plugin may take


def load_for(options: argparse.Namespace, *, quiet: bool = False) -> tuple[Plugin, ...]:
    """Load the plugins of this command into this process; what became of each.

    What a plugin prints, now or later, goes to standard error. Unless `quiet`, so does a sentence
    for each that could not be loaded, once.
    """
    if options.safe_mode:
        return ()
    with contextlib.redirect_stdout(sys.stderr):
        found = load_plugins(
            options.plugin_path,
            before=lambda one: note_loading(one.name, str(one.path or "")),
            after=note_loaded,
        )
    if found:
        reserve()
    if any(plugin.is_file for plugin in found):
        from visualad.kernel.memory import limit_memory

        limit_memory()
    if not quiet and not getattr(options, "plugins_told", False):
        options.plugins_told = True
        for plugin in found:
            if plugin.error:
                sys.stderr.write(plugin.error + "\n")
    return found


def start_of(options: argparse.Namespace) -> Start:
    """The same for a kernel process."""
    from visualad.kernel.plugin_messages import Start

    return Start(tuple(options.plugin_path), options.safe_mode)


def plugins(options: argparse.Namespace) -> int:
    """Carry out `plugins list`, `new NAME`, `check FILE`, `enable` and `disable`."""
    action, subject = options.action, options.subject
    if action == "list":
        if subject:
            raise UsageError(f"'plugins list' takes no '{subject}'; see visualad plugins --help.")
        return _list(options)
    if not subject:
        wanted = {"new": "NAME", "check": "FILE"}.get(action, "NAME or FILE")
        raise UsageError(f"'plugins {action}' needs a {wanted}; see visualad plugins --help.")
    if action == "new":
        return _new(options, subject)
    if action == "check":
        return _check(options, subject)
    return _switch(options, subject, off=action == "disable")


def _list(options: argparse.Namespace) -> int:
    found = _inventory(options)
    safe = options.safe_mode or is_safe_mode()
    if options.json:
        listed = [
            {
                "name": plugin.name,
                "kind": plugin.kind,
                "origin": plugin.origin,
                "version": plugin.version,
                "status": plugin.status,
                "provides": list(plugin.provides),
                "error": plugin.error,
            }
            for plugin in found
        ]
        print_json({"plugins": listed, "folder": str(user_folder()), "safe_mode": safe})
        return 0
    if found:
        print_table(
            "Plugins",
            ("name", "kind", "from", "version", "status", "provides"),
            (
                (p.name, p.kind, p.origin, p.version, p.error or p.status, ", ".join(p.provides))
                for p in found
            ),
        )
    else:
        print_line("Safe mode: no plugin is loaded." if safe else "No plugins are installed.")
    print_line(f"Python files in {user_folder()} are loaded as plugins.")
    return 0


def _new(options: argparse.Namespace, name: str) -> int:
    from visualad.plugins.template import new_plugin, node_type_of

    places = [Path(path) for path in options.plugin_path]
    folder = next((place for place in places if place.is_dir()), user_folder())
    path = new_plugin(name, folder)
    if options.json:
        print_json({"wrote": str(path)})
    else:
        called = node_type_of(name)
        taken = f" VisualAD has '{name}', so its node type is {called}." if called != name else ""
        print_line(f"Wrote {path}.{taken}")
        print_line(f"Change it in an editor, then: visualad plugins check {path}")
    return 0


def _switch(options: argparse.Namespace, subject: str, *, off: bool) -> int:
    from visualad.plugins.choices import set_disabled
    from visualad.plugins.places import find_plugins

    path = Path(subject)
    names = {str(path.resolve()), subject}
    found = [one for one in find_plugins(options.plugin_path) if {one.origin, one.name} & names]
    if not found:
        raise PluginError(f"There is no plugin '{subject}'; visualad plugins lists them.")
    for one in found:
        set_disabled(one.origin, off)
    if options.json:
        changed = [one.origin for one in found]
        print_json({"disabled" if off else "enabled": changed})
    else:
        print_line(f"{subject} is {'off' if off else 'on'}.")
    return 0


# Testing one ------------------------------------------------------------------------------------


def _check(options: argparse.Namespace, subject: str) -> int:
    path = Path(subject)
    if not path.exists():
        raise FileError(f"There is no file '{subject}' to test.")
    origin = str(path.resolve())
    with _Asked(options, path) as kernel:
        plugin = next((p for p in kernel.inventory.plugins if p.origin == origin), None)
        if plugin is None:
            raise PluginError(f"'{subject}' is no plugin: a Python file or a package is.")
        if plugin.error:
            if options.json:
                print_json({"ok": False, "error": plugin.error, "node_types": {}})
            raise PluginError(plugin.error)
        findings = kernel.check(origin)
    ok = all(f.passed is not False for found in findings.values() for f in found)
    if options.json:
        print_json(
            {
                "ok": ok,
                "error": "",
                "provides": list(plugin.provides),
                "node_types": {
                    name: [
                        {"test": f.test, "passed": f.passed, "sentence": f.sentence} for f in found
                    ]
                    for name, found in findings.items()
                },
            }
        )
    else:
        _print_findings(plugin, findings)
    return 0 if ok else 1


def _print_findings(plugin: Plugin, findings: dict[str, tuple[Finding, ...]]) -> None:
    words = {True: "passed", False: "FAILED", None: "-"}
    for name, found in findings.items():
        rows = [(f.test, words[f.passed], f.sentence) for f in found]
        print_table(name, ("test", "outcome", ""), rows)
        wrong = sum(f.passed is False for f in found)
        print_line(f"{name}: {f'{wrong} failed' if wrong else 'all is well'}.")
    others = [name for name in plugin.provides if name not in findings]
    if others:
        print_line(f"Loaded, without tests of their own: {', '.join(others)}.")
    if not plugin.provides:
        print_line("It was loaded, but registers nothing.")


class _Asked:
    """A kernel process with the plugins of this command, for as long as the block lasts."""

    def __init__(self, options: argparse.Namespace, path: Path | None = None) -> None:
        from visualad.kernel.client import KernelClient
        from visualad.kernel.plugin_messages import Start

        paths = (*options.plugin_path, *([str(path)] if path is not None else ()))
        self._client: KernelClient = KernelClient(
            Start(paths, options.safe_mode and path is None, told=True), spare=False
        )
        self._replies: list[Reply] = []

    def __enter__(self) -> _Asked:
        self._client.start()
        self.inventory: Inventory = self._wait_for_inventory()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def check(self, origin: str) -> dict[str, tuple[Finding, ...]]:
        """Test a plugin.

        Raises:
            VisualADError: if the tests do not come to their end.
        """
        from visualad.kernel.messages import Failed
        from visualad.kernel.plugin_messages import CheckPlugin, PluginChecked

        id_ = self._client.send(CheckPlugin(origin))
        deadline = time.monotonic() + CHECK_PATIENCE
        while True:
            for reply in self._poll(deadline):
                if reply.id == id_ and isinstance(reply, PluginChecked):
                    return dict(reply.findings)
                if reply.id == id_ and isinstance(reply, Failed):
                    raise PluginError(f"The tests did not come to their end. {reply.message}")
            if time.monotonic() >= deadline:
                raise PluginError(
                    f"The tests did not come to their end within {CHECK_PATIENCE:g} s; does a "
                    "function of the plugin loop for ever?"
                )

    def _wait_for_inventory(self) -> Inventory:
        from visualad.kernel.messages import Failed
        from visualad.kernel.plugin_messages import PluginsChanged, UpdatePlugins

        id_ = self._client.send(UpdatePlugins())  # tells when there is no kernel at all
        while True:
            for reply in self._poll(None):
                if isinstance(reply, PluginsChanged):
                    return reply.inventory
                if reply.id == id_ and isinstance(reply, Failed):
                    raise VisualADError(reply.message)

    def _poll(self, deadline: float | None) -> list[Reply]:
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        select.select([self._client.fileno()], [], [], left)
        return self._client.poll()


def _inventory(options: argparse.Namespace) -> tuple[Plugin, ...]:
    with _Asked(options) as kernel:
        return kernel.inventory.plugins
