"""How plugins are found, loaded, checked and shut out when they fail."""

from visualad.plugins.loading import load_plugins
from visualad.plugins.places import user_folder
from visualad.plugins.records import GROUPS, Plugin

__all__ = ["GROUPS", "Plugin", "load_plugins", "user_folder"]
