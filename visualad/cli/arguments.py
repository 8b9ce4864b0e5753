"""What can be typed: the commands with their arguments. Imports nothing but argparse."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from visualad import __version__

MODES = ("forward", "backward", "cross")
_OPTIONS = ("--", "-o")  # how an option begins, beside -h

DESCRIPTION = """\
Draw computational graphs, watch derivatives travel through them, train them.

visualad [FILE] opens the window. Every other command runs without a display.
"""
EPILOG = """\
FILE|EXPR is a .vad file or a formula in quotes, such as "(x1*x2*sin(x3) + exp(x1*x2)) / x3".
--at takes x1=1.5,x2=pi/2,X=[[1,2],[3,4]] or @point.json. Every command takes --json.
"""


class UsageError(Exception):
    """What was typed is no command; the message says why and what would be."""


@dataclass(frozen=True)
class Command:
    """A command.

    Attributes:
        target: "module:function" in this package, imported when the command runs.
        help: one line for --help; "" hides it there.
        configure: adds the arguments of its own.
    """

    target: str
    help: str
    configure: Callable[[argparse.ArgumentParser], object]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        name = self.prog.removeprefix("visualad ")
        hint = "visualad --help" if name == "visualad" else f"visualad {name} --help"
        message = message.removesuffix(".")
        raise UsageError(f"{message[:1].upper()}{message[1:]}; see {hint}.")


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = _Parser(
        prog="visualad",
        description=DESCRIPTION,
        epilog=EPILOG,
        parents=[_options_of_every_command()],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(command="window", json=False, debug=False, plugin_path=[], safe_mode=False)
    parser.add_argument("--version", action="version", version=f"visualad {__version__}")
    # One for all commands, but not that of the parser itself: `set_defaults` writes into its parts.
    everywhere = _options_of_every_command()
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=_Parser)
    for name, command in COMMANDS.items():
        shown: dict[str, Any] = {"help": command.help} if command.help else {}
        own = commands.add_parser(
            name, parents=[everywhere], description=command.help, allow_abbrev=False, **shown
        )
        own.set_defaults(command=name)
        command.configure(own)
    return parser


def keep_formulas(arguments: Sequence[str]) -> list[str]:
    """Let a formula begin with a minus: argparse takes "-x**2" for an option, " -x**2" not."""
    return [
        f" {word}"
        if word.startswith("-") and not word.startswith(_OPTIONS) and word != "-h"
        else word
        for word in arguments
    ]


def _options_of_every_command() -> _Parser:
    # Suppressed defaults: given before the command's name they must not be reset after it.
    options = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    options.add_argument("--json", action="store_true", help="print one JSON document")
    options.add_argument("--debug", action="store_true", help="show where an error came from")
    options.add_argument(
        "--plugin-path",
        action=_Collect,
        metavar="PATH",
        help="a plugin file or a folder of plugins (may be repeated)",
    )
    options.add_argument("--safe-mode", action="store_true", help="load no plugins")
    return options


class _Collect(argparse.Action):
    """Append to a list, before and after the command's name alike."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, [*getattr(namespace, self.dest, []), values])


# Arguments that several commands share ---------------------------------------------------------


def _graph(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("graph", metavar="FILE|EXPR", help="a .vad file or a formula")


def _graph_at(parser: argparse.ArgumentParser) -> None:
    _graph(parser)
    _at(parser)


def _at(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--at",
        action="append",
        default=[],
        metavar="x1=1.5,x2=pi/2",
        help="values of the inputs, or @point.json; those in the file otherwise",
    )


def _order(parser: argparse.ArgumentParser, default: str = "markowitz") -> None:
    parser.add_argument(
        "--order",
        metavar="ORDER",
        help=f"of cross mode: forward, backward, markowitz, best or x5,x4,...; {default} otherwise",
    )


def _seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed",
        metavar="NAME|all|x1=1,x2=0.5",
        help="with --mode forward an input, a direction or all inputs as columns; with --mode "
        "backward an output or weights over outputs",
    )


# The commands ----------------------------------------------------------------------------------


def _window(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help="a .vad file")


def _grad(parser: argparse.ArgumentParser) -> None:
    _graph_at(parser)
    parser.add_argument("--mode", choices=MODES, default="backward", help="default: backward")
    _order(parser)
    parser.add_argument("--output", metavar="NAME", help="which output, when there are several")
    parser.add_argument(
        "--seed",
        metavar="NAME|all|x1=1,x2=0.5",
        help="forward mode: an input, a direction or all inputs as columns, else each input in "
        "turn; backward mode: an output, or weights over outputs such as y1=1,y2=2",
    )
    parser.add_argument("--steps", action="store_true", help="show every step with its numbers")


