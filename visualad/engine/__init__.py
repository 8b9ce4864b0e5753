"""Plans, buffers and the backend interface; the NumPy backend."""
