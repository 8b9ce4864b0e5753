"""The drawing of the graph and the gestures that edit it."""
