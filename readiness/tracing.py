"""What is told of an error that nobody expected: where it came from, and nothing that it carries."""

from __future__ import annotations

import traceback

from readiness.errors import ReadinessError
from readiness.text import printable


def traced(error: BaseException) -> str:
    """The frames of an error and of those that led to it, and of what kind they are; words only of errors of ours.

    The text of a foreign exception may carry what must not be kept or shown: an address with a password, a token, or
    the text of somebody who wants to steer a terminal.
    """
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    earlier = f"{traced(before)}\nwhich led to:\n\n" if before is not None else ""
    words = f": {printable(str(error))}" if isinstance(error, ReadinessError) else ""
    return f"{earlier}{''.join(traceback.format_tb(error.__traceback__))}{type(error).__name__}{words}\n"
