"""Mish as a formula over known node types: nothing but the formula is needed."""

from visualad import plugin

plugin.require(api=1)

plugin.composite(
    "mish",
    "x * tanh(softplus(x))",
    symbol="mish",
    category="Activations",
    doc="Mish x·tanh(softplus(x)), a smooth activation (Misra 2019).",
)
