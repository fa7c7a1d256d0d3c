"""The command line: parse, call one function, exit. Commands are imported when they are called."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from readiness import __version__
from readiness.model.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "scan": "Read the estate, judge it, write the reports: the main job.",
    "collect": "Read only: save evidence, judge nothing.",
    "assess": "Judge saved evidence: no network, no sign-in.",
    "redact": "Put aliases in place of names in saved evidence.",
    "checks": "List the checks.",
    "explain": "One check in full: why, what is read, how it is mended.",
    "permissions": "What a scan reads, and the least rights for it.",
    "plan": "The ordered steps to ready, by person, from a report.",
    "attest": "Write down in readiness.toml what a person saw.",
    "attach": "Send a report to an existing change ticket.",
    "history": "Earlier runs: what they came to, trends, missed nights.",
    "diff": "What changed between two runs.",
    "notify": "Who is told of changes; try the way to them.",
    "verify": "Is this evidence or report what the tool wrote?",
    "keygen": "Make a key to sign evidence and reports with.",
    "plugins": "List what other packages add.",
    "init": "Write a commented readiness.toml.",
    "schedule": "A scan every day: print or install the job.",
    "lab": "Serve the simulated estate until stopped.",
}
"""The commands and what they do. Each is in the module of this package that has its name."""
_ASKS_FOR_HELP = frozenset(("-h", "--help", "--version"))


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"readiness.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean '{near[0]}'?" if near else f" There are: {', '.join(COMMANDS)}."
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Verifies, before a roll-out, that Intune can deploy EDR policy to devices that Configuration Manager manages."
    "\n\nTry it on the simulated estate:  readiness scan --demo",
)
@click.version_option(__version__, prog_name="readiness", message="%(prog)s %(version)s")
def cli() -> None: ...


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit. The only place that turns errors into exit codes."""
    code = run(arguments)
    if code == ExitCode.INTERRUPTED:  # where it came in exec(), 'python -m' ends by SIGINT, whatever it is told
        os._exit(code)
    raise SystemExit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code."""
    from readiness.cli.output import prepare
    from readiness.stopping import on_sigterm

    arguments = list(sys.argv[1:] if arguments is None else arguments)
    prepare()
    try:
        with on_sigterm():  # as Ctrl-C, where a command says nothing else
            result = cli.main(args=arguments, prog_name="readiness", standalone_mode=False)
        return result if isinstance(result, int) else ExitCode.OK
    except click.exceptions.Exit as error:
        return error.exit_code
    except SystemExit as error:
        return _cut_off(error, arguments)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return _said(ExitCode.INTERRUPTED, "interrupted")
    except click.ClickException as error:
        return _misused(error)
    except OSError as error:
        return _failed(_of_output(error) or error, debug="--debug" in arguments)
    except Exception as error:
        return _failed(error, debug="--debug" in arguments)


def _cut_off(error: SystemExit, arguments: Sequence[str]) -> int:
    """Click ends the program by 1, and says nothing, where the reader of its help has left: who left was helped."""
    if error.code == 1 and _ASKS_FOR_HELP.intersection(arguments):
        return ExitCode.OK
    raise error


def _misused(error: click.ClickException) -> int:
    import io

    from readiness.cli.output import say

    words = io.StringIO()  # it repeats what was typed, which the terminal may not be able to show
    error.show(words)
    say(words.getvalue().rstrip("\n"), err=True)
    return _said(ExitCode.USAGE, "usage error; nothing was read")


def _of_output(error: OSError) -> Exception | None:
    """What a disk that is full behind standard output is to the user, where click wrote to it, as --help does."""
    import errno

    from readiness.cli.output import nowhere
    from readiness.errors import OutputError

    if error.filename is not None or error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return None
    sys.stdout = nowhere()
    return OutputError(f"standard output cannot be written: {error.strerror}")


def _failed(error: Exception, *, debug: bool) -> int:
    from readiness.cli.output import say
    from readiness.errors import OutputError, ReadinessError

    if isinstance(error, ReadinessError):
        if debug:
            from readiness.cli.output import write
            from readiness.tracing import traced

            write(traced(error), err=True)
        say(f"Error: {error.diagnostics()}", err=True)
        if isinstance(error, OutputError):
            return _said(ExitCode.BUG, f"what was read could not be written{_noted(error)}")
        return _said(ExitCode.USAGE, f"usage or configuration error; nothing was read{_noted(error)}")
    from readiness.cli.crash import report_crash

    return _said(ExitCode.BUG, f"{report_crash(error, debug=debug)}{_noted(error)}")


def _noted(error: Exception) -> str:
    """What besides went wrong with it: that nobody could be told."""
    if not hasattr(error, "__notes__"):
        return ""
    from readiness.cli.telling import noted

    return noted(error)


def _said(code: int, why: str) -> int:
    from readiness.cli.output import say

    say(f"exit {code}: {why}", err=True)
    return code
