"""`readiness lab`: serve the simulated estate."""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from readiness.cli import COMMANDS, options
from readiness.cli.output import say
from readiness.stopping import on_sigterm

if TYPE_CHECKING:
    from readiness.lab.scenario import TenantAuth

TENANT_AUTH = ["client-secret", "certificate", "device-code", "interactive", "managed-identity", "workload-identity"]


@click.command("lab", short_help=COMMANDS["lab"])
@click.argument("scenario", default="almost-ready")
@click.option("--write", "directory", type=click.Path(path_type=Path, file_okay=False), help="Folder for the files.")
@click.option(
    "--tenant-auth",
    type=click.Choice(TENANT_AUTH),
    help="How the written configuration signs in to the tenant. Default: as the scenario says.",
)
@options.site_transport
@click.option("--until-eof", is_flag=True, hidden=True, help="Stop when standard input ends: for a parent process.")
def command(
    scenario: str,
    directory: Path | None,
    tenant_auth: TenantAuth | None,
    transport: Literal["winrm", "adminservice"],
    until_eof: bool,
) -> int:
    """Serve a simulated estate on loopback until stopped (Ctrl-C).

    SCENARIO is a name or a file. Writes readiness.toml, ca.pem and lab.env (the secrets) into a folder, and prints
    'ready FOLDER' once it serves. Scan it with: readiness scan --config FOLDER/readiness.toml
    """
    from readiness.documents import must_be_writable
    from readiness.lab import load_scenario, serve

    found = load_scenario(scenario)
    if tenant_auth is not None:
        found = found.signing_in_by(tenant_auth)
    folder = directory or Path(tempfile.mkdtemp(prefix="readiness-lab-"))
    stop = threading.Event()
    if until_eof:
        threading.Thread(target=_await_end, args=(stop,), daemon=True).start()
    must_be_writable(folder / "readiness.toml")
    with on_sigterm(lambda _number, _frame: stop.set()):
        serve(found, folder, lambda ready: say(f"ready {ready}"), stop, transport)
    return 0


def _await_end(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()