def _cost(parser: argparse.ArgumentParser) -> None:
    _graph(parser)
    parser.add_argument(
        "--free-units", action="store_true", help="multiplying by a partial 1 or -1 costs nothing"
    )


def _columns(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--inputs", metavar="A,B", help="input columns of the file; all others")
    parser.add_argument("--target", metavar="C", help="target columns of the file; the last one")
    parser.add_argument(
        "--classes", action="store_true", default=None, help="a target of numbers means classes"
    )
    parser.add_argument(
        "--standardize", action="store_true", default=None, help="inputs to mean 0, deviation 1"
    )
    parser.add_argument(
        "--missing", choices=("refuse", "drop", "mean"), help="values that the file lacks"
    )
    parser.add_argument("--test-fraction", type=_fraction, metavar="F", help="kept for testing")


def _train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("graph", metavar="FILE", help="a .vad file with a network")
    parser.add_argument(
        "--data",
        metavar="NAME|FILE",
        help="circle, spiral, iris, digits, ... or a CSV, NPZ or IDX file",
    )
    _columns(parser)
    parser.add_argument("--epochs", type=_count, metavar="N", help="passes over the data")
    parser.add_argument("--batch-size", type=_count, metavar="N", help="samples in one update")
    parser.add_argument("--learning-rate", type=_positive, metavar="RATE")
    parser.add_argument(
        "--optimizer",
        metavar="NAME",
        help="sgd, adagrad, rmsprop, adam, adamw, lbfgs, gauss_newton, levenberg_marquardt",
    )
    parser.add_argument("--momentum", type=_fraction, metavar="M", help="of sgd, from 0 to 1")
    parser.add_argument("--nesterov", action="store_true", default=None, help="momentum of sgd")
    parser.add_argument("--loss", metavar="NAME", help="such as huber or cross_entropy")
    parser.add_argument(
        "--schedule",
        metavar="NAME[:KEY=VALUE,...]",
        help="constant, step, exponential, cosine, warm_up or one_cycle, as in step:every=20",
    )
    parser.add_argument("--l1", type=_positive, metavar="RATE", help="penalty on |weights|")
    parser.add_argument("--l2", type=_positive, metavar="RATE", help="penalty on weights squared")
    parser.add_argument("--clip-norm", type=_positive, metavar="N", help="longest gradient")
    parser.add_argument("--clip-value", type=_positive, metavar="V", help="largest entry of it")
    parser.add_argument(
        "--patience",
        type=_count,
        metavar="N",
        help="end after so many epochs without a lower loss and restore the best",
    )
    parser.add_argument("--loss-below", type=_number, metavar="LOSS", help="end when it is lower")
    parser.add_argument("--seconds", type=_positive, metavar="S", help="end after so long")
    parser.add_argument(
        "--preset", choices=("playground",), help="learn exactly as TensorFlow Playground"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run that the file holds"
    )
    parser.add_argument(
        "--checkpoint", type=_positive, metavar="S", help="save to -o every so many seconds"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="of data, split and shuffling")
    parser.add_argument("--backend", default="numpy", metavar="NAME", help="see visualad backends")
    parser.add_argument("-o", "--output", metavar="OUT.vad", help="save the trained network")


def _sweep(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("graph", metavar="FILE", help="a .vad file with a network")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=V1,V2",
        help="values to try: hidden=4,8x8 lr=0.01,0.1 optimizer=sgd,adam noise=0,0.2 ..., or of a "
        "constant or variable of the graph (may be repeated)",
    )
    parser.add_argument(
        "--seeds", type=_count, metavar="N", help="runs with each, with the seeds 0 to N-1"
    )
    parser.add_argument(
        "--data", metavar="NAME|FILE", help="circle, iris, ... or a CSV, NPZ or IDX file"
    )
    _columns(parser)
    parser.add_argument("--epochs", type=_count, metavar="N", help="passes over the data")
    parser.add_argument("--backend", default="numpy", metavar="NAME", help="see visualad backends")
    parser.add_argument("--workers", type=_count, metavar="N", help="processes on this machine")
    parser.add_argument(
        "--scheduler", metavar="tcp://HOST:8786", help="of a Dask cluster, instead of processes"
    )
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="RESULTS.csv",
        help="the table of results; runs that it holds already are not done again",
    )
    parser.add_argument("--retry", action="store_true", help="do failed runs of the table again")
    parser.add_argument("--best", metavar="BEST.vad", help="save the network of the best run")


