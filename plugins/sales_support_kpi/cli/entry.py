"""`main()`: run a command and turn whatever happens into an exit code and one clear sentence."""

import os
import sys
import traceback
from collections.abc import Sequence

from sales_support_kpi.errors import ConfigError, SalesSupportKpiError

INTERRUPTED = 130
READER_GONE = 141  # what a shell reports of a filter whose reader went away


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `kpi` with these arguments (the process' own by default) and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    is_debug, given = _take_debug(given)
    _tolerate_any_terminal()
    try:
        return _run(given)
    except SalesSupportKpiError as error:
        _explain(error, is_debug=is_debug)
        return error.exit_code
    except BrokenPipeError:
        _silence_stdout()
        return READER_GONE
    except KeyboardInterrupt:
        _say("interrupted; nothing that was published has changed")
        return INTERRUPTED
    except Exception as error:
        if is_debug:
            traceback.print_exc()
        summary = (str(error).strip() or "no message").splitlines()[0]
        _say(f"unexpected {type(error).__name__}: {summary}")
        if not is_debug:
            _say("run the same command with --debug to see where", label="")
        return 1


def _run(arguments: list[str]) -> int:
    """Let typer parse and run; its own usage errors end with exit code 2."""
    from typer.main import get_command

    from sales_support_kpi.cli.app import app

    try:
        get_command(app).main(arguments, prog_name="kpi", standalone_mode=True)
    except SystemExit as end:
        sys.stdout.flush()
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _take_debug(arguments: list[str]) -> tuple[bool, list[str]]:
    """`--debug` is understood before and after the command's name."""
    if "--debug" not in arguments:
        return False, arguments
    return True, [argument for argument in arguments if argument != "--debug"]


def _explain(error: SalesSupportKpiError, *, is_debug: bool) -> None:
    if is_debug:
        traceback.print_exc()
    if isinstance(error, ConfigError) and len(error.problems) > 1:
        _say(f"the configuration cannot be used, {len(error.problems)} problems:")
        for problem in error.problems:
            _say(f"  - {problem}", label="")
    else:
        _say(str(error))


def _say(message: str, label: str = "Error: ") -> None:
    if label and sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
        label = f"\x1b[1;31m{label}\x1b[0m"
    print(f"{label}{message}", file=sys.stderr)  # noqa: T201


def _tolerate_any_terminal() -> None:
    """A console that cannot show a character shows a question mark instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _silence_stdout() -> None:
    """Nobody reads any more: let the interpreter's last flush go nowhere."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = None
