"""The errors of the house: one base, caught once in main; each edge wraps what its library throws."""

from __future__ import annotations

from readiness.model.words import Reason


class ReadinessError(Exception):
    """What went wrong, in the user's words. `diagnostics` is what a person is shown instead of a traceback."""

    def diagnostics(self) -> str:
        return str(self)


class OutputError(ReadinessError):
    """A file of ours could not be written, after reading: no report could be made. Exit code 1."""


class ConfigurationError(ReadinessError):
    """A usage or configuration error: nothing was read. Exit code 2."""


class EvidenceError(ReadinessError):
    """An evidence or report file that cannot be used, with the file and the place. Exit code 2."""


class SourceError(ReadinessError):
    """Something could not be read from the estate. Becomes an unavailable `Reading`, never a failed check.

    Attributes:
        reason: the code of the closed list in the contract.
        missing: names of the permissions that the account lacks, where the answer names them.
        request_id: the identifier of the exchange that failed, for the server's own logs, where there was one.
    """

    request_id: str | None = None

    def __init__(self, reason: Reason, words: str, *, missing: tuple[str, ...] = ()) -> None:
        super().__init__(words)
        self.reason = reason
        self.missing = missing


class TicketError(ReadinessError):
    """A ticket system could not be used: nothing more can be done there. Exit code 5 of `attach`."""


class TicketRefusedError(TicketError):
    """It refused one thing for good: a file of that kind or size, a note. Other things may still be taken."""


class TicketUnsureError(TicketError):
    """Nobody knows whether something was done, or the system was too busy for it: look before trying again.

    Attributes:
        after: seconds that the system asked to be left alone; None where it did not.
    """

    def __init__(self, words: str, after: float | None = None) -> None:
        super().__init__(words)
        self.after = after


class NoticeError(ReadinessError):
    """A message could not be delivered. Never changes a verdict.

    Attributes:
        again: whether it may be tried again now.
        after: seconds that the receiver asked to be left alone; None where it did not.
    """

    def __init__(self, words: str, *, again: bool = False, after: float | None = None) -> None:
        super().__init__(words)
        self.again = again
        self.after = after
