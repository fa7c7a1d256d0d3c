"""Reader of how many devices comply with each EDR policy that is assigned.

Source: reference on Graph, EDR policies, status; words of the device report: `complianceStatus` of Graph v1.0, and
public code that reads the report.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from readiness.errors import SourceError
from readiness.model.facts import PolicyKind, PolicyStatus, PolicyStatuses, TargetKind
from readiness.model.words import Reason
from readiness.sources.graph.policies import INTUNE, Listed, find
from readiness.sources.graph.questions import Pages, Question, got
from readiness.sources.graph.session import GraphSession, finding
from readiness.sources.graph.values import (
    Object,
    key,
    literal,
    objects,
    optional,
    optional_count,
    refuse,
    segment,
)
from readiness.sources.reader import Finding

PAGE_ROWS = 500
MOST_ROWS = 1_000_000
_DEVICE, _STATUS = "IntuneDeviceId", "PolicyStatus"
_WORDS = ("unknown", "notApplicable", "compliant", "remediated", "nonCompliant", "error", "conflict", "notAssigned")
"""`complianceStatus` of Graph, by its numbers."""
_MEANING = {
    "unknown": "pending",
    "pending": "pending",
    "inprogress": "pending",
    "notevaluated": "pending",
    "notapplicable": "",
    "notassigned": "",
    "compliant": "compliant",
    "remediated": "compliant",
    "succeeded": "compliant",
    "success": "compliant",
    "noncompliant": "non_compliant",
    "notcompliant": "non_compliant",
    "error": "failed",
    "failed": "failed",
    "conflict": "failed",
}
"""What each word counts as; empty: the policy is not for this device."""
_WORST = ("failed", "non_compliant", "pending", "compliant", "")
"""A device has a row for itself and one for each person on it: the worst counts."""


def statuses(session: GraphSession) -> Finding[PolicyStatuses]:
    found = find(session)
    assigned = [one for one in found.policies if _assigned(one)]
    summed = [one for one in assigned if one.kind is not PolicyKind.INTUNE]
    reported = [one for one in assigned if one.kind is PolicyKind.INTUNE]
    first = session.ask(*(_summary(one) for one in summed), *(_report(one.id, 0) for one in reported))
    pages = [got(outcome) for outcome in first]
    made = {one.id: _summed(one, page) for one, page in zip(summed, pages[: len(summed)], strict=True)}
    made |= _reported(session, {one.id: page for one, page in zip(reported, pages[len(summed) :], strict=True)})
    ordered = tuple(made[one.id] for one in assigned)
    return finding(PolicyStatuses(ordered), pages[-1] if pages else found.listed, len(ordered))


def _assigned(policy: Listed) -> bool:
    """Whether it goes to anything; where the list holds no assignments, it is asked for unless it says that not."""
    if policy.targets is None:
        return optional(policy.row, "isAssigned", bool) is not False
    return any(target.kind is not TargetKind.EXCLUDED_GROUP for target in policy.targets)


# Sums: what a collection policy and a retired one have.


def _summary(policy: Listed) -> Question:
    if policy.legacy:
        return Question("beta", f"{INTUNE}/intents/{segment(policy.id)}/deviceStateSummary", single=True)
    path = f"{INTUNE}/configManagerCollections/getPolicySummary(policyId={key(policy.id)})"
    return Question("beta", path, single=True)


def _summed(policy: Listed, page: Pages) -> PolicyStatus:
    if policy.legacy:
        row = _counting(page.object, "successCount")
        failed = [optional_count(row, name) for name in ("errorCount", "failedCount")]
        return PolicyStatus(
            policy_id=policy.id,
            targeted=None,
            compliant=optional_count(row, "successCount"),
            non_compliant=optional_count(row, "conflictCount"),
            failed=None if None in failed else sum(one or 0 for one in failed),
            pending=None,
        )
    # The documentation prints the answer of the function wrapped; as OData answers functions, it is not.
    row = _counting(optional(page.object, "value", dict) or page.object, "compliantDeviceCount")
    return PolicyStatus(
        policy_id=policy.id,
        targeted=optional_count(row, "targetedDeviceCount"),
        compliant=optional_count(row, "compliantDeviceCount"),
        non_compliant=optional_count(row, "nonCompliantDeviceCount"),
        failed=optional_count(row, "failedDeviceCount"),
        pending=optional_count(row, "pendingDeviceCount"),
    )


def _counting(row: Object, name: str) -> Object:
    """The row, which must count at least this."""
    return refuse(name, None) if optional_count(row, name) is None else row


# Reports: rows of columns that a schema names, page by page.


def _report(policy_id: str, skip: int) -> Question:
    body = {
        "select": [_DEVICE, _STATUS],
        "filter": f"(PolicyId eq {literal(policy_id)})",
        "skip": skip,
        "top": PAGE_ROWS,
        "orderBy": [],
    }
    path = f"{INTUNE}/reports/getConfigurationPolicyDevicesReport"
    return Question("beta", path, body=json.dumps(body), single=True)


def _reported(session: GraphSession, pages: dict[str, Pages]) -> dict[str, PolicyStatus]:
    """The counts of each policy, all pages of all reports; each round asks the next page of those that go on."""
    rows: dict[str, list[tuple[str, str]]] = {id_: [] for id_ in pages}
    while pages:
        for id_, page in pages.items():
            rows[id_] += _rows(page.object)
        going = [id_ for id_, page in pages.items() if _goes_on(page.object, len(rows[id_]))]
        outcomes = session.ask(*(_report(id_, len(rows[id_])) for id_ in going))
        pages = {id_: got(outcome) for id_, outcome in zip(going, outcomes, strict=True)}
    return {id_: _count(id_, found) for id_, found in rows.items()}


def _goes_on(page: Object, so_far: int) -> bool:
    total = optional_count(page, "TotalRowCount")
    if total is None or total > MOST_ROWS:
        refuse("TotalRowCount", total)
    if so_far < total and not page["Values"]:
        raise SourceError(Reason.BAD_ANSWER, f"the device report ends after {so_far} of {total} rows")
    return so_far < total


def _rows(page: Object) -> list[tuple[str, str]]:
    """Device and meaning of each row."""
    columns = [_text(column.get("Column")) for column in objects(page, "Schema")]
    values = page.get("Values")
    if not isinstance(values, list) or any(not isinstance(row, list) or len(row) != len(columns) for row in values):
        refuse("Values", values)
    if values and not {_DEVICE, _STATUS} <= set(columns):
        refuse("Schema", columns)
    return [(_text(row[columns.index(_DEVICE)]), _meaning(row[columns.index(_STATUS)])) for row in values]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else refuse("Values", value)


def _meaning(status: Any) -> str:
    """What a status means, told by a word or by a number."""
    word = status
    if type(status) is int and 0 <= status < len(_WORDS):
        word = _WORDS[status]
    known = _MEANING.get(word.replace(" ", "").lower()) if isinstance(word, str) else None
    return refuse(_STATUS, status) if known is None else known


def _count(policy_id: str, rows: Sequence[tuple[str, str]]) -> PolicyStatus:
    worst: dict[str, str] = {}
    for number, (device, meaning) in enumerate(rows):
        one = device or f"the nameless device of row {number}"
        worst[one] = min(worst.get(one, ""), meaning, key=_WORST.index)
    counts = Counter(worst.values())
    return PolicyStatus(
        policy_id=policy_id,
        targeted=len(worst) - counts[""],
        compliant=counts["compliant"],
        non_compliant=counts["non_compliant"],
        failed=counts["failed"],
        pending=counts["pending"],
    )
