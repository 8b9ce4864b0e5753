"""Draw computational graphs, watch derivatives travel through them, train them."""

__version__ = "0.1.0"
