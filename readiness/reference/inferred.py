"""The page of what is inferred: what the checks say of themselves, and the rows of the rule data that are not sure."""

from __future__ import annotations

from readiness.composition import all_checks, knowledge
from readiness.reference.markdown import MADE, code, plain, table

_HEAD = """# What is inferred, and why

A verdict rests on what Microsoft documents, or it says `inferred`: no published property says it, and it is concluded
from something else. An inferred verdict counts like any other. It is marked because it may be wrong in a way that a
documented one is not: the meaning itself may be another one on your site. Look there first where the tool says
something that is not so, and [make a recording](../recordings.md).

In a report `basis` says it of each check, and so does `readiness explain CHECK --run RUN`.

"""
_CHECKS = """## Checks

Of {count} checks, {inferring} can give a verdict that is inferred. Where the meaning of something is inferred, not
every outcome is: a reading that failed is no conclusion.

"""
_RULES = """## Rule data

The [tables](../rules.md) carry the confidence of every row. These rest on less than a page, a KB article or several
sources that agree:

"""
_END = """Rows of your own (`--knowledge`) take their place where you know better.
"""
_SURE = ("high", "documented", "KB")


def page() -> str:
    """The page."""
    checks = all_checks()
    inferring = [check for check in checks if check.inferred]
    head = _CHECKS.format(count=len(checks), inferring=len(inferring))
    listed = table(
        ("check", "what is inferred, and from what"),
        ((f"[`{one.id}`](../reference/checks.md#{one.id})", plain(one.inferred)) for one in inferring),
    )
    rows = table(
        ("table", "row", "confidence", "source"),
        (
            (
                code(entry.table),
                code(entry.key),
                plain(entry.row.confidence or "not told"),
                f"{entry.row.source}, {entry.row.date}",
            )
            for known in knowledge().tables.values()
            for entry in known.entries
            if not entry.row.confidence.startswith(_SURE)
        ),
    )
    return f"{_HEAD}{MADE}{head}{listed}{_RULES}{rows}{_END}"
