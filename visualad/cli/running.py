"""From arguments to exit status: one sentence on standard error for whatever goes wrong."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence

from visualad.cli.arguments import COMMANDS, UsageError, build_parser, keep_formulas
from visualad.errors import ParseError, VisualADError

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
PLUGIN_MODULE = "visualad_plugin_"  # how the names of plugins' modules begin


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status. Never raises, never shows a traceback.

    `--debug` shows the traceback after all.
    """
    return safely(lambda: _run(list(arguments)), debug="--debug" in arguments)


def run_supervised(arguments: Sequence[str]) -> int:
    """The same in a child of this process, if plugins may run: one may end its process."""
    from visualad.cli.supervising import supervise

    given = list(arguments)
    word = _first_word(given)
    return supervise(given, word if word in COMMANDS else None, lambda: run(given))


def safely(work: Callable[[], int], *, debug: bool = False) -> int:
    """Do some work and turn whatever goes wrong into one sentence and an exit status."""
    _use_utf8()
    try:
        status = work()
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has had enough (`visualad show ... | head`). The interpreter
        # flushes once more on its way out, so standard output has to lead somewhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt as error:
        _say(f"Interrupted{_in_plugin(error)}.")
        return INTERRUPTED
    except SystemExit as end:
        return _about_exit(end)
    except UsageError as error:
        _say(f"visualad: {error}")
        return USAGE
    except VisualADError as error:
        _trace(debug)
        _say(_sentence(error))
        return FAILED
    except OSError as error:
        _trace(debug)
        _say(_about_file(error))
        return FAILED
    except MemoryError:
        _trace(debug)
        _say("There is not enough memory for this graph.")
        return FAILED
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not end in a traceback
        _trace(debug)
        hint = "" if debug else " Run the same command with --debug for the details."
        reason = _one_line(error)[:200]
        _say(f"VisualAD failed unexpectedly ({type(error).__name__}: {reason}).{hint}")
        return FAILED
    return status


def _run(arguments: list[str]) -> int:
    word = _first_word(arguments)
    if word is None and not {"-h", "--help", "--version"} & set(arguments):
        arguments = ["window", *arguments]
    elif word is not None and word not in COMMANDS:
        arguments = _as_window(arguments, word)
    options = build_parser().parse_args(keep_formulas(arguments))
    if not options.debug:
        # NumPy's warnings repeat what the values say: nan and inf.
        warnings.simplefilter("ignore", RuntimeWarning)
    from visualad.cli.output import release

    module, function = COMMANDS[options.command].target.split(":")
    command = getattr(importlib.import_module(f"visualad.cli.{module}"), function)
    try:
        status = command(options)
    finally:
        release()
    return OK if status is None else int(status)


def _first_word(arguments: list[str]) -> str | None:
    """The first argument that is neither an option nor the value of one."""
    previous = ""
    for argument in arguments:
        if not argument.startswith("-") and previous != "--plugin-path":
            return argument
        previous = argument
    return None


def _as_window(arguments: list[str], word: str) -> list[str]:
    """`visualad FILE` opens the window; any other first word is a mistyped command."""
    if word.endswith(".vad") or os.path.exists(word):  # noqa: PTH110 - pathlib takes 10 ms
        return ["window", *arguments]
    raise UsageError(
        f"'{word}' is neither a command nor a file; the commands are "
        f"{', '.join(name for name, command in COMMANDS.items() if command.help)}."
    )


def _about_exit(end: SystemExit) -> int:
    """Argparse exits after --help and --version; a plugin must not feign success."""
    where = _in_plugin(end)
    if not where:
        return end.code if isinstance(end.code, int) else OK
    _say(f"The program was ended by sys.exit(){where}.")
    return FAILED


def _in_plugin(error: BaseException) -> str:
    """In whose code it came up: " in the plugin 'x' (line 7)"; "" if not in a plugin's."""
    found, trace = "", error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith(PLUGIN_MODULE):
            name = module.removeprefix(PLUGIN_MODULE).partition(".")[0]
            found = f" in the plugin '{name}' (line {trace.tb_lineno})"
        trace = trace.tb_next
    return found


def _sentence(error: VisualADError) -> str:
    if not isinstance(error, ParseError):
        return _one_line(error)
    sentence = f"Line {error.line}, column {error.column}: {' '.join(error.message.split())}"
    # The caret is for eyes; a program that reads the error gets its one line.
    return f"{sentence}\n{error.caret}" if sys.stderr.isatty() and error.source else sentence


def _about_file(error: OSError) -> str:
    from visualad.graph.atomic_write import reason_of

    if error.filename is None:
        return f"{_one_line(error)}."
    name = os.fsdecode(error.filename)
    return f"'{name}': {reason_of(error, name)}."


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def _trace(debug: bool) -> None:
    if debug:
        traceback.print_exc()


def _use_utf8() -> None:
    """Formulas have real subscripts; a console that cannot show them gets a substitute.

    Where there is no console at all (a window started from the desktop, `>&-`), nobody reads.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - as above
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
