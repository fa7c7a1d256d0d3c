"""Delivery: each message to each channel, a few tries, and no longer than all of it may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from readiness.errors import NoticeError
from readiness.model.notice import Late, Message, Notifier
from readiness.text import one_line

WAITS = (2.0, 10.0)
"""Seconds before the second and the third try of a message."""
LONGEST_WAIT_SECONDS = 60.0
"""That a busy receiver may ask for. After more than that the next run tries again."""

Wait = Callable[[float], bool]
"""Sleeps so many seconds; False, at once, where there is not that much time."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A channel that did not take a message, and why."""

    channel: str
    why: str


def send(notifier: Notifier, message: Message, wait: Wait) -> None:
    """Deliver a message, in three tries at most.

    Raises:
        NoticeError: it was not accepted, with the words of the last try.
    """
    for pause in WAITS:
        try:
            return _sent(notifier, message)
        except NoticeError as error:
            after = pause if error.after is None else max(pause, error.after)
            if not error.again or after > LONGEST_WAIT_SECONDS or not wait(after):
                raise
    return _sent(notifier, message)


def _sent(notifier: Notifier, message: Message) -> None:
    """Whatever the code of a plugin does, it ends in words of ours."""
    try:
        notifier.send(message)
    except NoticeError:
        raise
    except Exception as error:
        raise NoticeError(f"it broke: {type(error).__name__}") from None


def belated(message: Message, made: datetime, tries: int) -> Message:
    """The message, marked as late."""
    return replace(message, late=Late(made, tries))


def told(failed: Sequence[Failed]) -> str:
    """What the exit line says of it: `the notification was not delivered (teams)`."""
    return f"the notification was not delivered ({', '.join(dict.fromkeys(one.channel for one in failed))})"


def tried(notifiers: Mapping[str, Notifier], message: Message, wait: Wait) -> tuple[list[str], list[Failed]]:
    """Deliver a message that nobody remembers; returns who took it, and who did not."""
    taken, failed = [], []
    for name, notifier in notifiers.items():
        try:
            send(notifier, message, wait)
            taken.append(name)
        except NoticeError as error:
            failed.append(Failed(name, one_line(str(error), 600)))
    return taken, failed
