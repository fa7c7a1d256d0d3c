"""Delivery of what the history remembers: what is new, and what could not be delivered before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from readiness.errors import NoticeError
from readiness.history.notices import MOST_TRIES, OLDEST, DeliveryState, Notices, Pending
from readiness.model.notice import Message, Notifier
from readiness.notification.sending import Failed, Wait, belated, send
from readiness.text import one_line

GONE = "it is given up: "


def deliver(
    notices: Notices, notifiers: Mapping[str, Notifier], now: datetime, wait: Wait, new: str | None = None
) -> list[Failed]:
    """Deliver all that waits, the oldest first; returns what was not taken.

    A channel that fails is not tried again for what comes after: one after the other would take its time.

    Args:
        notifiers: by the names of their channels.
        new: the key of the message of this run; every other one is late.

    Raises:
        HistoryError: the history cannot be used.
    """
    failed: dict[str, Failed] = {}
    for one in notices.pending(now):
        gone = _gone(one, notifiers, now)
        if gone is not None:
            notices.settle(one, DeliveryState.GIVEN_UP, now, gone)
            failed.setdefault(one.channel, Failed(one.channel, f"the message of {one.made:%Y-%m-%d %H:%M} UTC: {gone}"))
        elif one.channel not in failed and notices.claim(one, now):
            why = _tried(one, notifiers[one.channel], wait, late=one.key != new or one.tries > 0)
            state = DeliveryState.DELIVERED if why is None else DeliveryState.PENDING
            notices.settle(one, state, now, why)
            if why is not None:
                failed[one.channel] = Failed(one.channel, why)
    return list(failed.values())


def _gone(one: Pending, notifiers: Mapping[str, Notifier], now: datetime) -> str | None:
    """Why a message is not delivered any more."""
    if one.channel not in notifiers:
        return f"{GONE}this channel is not configured any more"
    if one.tries >= MOST_TRIES:
        return f"{GONE}{one.tries} runs could not deliver it"
    if now - one.made > OLDEST:
        return f"{GONE}it is older than {OLDEST.days} days"
    return None


def _tried(one: Pending, notifier: Notifier, wait: Wait, *, late: bool) -> str | None:
    """Why the message was not taken; None where it was."""
    import msgspec

    try:
        message = msgspec.convert(one.message, Message, strict=True)
    except (msgspec.ValidationError, TypeError, ValueError):
        return "the message is not as it was written"
    try:
        send(notifier, belated(message, one.made, one.tries) if late else message, wait)
    except NoticeError as error:
        return one_line(str(error), 600)
    return None
