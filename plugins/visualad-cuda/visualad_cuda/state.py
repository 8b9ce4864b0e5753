"""Where the numbers lie that change from step to step on the device."""

STEP, COUNT, ALIVE = 0, 1, 2  # of this call; of the optimiser; 0 once a loss was not finite
SIZE = 3
