"""The failures of a conversation that callers tell apart by type; every other one is a plain `SourceError`."""

from __future__ import annotations

from collections.abc import Iterator

from readiness.errors import SourceError
from readiness.model.words import Reason


class GuardRefusal(SourceError):  # noqa: N818  (what it is: a refusal)
    """Our own request broke a rule and was not sent: a bug of ours, never the estate's doing."""

    def __init__(self, words: str) -> None:
        super().__init__(Reason.BAD_ANSWER, f"refused before it was sent: {words}")


class ConnectionLost(SourceError):  # noqa: N818  (what happened)
    """The server dropped the connection, or the session on it, before it answered: asking anew may help."""

    def __init__(self, words: str) -> None:
        super().__init__(Reason.UNREACHABLE, words)


class HostDown(SourceError):  # noqa: N818  (what is the matter)
    """Nothing answered within the time for connecting: no further question to this host is worth that time again."""

    def __init__(self, words: str) -> None:
        super().__init__(Reason.UNREACHABLE, words)


def causes(error: BaseException, *hidden: str) -> Iterator[BaseException]:
    """The error and all that lies under it, each once, the outermost first.

    Args:
        hidden: attributes in which a library keeps an error; looked at before `__cause__` and `__context__`.
    """
    waiting, seen = [error], set[int]()
    while waiting:
        link = waiting.pop(0)
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        under = (*(getattr(link, name, None) for name in hidden), link.__cause__, link.__context__, *link.args)
        waiting.extend(item for item in under if isinstance(item, BaseException))
