"""Data sets, optimisers, the training loop, metrics."""
