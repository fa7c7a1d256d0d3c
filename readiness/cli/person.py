"""The person who signs in: must be there, and is told where to go."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from readiness.cli.output import say
from readiness.config import Configuration
from readiness.errors import ConfigurationError
from readiness.text import printable

if TYPE_CHECKING:
    from readiness.sources.graph.source import AnyPrompt


def is_asked(configuration: Configuration) -> bool:
    """Whether the configuration has a person sign in.

    Raises:
        ConfigurationError: it has, and nobody can be asked here.
    """
    tenant = configuration.tenant
    if tenant is None or not tenant.auth.is_person:
        return False
    missing = _missing(no_input=configuration.scan.no_input)
    if missing is not None:
        place = configuration.origin.where(("tenant", "auth"))
        raise ConfigurationError(
            f'{place}: "{tenant.auth}" needs a person at a terminal, and {missing}; '
            'a job signs in by "certificate", "client-secret", "managed-identity" or "workload-identity"'
        )
    return True


def _missing(*, no_input: bool) -> str | None:
    if no_input:
        return "--no-input forbids to ask"
    for name, stream in (("input", sys.stdin), ("error", sys.stderr)):
        if stream is None or not stream.isatty():
            return f"standard {name} is no terminal"
    return None


def show(prompt: AnyPrompt) -> None:
    """Tell the person what to do, on standard error: standard output may be a document."""
    from readiness.sources.graph.browser import BrokerPrompt, BrowserPrompt

    if isinstance(prompt, BrokerPrompt):
        say("Sign in in the window that Windows opens.", err=True)
        return
    minutes = max(1, prompt.seconds // 60)
    ends = f"Waiting for that, at most {minutes} min; Ctrl-C ends it."
    if isinstance(prompt, BrowserPrompt):
        # Whole, and on a line of its own: it is long, and has to be copied where no browser opens.
        say(f"Sign in in the browser that opens. If none does, open\n{printable(prompt.address)}\n{ends}", err=True)
        return
    say(
        f"To sign in, open {printable(prompt.address)}\nand enter the code {printable(prompt.code)}\n{ends}",
        err=True,
    )
