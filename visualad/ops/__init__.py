"""Node types: what each computes, its derivative, its symbol. Knows NumPy only."""
