"""The page of the checks: what `readiness explain` says of each, without the rows of the rule data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from readiness.cli.explanation import explanation
from readiness.composition import all_checks, knowledge, readers
from readiness.model.words import PHASE_HEADINGS, Phase
from readiness.reference.markdown import MADE, bullets, code, codes, lines, plain, table

_HEAD = """# Checks

{count} prerequisites, in the order in which they build on each other. The title is the condition that holds.
`readiness explain CHECK` says the same of one check, with the rows of the [rule data](../rules.md) that can decide;
`readiness explain CHECK --run RUN` why it came out so in one run. What is known to break in practice stands in
[failures](../failures.md); how a verdict comes about in [explanation](../explanation/verdicts.md).

"""


def page() -> str:
    """The page."""
    checks = all_checks()
    known, sources = knowledge(), readers()
    told = [explanation(check, checks, sources, known) for check in checks]
    listed = table(
        ("check", "the condition that holds", "phase", "level", "owner"),
        (
            (f"[`{one['id']}`](#{one['id']})", plain(one["title"]), one["phase"], one["level"], one["owner"])
            for one in told
        ),
    )
    parts = [_HEAD.format(count=len(told)), MADE, listed]
    for phase in Phase:
        parts.append(f"## {phase.value}: {PHASE_HEADINGS[phase]}\n\n")
        parts += [_check(one) for one in told if one["phase"] == phase.value]
    return "".join(parts).rstrip() + "\n"


def _check(told: dict[str, Any]) -> str:
    facts = table(
        ("level", "owner of the fix", "halves", "tags"),
        [(told["level"], told["owner"], _halves(told["needs"]), codes(told["tags"]))],
    )
    return (
        f"### {told['id']}\n\n**{plain(told['title'])}.** {plain(told['why'])}\n\n{facts}"
        f"**How it is judged.** {plain(told['judged'])}\n\n"
        f"{_inferred(told)}{_expected(told)}{_requirement(told)}"
        f"**What is read.**\n\n{lines(_reads(told))}"
        f"**How it is mended.** By the {_mended_by(told)}.\n\n{lines(_steps(told))}"
        f"{bullets([*_after(told), *_neighbours(told)])}"
        f"**Sources.**\n\n{bullets(_sources(told))}"
    )


def _halves(needs: str) -> str:
    return {"S": "site", "G": "tenant", "S+G": "site and tenant", "S|G": "site or tenant"}[needs]


def _inferred(told: dict[str, Any]) -> str:
    return (
        f"**What of it is [inferred](../explanation/inferred.md).** {plain(told['inferred'])}\n\n"
        if told["inferred"]
        else ""
    )


def _expected(told: dict[str, Any]) -> str:
    return f"**Expected:** {plain(told['expected'])}.\n\n" if told["expected"] else ""


def _requirement(told: dict[str, Any]) -> str:
    asked = told["requirement"]
    if asked is None:
        return ""
    article = f'The article of 2020 asks: "{plain(asked["article"])}" ' if asked["article"] else ""
    return f"**Then and today:** {article}Today: {plain(asked['today'])} ({asked['source']}, {asked['date']}).\n\n"


def _reads(told: dict[str, Any]) -> Iterator[str]:
    for read in told["reads"]:
        also = "" if read["needed"] else " Judged even where it could not be read."
        yield f"* {code(read['fact'])} ({read['half']}): {plain(read['what'])}{also}"
        for call in read["calls"]:
            when = f", where {plain(call['when'])}" if call["when"] else ""
            yield f"  * {code(call['name'])}{when}: needs {' or '.join(map(code, call['rights'])) or 'no right'}"


def _mended_by(told: dict[str, Any]) -> str:
    remediation = told["remediation"]
    return f"{remediation['owner']}, as: {plain(remediation['role'])}"


def _steps(told: dict[str, Any]) -> Iterator[str]:
    for number, step in enumerate(told["remediation"]["steps"], start=1):
        where = f". Where: {plain(step['where'])}" if step["where"] else ""
        command = f". Command: {code(step['command'])}" if step["command"] else ""
        yield f"{number}. {plain(step['text'])}{where}{command}"


def _after(told: dict[str, Any]) -> list[str]:
    of = told["remediation"]
    said = [f"{label}: {plain(of[key])}" for key, label in _AFTER.items() if of[key]]
    return [*said, "Window: in a change window" if of["change_window"] else "Window: any time"]


_AFTER = {"wait": "Wait", "verify": "How to see that it worked", "rollback": "How to undo it"}


def _neighbours(told: dict[str, Any]) -> list[str]:
    said = [
        f"{label} {', '.join(f'[`{name}`](#{name})' for name in told[key])}"
        for key, label in (("depends_on", "Depends on"), ("needed_by", "Needed by"))
        if told[key]
    ]
    failures = ", ".join(sorted({one["id"] for one in told["failures"]}))
    if failures:
        said.append(f"Known to break around it: {failures} in [failures](../failures.md)")
    return said + [f"{one[0].upper()}{one[1:]}" for one in told["outcomes"] if "cannot answer" in one]


def _sources(told: dict[str, Any]) -> Iterator[str]:
    for source in told["sources"]:
        dated = f" ({source['dated']})" if source["dated"] else ""
        yield f"{plain(source['title'])}: {plain(source['location'])}{dated}"
