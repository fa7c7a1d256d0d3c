"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorated = Callable[..., Any]


def _all(*options: Callable[[Decorated], Decorated]) -> Callable[[Decorated], Decorated]:
    def decorate(function: Decorated) -> Decorated:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


config = click.option(
    "--config", type=click.Path(path_type=Path), help="Configuration file. Default: ./readiness.toml, then the user's."
)


def _seconds(_ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """A length of time, as `[scan] timeout` has it: seconds, or 90s, 45m, 2h."""
    if value is None:
        return None
    from readiness.config.kinds import SECONDS
    from readiness.config.origin import BadValueError

    try:
        seconds: float = SECONDS.read(_number_or_text(value), Path())
    except BadValueError as error:
        raise click.BadParameter(f"{value}: {error}", param=param) from None
    return seconds


def _number_or_text(value: str) -> object:
    try:
        return float(value)
    except ValueError:
        return value


timeout = click.option(
    "--timeout",
    callback=_seconds,
    metavar="SECONDS",
    help="For all reading; 90s, 45m and 2h are understood, too. [120]",
)
deadline = click.option(
    "--deadline",
    callback=_seconds,
    metavar="SECONDS",
    help="For the whole job, its files included; 30m is understood, too. [--timeout and 15m]",
)
TRANSPORTS = click.Choice(["winrm", "adminservice"])
transport = click.option("--transport", type=TRANSPORTS, help="How the site is read.")
site_transport = click.option(
    "--transport", type=TRANSPORTS, default="winrm", show_default=True, help="Over which the files reach the site."
)
debug = _all(
    click.option("--debug", is_flag=True, help="Say more on stderr; nothing secret."),
    click.option("--log-file", type=click.Path(path_type=Path, dir_okay=False), help="Keep a log here, too."),
)
knowledge = click.option(
    "--knowledge",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Tables of rule data whose rows are added to, or replace, those that ship.",
)
save_evidence = click.option(
    "--save-evidence", type=click.Path(path_type=Path, dir_okay=False), help="Keep the evidence here, in one file."
)
sign = click.option(
    "--sign", type=click.Path(path_type=Path), metavar="FILE", help="Sign what is written by this key ('keygen')."
)
no_input = click.option("--no-input", is_flag=True, help="Never ask: for jobs.")
no_cache = click.option("--no-cache", is_flag=True, help="Keep no sign-in of a person, and use no kept one.")
no_notify = click.option("--no-notify", is_flag=True, help="Tell nobody, whatever [notify] says.")
as_json = click.option("--json", "as_json", is_flag=True, help="Pure JSON on stdout, everything else on stderr.")

selection = _all(
    click.option("--check", multiple=True, metavar="ID", help="This check and what it needs (repeatable, globs)."),
    click.option("--skip", multiple=True, metavar="ID", help="Not this check (repeatable, globs)."),
    click.option("--tag", multiple=True, metavar="TAG", help="Checks with this tag (article) and what they need."),
    click.option("--collection", multiple=True, metavar="NAME_OR_ID", help="Target collection (repeatable)."),
)

redaction_map = click.option(
    "--map",
    "redact_map",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Which alias is whom, read and extended; never send it.",
)
keep_targets = click.option("--keep-targets", is_flag=True, help="Keep the names of the target collections.")
redaction = _all(
    click.option("--redact", is_flag=True, help="Aliases in place of names, in all that is printed and written."),
    redaction_map,
    keep_targets,
)

output = _all(
    click.option(
        "--format",
        "formats",
        metavar="LIST",
        help="html,markdown,json,summary,jira,jira-summary,plain,plain-summary,junit,prometheus,csv,jsonl or none. "
        "[html,markdown,json]",
    ),
    click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Folder of the reports."),
    click.option(
        "--against",
        metavar="REPORT",
        help="Say what changed since this report (JSON file, id of a run, latest: the newest of the folder).",
    ),
    click.option("--fail-on", type=click.Choice(["blocker", "advisory", "unknown"]), help="See exit codes. [blocker]"),
    click.option("--quiet", is_flag=True, help="Print only the decision."),
    as_json,
    click.option("--no-color", is_flag=True, help="No colours. NO_COLOR and FORCE_COLOR count, too."),
)
