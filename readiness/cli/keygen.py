"""`readiness keygen`: make a key to sign evidence and reports with."""

from __future__ import annotations

import os
from pathlib import Path

import click

from readiness.cli import COMMANDS
from readiness.cli.output import say

DEFAULT = Path("readiness-signing-key.pem")


@click.command("keygen", short_help=COMMANDS["keygen"])
@click.option("--out", type=click.Path(path_type=Path), default=DEFAULT, show_default=True, help="The private key.")
@click.option("--name", default="", metavar="TEXT", help="Whose key it is, for who verifies. [the file's name]")
@click.option("--password-env", metavar="NAME", help="Encrypt it by the password in this environment variable.")
def command(out: Path, name: str, password_env: str | None) -> int:
    """Make an Ed25519 key pair: the private key, for the owner alone, and the public one beside it, *.pub.

    Sign with --sign FILE, or with signing_key in [scan]. Give the public key to who verifies, by a way that they trust.
    No file is ever overwritten.
    """
    from readiness.integrity.keys import generated
    from readiness.integrity.signatures import fingerprint
    from readiness.text import one_line

    password = _password(password_env)
    private, public, key = generated(password)
    if name.strip():
        public = f"Name: {one_line(name, 100)}\n".encode("utf-8", "replace") + public
    beside = out.with_name(f"{out.name.removesuffix('.pem')}.pub")
    _write(out, private, beside, public)
    say(f"wrote {out}: the private key; keep it where only you read it")
    say(f"wrote {beside}: the public key; give it to who verifies ('readiness verify --key {beside.name} FILE')")
    say(f"fingerprint {fingerprint(key)}")
    if password is None:
        say("The private key is not encrypted: whoever reads the file can sign in your name.")
    return 0


def _password(variable: str | None) -> str | None:
    from readiness.config.addresses import shown_variable
    from readiness.errors import ConfigurationError

    if variable is None:
        return None
    password = os.environ.get(variable, "")
    if not password.strip():
        shown = shown_variable(variable)
        raise ConfigurationError(f"--password-env: environment variable {shown or '(not shown)'} is not set, or empty")
    return password


def _write(out: Path, private: bytes, beside: Path, public: bytes) -> None:
    """Both files, or none."""
    from readiness.errors import ConfigurationError
    from readiness.integrity.keys import write_new

    written: list[Path] = []
    path = out
    try:
        for path, content, mode in ((out, private, 0o600), (beside, public, 0o644)):
            write_new(path, content, mode)
            written.append(path)
    except OSError as error:
        for half in written:
            half.unlink(missing_ok=True)
        said = "is there already, and is not overwritten" if isinstance(error, FileExistsError) else error.strerror
        raise ConfigurationError(f"{path}: {said}; name another file with --out") from None
