"""`readiness notify`: who is told, what could not be delivered, and a try."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from readiness.cli import COMMANDS, options

if TYPE_CHECKING:
    from readiness.config import Configuration
    from readiness.model.notice import Message, Notifier

OK, NOT_TAKEN = 0, 5


@click.command("notify", short_help=COMMANDS["notify"])
@options.config
@click.option("--test", is_flag=True, help="Send a message that says that it is a test, over every channel.")
@options.debug
def command(test: bool, **given: Any) -> int:
    """Show over which channels [notify] tells people, and what could not be delivered so far. With --test, send a
    message that is marked as a test over each of them, and tell which took it.

    Exit codes: 0 shown, or every channel took it; 5 one did not; 2 usage or configuration error.
    """
    from readiness.cli.logs import set_up
    from readiness.cli.output import say
    from readiness.cli.runs import opened
    from readiness.connecting import notifiers
    from readiness.errors import ConfigurationError
    from readiness.sources.deadline import Deadline

    set_up(debug=given["debug"], log_file=given["log_file"])
    configuration = opened(given["config"], os.environ)
    if configuration.notify is None or not configuration.notify.tells:
        raise ConfigurationError(
            f"{configuration.origin.where(('notify',))}: missing, or empty; nobody is told of anything"
        )
    deadline = Deadline(configuration.notify.timeout)
    found = notifiers(configuration, os.environ, deadline)
    if not test:
        say(f"told over: {', '.join(found)}")
        _say_what_waits(configuration)
        return OK
    return _tried(found, _test(configuration), deadline)


def _tried(found: Mapping[str, Notifier], message: Message, deadline: Any) -> int:
    from readiness.cli.output import say
    from readiness.notification.sending import tried

    try:
        taken, failed = tried(found, message, deadline.wait)
    finally:
        for one in found.values():
            one.close()
    for name in taken:
        say(f"{name}: accepted")
    for other in failed:
        say(f"{other.channel}: not accepted: {other.why}")
    code = NOT_TAKEN if failed else OK
    numbers = f"{len(taken)} of {len(found)} {'channel' if len(found) == 1 else 'channels'} took the message"
    say(f"exit {code}: {numbers}", err=True)
    return code


def _test(configuration: Configuration) -> Message:
    """Without any name of the estate: whoever listens there may not be meant to know them."""
    from dataclasses import replace

    from readiness.cli.telling import own_name
    from readiness.evidence import utc_now
    from readiness.model.notice import Message, NoticeKind
    from readiness.notification.composing import headline, key

    now = utc_now()
    made = Message(
        key=key("test", now.isoformat()),
        kind=NoticeKind.TEST,
        headline="",
        made=now,
        host=own_name(configuration),
        exit_code=None,
        why="somebody ran 'readiness notify --test'",
    )
    return replace(made, headline=headline(made))


def _say_what_waits(configuration: Configuration) -> None:
    from readiness.cli.output import say
    from readiness.cli.runs import store_of
    from readiness.evidence import utc_now
    from readiness.history.notices import Notices

    waiting = Notices(store_of(configuration)).pending(utc_now())
    for one in waiting:
        say(f"not delivered over {one.channel}: the message of {one.made:%Y-%m-%d %H:%M} UTC; tried {one.tries} times")
    if not waiting:
        say("everything was delivered")
