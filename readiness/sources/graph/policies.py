"""Reader of the EDR policies, in all three shapes, and who of all policies is one.

All policies are listed and told apart here: a filter on the template family would miss every policy for collections,
which has no template. Source: reference on Graph, EDR policies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from readiness.model.facts import (
    EDR_CREATION_SOURCE,
    EDR_FAMILY,
    LEGACY_TEMPLATE,
    EdrPolicies,
    EdrPolicy,
    PolicyKind,
    PolicyTarget,
    TargetKind,
)
from readiness.sources.graph.policy_settings import retired_settings, settings_of
from readiness.sources.graph.questions import Outcome, Pages, Question, got, visible
from readiness.sources.graph.rules import ALL_WORDS
from readiness.sources.graph.session import GraphSession, finding
from readiness.sources.graph.values import Object, key, objects, optional, segment, text, texts
from readiness.sources.reader import Finding

INTUNE = "/deviceManagement"
_PROPERTIES = "id,name,platforms,technologies,creationSource,templateReference,isAssigned,roleScopeTagIds"
_POLICIES = Question("beta", f"{INTUNE}/configurationPolicies?$select={_PROPERTIES}&$expand=assignments", (ALL_WORDS,))
_INTENTS = Question("beta", f"{INTUNE}/intents")
_TEMPLATES = Question("beta", f"{INTUNE}/templates")

_EDR_SUBTYPE = "endpointdetection"
"""Beginning of the `templateSubtype` of retired EDR templates, folded. Microsoft spells the rest in two ways."""
_UNTOLD = frozenset({"", "none", "unknownfuturevalue"})
"""Families that tell nothing, folded."""
_OTHER_SOURCES = frozenset({"sccmav", "windowssecurity", "firewall"})
"""`creationSource` of the other profiles for Configuration Manager, folded. Source: a public provider's table."""
_SENSOR = frozenset({"configManager", "microsoftSense"})
"""Technologies of which every EDR policy has at least one."""
_EDR_SETTING = re.compile(r"windowsadvancedthreatprotection|(?:^|_)edr(?:_|$)", re.IGNORECASE)
"""What the definitions of EDR settings hold in their ids."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One EDR policy, as it was listed."""

    kind: PolicyKind
    row: Object

    @property
    def id(self) -> str:
        return text(self.row, "id")

    @property
    def legacy(self) -> bool:
        return self.kind is PolicyKind.LEGACY

    @property
    def targets(self) -> tuple[PolicyTarget, ...] | None:
        """None where the list holds none of the assignments, or not all of them."""
        if self.row.get("assignments") is None or "assignments@odata.nextLink" in self.row:
            return None
        return targets(objects(self.row, "assignments"))


@dataclass(frozen=True, slots=True)
class Found:
    """The EDR policies among all."""

    policies: tuple[Listed, ...]
    listed: Pages
    seen: int
    """Policies of every kind that were listed."""


def find(session: GraphSession) -> Found:
    """Every EDR policy. One of which neither family nor source tells is told by its settings, or taken for one."""
    policies, intents, templates = (got(outcome) for outcome in session.ask(_POLICIES, _INTENTS, _TEMPLATES))
    for row in (*policies.rows, *intents.rows):
        text(row, "id")  # a row of nothing is no policy of another kind
    sure = [Listed(kind, row) for row in policies.rows if (kind := _kind(row)) is not None]
    doubtful = [row for row in policies.rows if _kind(row) is None and _could_be(row)]
    asked = session.ask(*(settings_question(text(row, "id")) for row in doubtful))
    told = [
        Listed(_delivered(row), row) for row, outcome in zip(doubtful, asked, strict=True) if _sets_the_sensor(outcome)
    ]
    retired = {LEGACY_TEMPLATE, *(text(row, "id").lower() for row in templates.rows if _is_edr_template(row))}
    legacy = [
        Listed(PolicyKind.LEGACY, row)
        for row in intents.rows
        if (optional(row, "templateId", str) or "").lower() in retired
    ]
    return Found((*sure, *told, *legacy), policies, len(policies.rows) + len(intents.rows))


