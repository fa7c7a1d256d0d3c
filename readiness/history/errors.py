"""What can be wrong with a history. Earlier runs are never lost by it: nothing is written over."""

from __future__ import annotations

from readiness.errors import ReadinessError


class HistoryError(ReadinessError):
    """The history cannot be read or written now: locked, full, read-only. What is in it stays."""


class UnusableError(HistoryError):
    """This file will never do as a history: damaged, of a newer version, or of another program."""


class DamagedError(UnusableError):
    """The file is no database, or not any more."""


class NewerError(UnusableError):
    """A newer version of this program wrote it."""


class ForeignError(UnusableError):
    """It is a database of another program."""
