"""How plugins are found, loaded, checked and shut out when they fail."""

from visualad.plugins.loading import GROUPS, Plugin, load_plugins, user_folder

__all__ = ["GROUPS", "Plugin", "load_plugins", "user_folder"]
