"""The classes of an exported perceptron, as they stand in the file."""

from __future__ import annotations

LINEAR_CLASS = '''\
class Linear:
    """A linear layer h = X Wᵀ + b. X: (N, in), W: (out, in), b: (out,), h: (N, out)."""

    def __init__(self, W, b):
        self.W = W
        self.b = b

    def forward(self, X):
        self.X = X  # backward needs it
        return X @ self.W.T + self.b

    def backward(self, dh):
        """From the adjoint of h to that of X; those of W and b are kept in dW and db."""
        self.dW = dh.T @ self.X  # one outer product for each sample, added up
        self.db = dh.sum(axis=0)  # b was added to every row
        return dh @ self.W

    def parameters(self):
        """Each parameter with its derivative."""
        return [(self.W, self.dW), (self.b, self.db)]'''

_SIGMOID = '''\
class Activation:
    """The sigmoid of every element, a = 1 / (1 + e^(-h)), without overflow for large |h|."""

    def forward(self, h):
        e = np.exp(-np.abs(h))
        self.a = np.where(h >= 0, 1 / (1 + e), e / (1 + e))
        return self.a

    def backward(self, da):
        """From the adjoint of a to that of h: times the local derivative a (1 - a)."""
        return da * self.a * (1 - self.a)'''

_TANH = '''\
class Activation:
    """The hyperbolic tangent of every element, a = tanh(h)."""

    def forward(self, h):
        self.a = np.tanh(h)
        return self.a

    def backward(self, da):
        """From the adjoint of a to that of h: times the local derivative 1 - a²."""
        return da * (1 - self.a**2)'''

_RELU = '''\
class Activation:
    """The rectifier of every element, a = max(h, 0)."""

    def forward(self, h):
        self.h = h
        return np.maximum(h, 0)

    def backward(self, da):
        """From the adjoint of a to that of h: times the local derivative, 1 or 0."""
        return da * (self.h > 0)'''

ACTIVATIONS = {"sigmoid": _SIGMOID, "tanh": _TANH, "relu": _RELU}

_MEAN_SQUARED_ERROR = '''\
class Loss:
    """The squared error L = Σ (o - y)² / N. o: outputs (N, k), y: targets (N, k)."""

    def forward(self, o, y):
        self.difference = o - y.reshape(o.shape)
        return np.sum(self.difference**2) / len(o)

    def backward(self):
        """The adjoint of o; that of L itself is 1."""
        return 2 * self.difference / len(self.difference)'''

_BINARY_CROSS_ENTROPY = '''\
class Loss:
    """The cross entropy of logits o and targets y from 0 to 1: Σ (log(1 + e^o) - o y) / N."""

    def forward(self, o, y):
        self.o, self.y = o, y.reshape(o.shape)
        # log(1 + e^o) = max(o, 0) + log(1 + e^-|o|), which does not overflow
        softplus = np.maximum(o, 0) + np.log1p(np.exp(-np.abs(o)))
        return np.sum(softplus - o * self.y) / len(o)

    def backward(self):
        """The adjoint of o, (sigmoid(o) - y) / N; that of L itself is 1."""
        e = np.exp(-np.abs(self.o))
        sigmoid = np.where(self.o >= 0, 1 / (1 + e), e / (1 + e))
        return (sigmoid - self.y) / len(self.o)'''

_CROSS_ENTROPY = '''\
class Loss:
    """The cross entropy of logits o, (N, C), with classes y: -Σ y log softmax(o) / N.

    y is one row of C numbers for each sample, or the index of its class.
    """

    def forward(self, o, y):
        self.y = y if y.shape == o.shape else 1.0 * (y.reshape(-1, 1) == np.arange(o.shape[1]))
        shifted = o - o.max(axis=1, keepdims=True)  # e^shifted does not overflow
        logarithm = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        self.probabilities = np.exp(logarithm)
        return -np.sum(self.y * logarithm) / len(o)

    def backward(self):
        """The adjoint of o, (softmax(o) - y) / N where y adds up to 1; that of L itself is 1."""
        total = self.y.sum(axis=1, keepdims=True)
        return (self.probabilities * total - self.y) / len(self.y)'''

LOSSES = {
    "mean_squared_error": _MEAN_SQUARED_ERROR,
    "binary_cross_entropy": _BINARY_CROSS_ENTROPY,
    "cross_entropy": _CROSS_ENTROPY,
}

NETWORK_CLASS = '''\
class Network:
    """Layers one after the other, and the loss."""

    def __init__(self, layers, loss):
        self.layers = layers
        self.loss = loss

    def forward(self, X):
        """The outputs o, (N, k), for inputs X, (N, d)."""
        for layer in self.layers:
            X = layer.forward(X)
        return X

    def backward(self):
        """All derivatives of the loss, from the last layer to the first."""
        adjoint = self.loss.backward()
        for layer in reversed(self.layers):
            adjoint = layer.backward(adjoint)
        return adjoint

    def parameters(self):
        """Each parameter with its derivative."""
        linear = [layer for layer in self.layers if isinstance(layer, Linear)]
        return [pair for layer in linear for pair in layer.parameters()]'''

_SGD = '''\
class Optimizer:
    """Gradient descent, p ← p - rate v with v ← momentum v + g."""

    def __init__(self, learning_rate=0.1, momentum=0.0, nesterov=False):
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.nesterov = nesterov
        self.velocities = {}

    def step(self, parameters):
        """Change each parameter in place."""
        for i, (p, g) in enumerate(parameters):
            v = self.momentum * self.velocities.get(i, 0.0) + g
            self.velocities[i] = v
            p -= self.learning_rate * (g + self.momentum * v if self.nesterov else v)'''

_ADAM = '''\
class Optimizer:
    """Adam, p ← p - rate m / √v with m the mean of the gradients, v that of their squares."""

    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.learning_rate = learning_rate
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.means, self.squares = {}, {}
        self.count = 0

    def step(self, parameters):
        """Change each parameter in place."""
        self.count += 1
        for i, (p, g) in enumerate(parameters):
            m = self.beta1 * self.means.get(i, 0.0) + (1 - self.beta1) * g
            v = self.beta2 * self.squares.get(i, 0.0) + (1 - self.beta2) * g**2
            self.means[i], self.squares[i] = m, v
            # both begin at 0, which these quotients make up for
            m = m / (1 - self.beta1**self.count)
            v = v / (1 - self.beta2**self.count)
            p -= self.learning_rate * m / (np.sqrt(v) + self.epsilon)'''

OPTIMIZERS = {"SGD": _SGD, "Adam": _ADAM}

TRAINING = '''\
def losses(network):
    """The loss over all training and all test samples; nan where there are none."""
    found = []
    for X, Y in ((X_train, Y_train), (X_test, Y_test)):
        found.append(float(network.loss.forward(network.forward(X), Y)) if len(X) else np.nan)
    return found


def train(network, optimizer, epochs, batch_size, seed=0, show=print):
    """Train and give back the losses (train, test) after each epoch, first those before any."""
    history = [losses(network)]
    for epoch in range(epochs + 1):
        if epoch:
            random = np.random.default_rng([seed, 1, epoch - 1])
            order = random.permutation(len(X_train))  # another order in each epoch
            for start in range(0, len(order), batch_size):
                rows = order[start : start + batch_size]
                o = network.forward(X_train[rows])
                network.loss.forward(o, Y_train[rows])
                network.backward()
                optimizer.step(network.parameters())
            history.append(losses(network))
        if epoch % max(1, epochs // 20) == 0 or epoch == epochs:
            show(f"epoch {epoch}: train {history[-1][0]!r} test {history[-1][1]!r}")
    return history
'''
