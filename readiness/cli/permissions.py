"""`readiness permissions`: what a scan would read, the least rights for it, and whether the accounts have them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from readiness.cli import COMMANDS, options
from readiness.cli.help import Grouped

if TYPE_CHECKING:
    from readiness.access import Access, Needs, Proof
    from readiness.config import Configuration


EXAMPLES = (
    ("readiness permissions", "before anybody grants anything"),
    ("readiness permissions --test", "days before the window"),
)


@click.command("permissions", cls=Grouped, short_help=COMMANDS["permissions"], examples=EXAMPLES)
@click.option("--test", is_flag=True, help="Sign in and tell which of the rights the accounts have.")
@options.config
@options.selection
@options.timeout
@options.transport
@options.as_json
@click.option("--no-color", is_flag=True, help="No colours. NO_COLOR and FORCE_COLOR count, too.")
@options.no_input
@options.no_cache
@options.debug
def command(test: bool, **given: Any) -> int:
    """What a scan with this configuration would read, and the least rights for it. Without one: both halves.

    With --test it signs in, reads all of that, changes nothing, and tells which rights are missing. Exit codes then:
    0 every right is held, 5 one is missing or could not be told, 2 usage or configuration error.
    """
    from readiness.access import needs
    from readiness.cli.logs import set_up
    from readiness.cli.reading import judged
    from readiness.cli.settings import configured
    from readiness.composition import readers

    configuration = configured(given, os.environ, connecting=test)
    set_up(debug=configuration.scan.debug, log_file=configuration.scan.log_file)
    access = access_of(configuration)
    needed = needs(judged(configuration.judging), configuration.judging, readers(), access)
    proofs = _proofs(configuration, needed) if test else ()
    _print(configuration, needed, access, proofs)
    return _ended(proofs) if test else 0


def access_of(configuration: Configuration) -> Access:
    """How the configuration reads; both halves where it names none."""
    from readiness.access import Access
    from readiness.model.words import Half

    tenant, site = configuration.tenant, configuration.site
    halves = [half for half, section in ((Half.TENANT, tenant), (Half.SITE, site)) if section is not None]
    transport = configuration.scan.transport or (site.transport if site else None)
    return Access(
        halves=tuple(halves or (Half.TENANT, Half.SITE)),
        person=None if tenant is None else tenant.auth.is_person,
        winrm=transport is None or transport.value == "winrm",
        managed=tenant is not None and tenant.auth.value == "managed-identity",
    )


def _proofs(configuration: Configuration, needed: Needs) -> Sequence[Proof]:
    from readiness.access import prove
    from readiness.cli.reading import read_and_hear

    evidence, heard = read_and_hear(configuration, os.environ)
    return prove(needed, evidence, heard)


def _print(configuration: Configuration, needed: Needs, access: Access, proofs: Sequence[Proof]) -> None:
    from readiness.access.telling import told
    from readiness.cli.output import ascii_only, shows_colour, width, write, write_utf8
    from readiness.cli.permissions_page import show
    from readiness.cli.reading import judged
    from readiness.composition import terminal_page

    document = told(needed, judged(configuration.judging), access, proofs)
    if configuration.scan.json:
        import json

        write_utf8(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
        return
    colour = shows_colour(no_color=configuration.scan.no_color)
    page = terminal_page()(width(), colour=colour, ascii_only=ascii_only())
    show(page, document)
    write(page.text())


def _ended(proofs: Sequence[Proof]) -> int:
    from readiness.access import Standing
    from readiness.cli.output import say

    missing = sum(proof.standing is Standing.MISSING for proof in proofs)
    unsure = sum(proof.standing is Standing.NOT_TOLD for proof in proofs)
    if not missing and not unsure:
        say(f"exit 0: every right that was needed is held ({len(proofs)})", err=True)
        return 0
    say(f"exit 5: of {len(proofs)} rights {missing} missing, {unsure} could not be told", err=True)
    return 5
