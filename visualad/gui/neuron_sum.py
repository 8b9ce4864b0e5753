"""The sum of one neuron written out: in letters, and with the numbers of one sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visualad.gui.canvas.network_parts import Bias, Neuron, Weight
from visualad.gui.network_watch import NetworkWatch
from visualad.ops.writing import number_pretty

MOST_TERMS = 6
_DIGITS = 3


@dataclass(frozen=True)
class NeuronSum:
    """What a neuron computes.

    Attributes:
        name: of the neuron; place: `neuron 2 of 4, layer h₁`.
        letters: `a₂ = σ(w₂₁ x₁ + w₂₂ x₂ + b₂)`.
        numbers: `= σ(0.62·1.5 − 0.8·0.3 + 0.1)`, "" where not every factor is known.
        result: `= σ(0.79) = 0.688`, "" likewise.
    """

    name: str
    place: str
    letters: str
    numbers: str = ""
    result: str = ""


def neuron_sum(watch: NetworkWatch, neuron: Neuron) -> NeuronSum | None:
    """The sum of a neuron for the sample that is chosen; None without a network."""
    chain, names = watch.chain, watch.names
    if chain is None or names is None:
        return None
    name = names.neuron_in_layer(neuron)
    answer = _answer(watch, neuron)
    if neuron.column == 0:
        shown = "" if answer is None else f"= {_number(answer)}"
        place = f"input {neuron.index + 1} of {chain.sizes[0]}"
        return NeuronSum(name, place, name, result=shown)
    stage = chain.stages[neuron.column - 1]
    place = f"neuron {neuron.index + 1} of {stage.outputs} in layer {neuron.column}"
    symbol = names.function(neuron.column)
    first, count = watch.windows[neuron.column - 1]
    shown_inputs = range(first, first + min(count, MOST_TERMS))
    more = stage.inputs - len(shown_inputs)
    dots = " + …" if more else ""
    bias = Bias(neuron.column - 1, neuron.index)
    weights = [Weight(neuron.column - 1, neuron.index, i) for i in shown_inputs]
    sources = [Neuron(neuron.column - 1, i) for i in shown_inputs]
    letters = " + ".join(
        f"{names.scalar(weight)} {names.neuron_in_layer(source)}"
        for weight, source in zip(weights, sources, strict=True)
    )
    letters = f"{name} = {_applied(symbol, f'{letters}{dots} + {names.scalar(bias)}')}"
    pairs = [(watch.value(w), _answer(watch, s)) for w, s in zip(weights, sources, strict=True)]
    own = watch.value(bias)
    if answer is None or own is None or any(None in pair for pair in pairs):
        return NeuronSum(name, place, letters)
    numbers = "".join(
        _signed(f"{_number(abs(w))}·{_factor(x)}", negative=w < 0, first=i == 0)
        for i, (w, x) in enumerate(pairs)
        if w is not None and x is not None
    )
    numbers += dots + _signed(_number(abs(own)), negative=own < 0, first=False)
    filled = f"= {_applied(symbol, numbers)}"
    total = _sum(watch, neuron)
    between = f"= {_applied(symbol, _number(total))} " if symbol and total is not None else ""
    return NeuronSum(name, place, letters, filled, f"{between}= {_number(answer)}")


def _applied(function: str, text: str) -> str:
    return f"{function}({text})" if function else text


def _signed(text: str, *, negative: bool, first: bool) -> str:
    if first:
        return f"−{text}" if negative else text
    return f" − {text}" if negative else f" + {text}"


def _factor(number: float) -> str:
    return f"({_number(number)})" if number < 0 else _number(number)


def _number(number: float) -> str:
    return number_pretty(number, _DIGITS)


def _answer(watch: NetworkWatch, neuron: Neuron) -> float | None:
    return _of_column(watch, neuron, "answers")


def _sum(watch: NetworkWatch, neuron: Neuron) -> float | None:
    return _of_column(watch, neuron, "sums")


def _of_column(watch: NetworkWatch, neuron: Neuron, what: str) -> float | None:
    if watch.state is None or neuron.column >= len(watch.state.columns):
        return None
    column = watch.state.columns[neuron.column]
    place = neuron.index - column.first
    table = getattr(column, what)
    if not 0 <= place < table.shape[1] or watch.sample >= len(table):
        return None
    found = float(table[watch.sample, place])
    return found if np.isfinite(found) else None
