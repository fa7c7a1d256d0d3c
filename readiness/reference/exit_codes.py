"""The page of exit codes, outcomes and reasons."""

from __future__ import annotations

from readiness.model.exit_codes import MEANINGS, OF_COMMANDS
from readiness.model.words import MARKS, REASONS, Outcome
from readiness.model.words import MEANINGS as OUTCOMES
from readiness.reference.markdown import MADE, code, table

_HEAD = """# Exit codes, outcomes and reasons

`readiness scan` and `readiness assess` end with a verdict. The last line on stderr says the code and why, as `exit 3:
2 blockers failed`.

"""
_ORDER = """Where several hold, 1 wins, then 3, 5, 4. A check that crashed is `error` in a report, and 5; 1 means that
there is no report. A blocker that is `blocked` by a failed blocker makes 3, by one that could not be verified 5. An
`advisory` never changes the code unless `--fail-on` asks for it.

## Of other commands

1, 2 and 130 mean the same in every command, and 0 that it did what it was asked. These say more:

"""
_OUTCOMES = """## Outcomes

What a check came to. The mark is always shown with the word.

"""
_LEVELS = """A level says how much a check weighs: `blocker` (the roll-out cannot work), `advisory` (should be mended),
`info`. A check declares one; a verdict may lower it, and [the page of the check](checks.md) says when.

"""
_REASONS = """## Reasons of unknown

`unknown` always has one of these reasons. It is never a pass, and a right that is missing is never a fail.

"""


def page() -> str:
    """The page."""
    codes = table(("code", "meaning"), ((str(int(one)), words) for one, words in MEANINGS.items()))
    others = table(
        ("command", "code", "meaning"),
        ((code(name), str(int(one)), words) for name, said in OF_COMMANDS.items() for one, words in said.items()),
    )
    outcomes = table(("outcome", "mark", "means"), ((code(one), MARKS[one], OUTCOMES[one]) for one in Outcome))
    reasons = table(("reason", "means"), ((code(one), words) for one, words in REASONS.items()))
    return f"{_HEAD}{MADE}{codes}{_ORDER}{others}{_OUTCOMES}{outcomes}{_LEVELS}{_REASONS}{reasons}".rstrip() + "\n"
