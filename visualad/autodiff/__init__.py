"""Sweeps: evaluate, forward, backward, cross; costs; checks; Jacobian and Hessian."""
