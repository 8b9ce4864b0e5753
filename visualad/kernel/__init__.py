"""The process beside the window that runs requests: evaluate, sweep, train, stop."""
