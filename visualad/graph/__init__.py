"""The graph as a value: nodes, edges, edits, checks, the formula parser, the .vad file."""
