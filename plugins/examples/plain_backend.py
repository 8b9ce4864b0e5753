"""A backend: runs a plan row by row with NumPy, as plainly as it can be said."""

import numpy as np

from visualad import plugin

plugin.require(api=1)


class PlainBackend:
    """Runs plans without any preparation: for reading, not for speed."""

    name = "plain"
    description = "NumPy row by row, for reading"

    def is_available(self):
        """Always."""
        return True

    def load(self, plan, parameters=None):
        """Make a plan ready to run."""
        return PlainExecutable(plan, parameters)


class PlainExecutable:
    """A plan with its memory: four flat arrays, of which every operand is a view."""

    def __init__(self, plan, parameters=None):
        self.plan = plan
        self.regions = {
            plugin.ARENA: np.zeros(plan.sizes[plugin.ARENA], plan.dtype),
            plugin.MASK: np.zeros(plan.sizes[plugin.MASK], bool),
            plugin.PARAMETERS: np.zeros(plan.sizes[plugin.PARAMETERS], plan.dtype),
            plugin.GRADIENTS: np.zeros(plan.sizes[plugin.GRADIENTS], plan.dtype),
        }
        if parameters is not None:
            self.regions[plugin.PARAMETERS] = parameters
        stored = plan.inputs if parameters is not None else {**plan.inputs, **plan.parameters}
        for name, view in stored.items():
            self.memory(view)[...] = plan.initial[name]

    @property
    def parameters(self):
        """All parameters, flat."""
        return self.regions[plugin.PARAMETERS]

    @property
    def gradients(self):
        """The latest gradient, flat."""
        return self.regions[plugin.GRADIENTS]

    def run(self, inputs=None):
        """The outputs by name."""
        self._set(inputs)
        self._compute(self.plan.forward)
        return {name: self.memory(view) for name, view in self.plan.outputs.items()}

    def loss_and_gradient(self, inputs=None):
        """The loss; the gradient is in `gradients` afterwards."""
        if self.plan.loss is None:
            raise plugin.BackendError("This plan has no loss; compile it with `loss`.")
        self._set(inputs)
        self._compute(self.plan.forward)
        self._compute(self.plan.backward)
        return float(self.memory(self.plan.values[self.plan.loss]))

    def gradient(self, name):
        """The gradient with respect to one leaf."""
        return self.memory(self.plan.wrt[name])

    def parameter(self, name):
        """One parameter, writable."""
        return self.memory(self.plan.parameters[name])

    def value(self, name):
        """The value of a node."""
        return self.memory(self.plan.values[name])

    def memory(self, operand):
        """What an operand looks at."""
        if isinstance(operand, plugin.Constant):
            value = np.asarray(operand.value)
            return value if value.dtype == bool else value.astype(self.plan.dtype)
        region = self.regions[operand.region]
        strides = tuple(step * region.itemsize for step in operand.strides)
        return np.lib.stride_tricks.as_strided(region[operand.offset :], operand.shape, strides)

    def _set(self, inputs):
        for name, value in (inputs or {}).items():
            self.memory(self.plan.inputs[name])[...] = value

    def _compute(self, rows):
        with np.errstate(all="ignore"):
            for row in rows:
                self._carry_out(row, [self.memory(operand) for operand in row.inputs])

    def _carry_out(self, row, inputs):
        outputs = [self.memory(view) for view in (row.output, *row.more_outputs)]
        match row.kind:
            case "ufunc":
                results = [row.function(*inputs)]
            case "reduce":
                axis, keepdims = row.options["axis"], row.options["keepdims"]
                axis = tuple(axis) if isinstance(axis, list) else axis
                results = [row.function.reduce(inputs[0], axis=axis, keepdims=keepdims)]
            case "dot":
                results = [np.dot(*inputs)]
            case "matmul":
                results = [np.matmul(*inputs)]
            case "where":
                results = [np.where(*inputs)]
            case "concatenate":
                results = [np.concatenate(inputs, axis=row.options["axis"])]
            case "copy":
                results = inputs
            case _:  # "call": an operation that could not be taken apart
                results = row.function(*inputs)
        for output, result in zip(outputs, results, strict=True):
            output[...] = result


plugin.register_backend(PlainBackend())
