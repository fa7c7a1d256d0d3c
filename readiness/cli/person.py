"""The person who signs in by device code: must be there, and is told where to go."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from readiness.cli.output import say
from readiness.config import Configuration, TenantAuth
from readiness.errors import ConfigurationError
from readiness.text import printable

if TYPE_CHECKING:
    from readiness.sources.graph.device import Prompt


def is_asked(configuration: Configuration) -> bool:
    """Whether the configuration has a person sign in.

    Raises:
        ConfigurationError: it has, and nobody can be asked here.
    """
    tenant = configuration.tenant
    if tenant is None or tenant.auth is not TenantAuth.DEVICE_CODE:
        return False
    missing = _missing(no_input=configuration.scan.no_input)
    if missing is not None:
        place = configuration.origin.where(("tenant", "auth"))
        raise ConfigurationError(
            f'{place}: "device-code" needs a person at a terminal, and {missing}; '
            'a job signs in by "certificate" or "client-secret"'
        )
    return True


def _missing(*, no_input: bool) -> str | None:
    if no_input:
        return "--no-input forbids to ask"
    for name, stream in (("input", sys.stdin), ("error", sys.stderr)):
        if stream is None or not stream.isatty():
            return f"standard {name} is none"
    return None


def show(prompt: Prompt) -> None:
    """Tell the person what to do, on standard error: standard output may be a document."""
    minutes = max(1, prompt.seconds // 60)
    say(
        f"To sign in, open {printable(prompt.address)}\n"
        f"and enter the code {printable(prompt.code)}\n"
        f"Waiting for that, at most {minutes} min; Ctrl-C ends it.",
        err=True,
    )