def edr_policies(session: GraphSession) -> Finding[EdrPolicies]:
    found = find(session)
    cut = [policy for policy in found.policies if policy.targets is None]
    outcomes = session.ask(*map(_settings_of, found.policies), *(_assignments(one) for one in cut))
    seen = len(found.policies)
    settings = {one.id: visible(outcome) for one, outcome in zip(found.policies, outcomes[:seen], strict=True)}
    assigned = {one.id: got(outcome) for one, outcome in zip(cut, outcomes[seen:], strict=True)}
    made = tuple(_policy(one, settings[one.id], assigned.get(one.id)) for one in found.policies)
    # An application is not limited by scope tags; a person may be.
    return finding(EdrPolicies(made, found.seen, complete=not session.delegated), found.listed, found.seen)


def settings_question(id_: str) -> Question:
    return Question("beta", f"{INTUNE}/configurationPolicies({key(id_)})/settings")


def _settings_of(policy: Listed) -> Question:
    if policy.legacy:
        return Question("beta", f"{INTUNE}/intents/{segment(policy.id)}/settings")
    return settings_question(policy.id)


def _assignments(policy: Listed) -> Question:
    if policy.legacy:
        return Question("beta", f"{INTUNE}/intents/{segment(policy.id)}/assignments")
    return Question("beta", f"{INTUNE}/configurationPolicies({key(policy.id)})/assignments")


def _kind(row: Object) -> PolicyKind | None:
    """The kind of a policy whose source or family says that it is about EDR."""
    if (optional(row, "creationSource", str) or "").lower() == EDR_CREATION_SOURCE.lower():
        return PolicyKind.CONFIGMGR
    return _delivered(row) if _family(row) == EDR_FAMILY.lower() else None


def _delivered(row: Object) -> PolicyKind:
    """Who carries the policy to devices. Where both could, a collection among its targets decides."""
    technologies = _technologies(row)
    for_collections = any(one.kind is TargetKind.COLLECTION for one in Listed(PolicyKind.INTUNE, row).targets or ())
    if "configManager" in technologies and (for_collections or not {"mdm", "microsoftSense"} & set(technologies)):
        return PolicyKind.CONFIGMGR
    return PolicyKind.INTUNE


def _could_be(row: Object) -> bool:
    source = (optional(row, "creationSource", str) or "").lower()
    return _family(row) in _UNTOLD and source not in _OTHER_SOURCES and bool(_SENSOR & set(_technologies(row)))


def _sets_the_sensor(outcome: Outcome) -> bool:
    """Whether a policy's settings are those of the sensor; one whose settings are hidden may be an EDR policy."""
    found = visible(outcome)
    return found is None or any(_EDR_SETTING.search(one.definition) for one in settings_of(found.rows))


def _is_edr_template(row: Object) -> bool:
    return (optional(row, "templateSubtype", str) or "").lower().startswith(_EDR_SUBTYPE)


def _family(row: Object) -> str:
    reference: Any = optional(row, "templateReference", dict) or {}
    return (optional(reference, "templateFamily", str) or "").lower()


def _technologies(row: Object) -> tuple[str, ...]:
    words = (optional(row, "technologies", str) or "").split(",")
    return tuple(word.strip() for word in words if word.strip())


def _policy(policy: Listed, settings: Pages | None, assignments: Pages | None) -> EdrPolicy:
    row = policy.row
    listed = policy.targets if assignments is None else targets(assignments.rows)
    flat = retired_settings if policy.legacy else settings_of
    return EdrPolicy(  # a retired one is for Windows 10 and later, which its template says and it does not
        id=policy.id,
        name=optional(row, "displayName" if policy.legacy else "name", str) or "",
        kind=policy.kind,
        platforms="windows10" if policy.legacy else text(row, "platforms"),
        technologies=("mdm",) if policy.legacy else _technologies(row),
        scope_tags=texts(row, "roleScopeTagIds"),
        targets=listed or (),
        settings=None if settings is None else flat(settings.rows),
    )


def targets(rows: Sequence[Object]) -> tuple[PolicyTarget, ...]:
    """Where assignments point to; of a kind that nobody knows, the kind stays."""
    return tuple(_target(optional(row, "target", dict) or {}) for row in rows)


def _target(row: Object) -> PolicyTarget:
    kind = TargetKind(text(row, "@odata.type").rpartition(".")[2])
    if kind is TargetKind.COLLECTION:
        return PolicyTarget(kind, text(row, "collectionId"))
    grouped = kind in (TargetKind.GROUP, TargetKind.EXCLUDED_GROUP)
    return PolicyTarget(kind, text(row, "groupId") if grouped else "")
