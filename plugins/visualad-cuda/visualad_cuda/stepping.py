"""The kernels of a training step beside its rows: fetch a batch, take note of the loss, update.

What changes from step to step lies on the device (`STATE`), so that the launches of a step are the
same every time and can be recorded once.
"""

from __future__ import annotations

import math

from numba import cuda

from visualad_cuda import updates
from visualad_cuda.state import ALIVE, COUNT, STEP

scale = cuda.jit(device=True)(updates.scale)
descend = cuda.jit(device=True)(updates.descend)
adapt = cuda.jit(device=True)(updates.adapt)
gather = cuda.jit(device=True)(updates.gather)
divide_by_root = cuda.jit(device=True)(updates.divide_by_root)


@cuda.jit
def fetch(samples, width, order, batch, state, out):
    """Copy the rows of this step's batch, one thread for each number.

    Args:
        samples: all of them, flat; each has `width` numbers.
        order: the numbers of the samples, `batch` of them for each step.
        out: flat, batch times width.
    """
    i = cuda.grid(1)
    if i < out.size:
        sample = order[state[STEP] * batch + i // width]
        out[i] = samples[sample * width + i % width]


@cuda.jit
def note(loss, losses, rule, numbers, scales, state):
    """Keep the loss, count the step, and stop all updates from the first loss that is not finite.

    One thread.
    """
    found = loss[0]
    losses[state[STEP]] = found
    state[STEP] += 1
    if not math.isfinite(found):
        state[ALIVE] = 0
    if state[ALIVE] != 0:
        state[COUNT] += 1
        scale(rule, numbers, state[COUNT], scales)


@cuda.jit
def update(rule, numbers, scales, parameters, gradients, first, second, third, state):
    """The optimiser's rule, one thread for each parameter.

    Args:
        first, second, third: what the optimiser remembers, as far as it does.
    """
    i = cuda.grid(1)
    if i >= parameters.size or state[ALIVE] == 0:
        return
    if rule <= updates.NESTEROV:
        descend(i, rule, numbers, scales, parameters, gradients, first)
    elif rule <= updates.ADAMW:
        adapt(i, rule, numbers, scales, parameters, gradients, first, second)
    elif rule == updates.ADAGRAD:
        gather(i, numbers, scales, parameters, gradients, first)
    else:
        divide_by_root(i, rule, numbers, scales, parameters, gradients, first, second, third)
