"""VisualAD's backend on Numba: one machine, compiled once, that runs any graph.

Importing this imports neither Numba nor SciPy; the backend does so when a plan is loaded.
"""

from visualad_numba.backend import NumbaBackend

__all__ = ["NumbaBackend"]
