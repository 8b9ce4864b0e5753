"""The kernel runs in Numba's simulator here: no GPU is needed, and none is used."""

import os

os.environ["NUMBA_ENABLE_CUDASIM"] = "1"
