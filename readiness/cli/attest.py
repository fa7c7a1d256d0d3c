"""`readiness attest`: write down what a person saw and no interface shows."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import click

from readiness.cli import COMMANDS, options
from readiness.cli.output import say


def day(value: str) -> date:
    """A day in ISO 8601."""
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"'{value}' is no day; write it as 2026-12-07") from error


@click.command("attest", short_help=COMMANDS["attest"])
@click.argument("name", metavar="CHECK")
@click.option("--collection", metavar="ID_OR_NAME", help="Only for this collection of the roll-out.")
@click.option("--site", metavar="CODE", help="Only for this site.")
@click.option("--administrator", metavar="NAME", help="Only for this administrator.")
@click.option("--statement", metavar="TEXT", help="What was seen, and where.")
@click.option("--by", metavar="NAME", help="Who saw it.")
@click.option("--expires", type=day, metavar="DATE", help="Last day on which it counts, UTC. [in 14 days]")
@options.config
@click.option("--yes", is_flag=True, help="Write without asking: for scripts.")
@options.no_input
def command(
    name: str,
    collection: str | None,
    site: str | None,
    administrator: str | None,
    statement: str | None,
    by: str | None,
    expires: date | None,
    config: Path | None,
    yes: bool,
    no_input: bool,
) -> int:
    """Write an attestation of CHECK into the configuration file: what a person saw and no interface shows.

    It answers the check where that is manual or unknown, never a fail, and ends by itself. On a terminal it says where
    to look, asks for what is missing, and shows what it will write before it does. Nothing else of the file changes.
    """
    from readiness.cli import attesting
    from readiness.evidence import utc_now

    today = utc_now().date()
    subject = {"collection": collection, "site": site, "administrator": administrator}
    given: attesting.Given = {**subject, "statement": statement, "by": by}
    check = attesting.attestable(name)
    book = attesting.opened(config, os.environ)
    asks = attesting.may_ask(no_input=no_input or book.configuration.scan.no_input)
    attesting.must_be_enough(given, yes=yes, asked=asks)
    given = attesting.with_subject(check, given) if asks and not yes else given
    values = attesting.usable(book, check, given, expires, today)
    attesting.show(check, given)
    attesting.warn(book, values)
    attestation = attesting.completed(book, values)
    added = attesting.addition_to(book, attestation)
    attesting.preview(book, added)
    if not yes and not click.confirm("\nWrite it?", default=False, err=True):
        say("Nothing was written.", err=True)
        raise click.Abort
    attesting.write(book, added)
    return 0
