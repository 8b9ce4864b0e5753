"""The lesson on universal approximation: bumps that are dragged, their sum, the perceptron."""