def _convert(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", metavar="IN", help="a .vad file, a formula, or classes written by --style classes"
    )
    parser.add_argument(
        "target",
        metavar="OUT",
        help="ends in .vad .py .tex .dot .svg .png .pdf .html .gif .mp4 .webm .csv or .md",
    )
    _at(parser)
    parser.add_argument(
        "--what",
        choices=("graph", "trace", "sweep"),
        help="the picture, the trace table or all steps; the ending decides otherwise",
    )
    parser.add_argument("--mode", choices=MODES, help="which derivative is shown")
    _seed(parser)
    _order(parser)
    parser.add_argument(
        "--step", type=_count_or_zero, metavar="N", help="a picture at this step, from 1"
    )
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="of a picture")
    parser.add_argument(
        "--to",
        choices=("torch-ddp",),
        help="OUT is a folder for a PyTorch program that trains on many processes",
    )
    parser.add_argument(
        "--style",
        choices=("functions", "classes"),
        help="of a .py file; a perceptron with data is written as classes otherwise",
    )
    parser.add_argument(
        "--with-answers",
        action="store_true",
        help="of an exercise too: without it pictures have question marks, and what would tell the "
        "answers is refused",
    )


def _screenshot(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE|EXPR", help="a .vad file or a formula")
    parser.add_argument("out", metavar="OUT.png")
    _at(parser)
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--size", type=_size, default=(1440, 900), metavar="1440x900")
    parser.add_argument("--mode", choices=MODES, help="show this mode's sweep")
    _seed(parser)
    _order(parser, default="backward, as in the window,")
    parser.add_argument("--step", type=_count_or_zero, metavar="N", help="at this step, from 1")
    parser.add_argument("--epochs", type=_count, default=0, metavar="N", help="train first")
    parser.add_argument("--neurons", action="store_true", help="a network neuron by neuron")
    parser.add_argument(
        "--scale", type=_positive, default=1.0, metavar="S", help="pixels for each unit of size"
    )


def _grade(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "submissions", nargs="+", metavar="SUBMISSION", help="students' .vad files, or folders"
    )
    parser.add_argument("--key", required=True, metavar="KEY.vad", help="the teacher's exercise")
    parser.add_argument("-o", "--output", metavar="REPORT.csv", help="write a table for everyone")


def _plugins(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "new", "check", "enable", "disable"),
        default="list",
        help="default: list",
    )
    parser.add_argument(
        "subject", nargs="?", metavar="NAME|FILE", help="of a new plugin; the file to test"
    )


def _nothing(parser: argparse.ArgumentParser) -> None:
    """Take no arguments of its own."""


COMMANDS = {
    "show": Command("inspecting:show", "nodes, edges, inputs and outputs as tables", _graph_at),
    "eval": Command("inspecting:evaluate", "the value of every node", _graph_at),
    "grad": Command("deriving:grad", "the gradient, in any of the three modes", _grad),
    "cost": Command("deriving:cost", "multiplications and additions of every mode", _cost),
    "check": Command("deriving:check", "the derivatives against numerical ones", _graph_at),
    "train": Command("training:train", "train a network and watch its loss", _train),
    "sweep": Command("sweeping:sweep", "train with many settings and compare", _sweep),
    "convert": Command("files:convert", "write a graph in another format", _convert),
    "screenshot": Command("files:screenshot", "the window as a picture, offscreen", _screenshot),
    "grade": Command("grading:run", "students' answers against the teacher's key", _grade),
    "plugins": Command("plugins:plugins", "list, write and test plugins", _plugins),
    "backends": Command("machine:backends", "what can compute here", _nothing),
    "doctor": Command("machine:doctor", "what this installation has and lacks", _nothing),
    "window": Command("files:window", "", _window),
}


# Reading the arguments -------------------------------------------------------------------------


def _count(text: str) -> int:
    number = _count_or_zero(text)
    if number == 0:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _count_or_zero(text: str) -> int:
    text = text.strip()  # see `keep_formulas`
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 0 on")
    return int(text)


def _positive(text: str) -> float:
    number = _number(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"'{text}' must be greater than 0")
    return number


def _fraction(text: str) -> float:
    number = _number(text)
    if not 0 <= number < 1:
        raise argparse.ArgumentTypeError(f"'{text}' must be at least 0 and less than 1")
    return number


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None


def _size(text: str) -> tuple[int, int]:
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"'{text}' is not WIDTHxHEIGHT, such as 1440x900")
    size = int(width), int(height)
    if not all(100 <= side <= 10_000 for side in size):
        raise argparse.ArgumentTypeError(f"'{text}' is not between 100x100 and 10000x10000")
    return size
