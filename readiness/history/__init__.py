"""Earlier runs, kept in a database: what `readiness history` and `readiness diff` look back upon.

Runs are in the order in which they were kept, which no clock decides. Only `schema`, `opening` and `store` need
SQLAlchemy, which is an extra: whoever uses them asks `is_available` first.
"""

from __future__ import annotations

from pathlib import Path

EXTRA = "edr-readiness[history]"
"""What to install."""
FILE_NAME = "history.sqlite3"


def is_available() -> bool:
    """Whether the extra is installed. Nothing of it is imported by asking."""
    from importlib.util import find_spec

    return find_spec("sqlalchemy") is not None


def usual_place() -> Path:
    """The file of this user, where the configuration names none."""
    import platformdirs

    return platformdirs.user_data_path("readiness", appauthor=False) / FILE_NAME
