"""How plugins are found, loaded, checked and shut out when they fail."""
