"""Files that hold a formula as text: read and written."""

import visualad as va
from visualad import plugin

plugin.require(api=1)


@plugin.importer(".formula", title="Formula as text")
def read(content):
    """The graph of the formula in the file."""
    return va.parse(content.decode("utf-8").strip())


@plugin.exporter(".inputs", title="Inputs and outputs")
def write(graph):
    """The names of the inputs and the outputs, one line each."""
    return f"inputs: {', '.join(graph.inputs)}\noutputs: {', '.join(graph.outputs)}\n"
