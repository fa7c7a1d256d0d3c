"""The policies onboard, with the package from the connector: one that offboards takes the sensor away again."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from checks.defender.defender_connected import is_connected
from checks.policies import ARTICLE, EXPORTED, HIDDEN, NODE, listed, strange
from readiness.plugin import (
    Basis,
    Check,
    EdrPolicies,
    EdrPolicy,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    PolicyKind,
    PolicySetting,
    Reading,
    Reason,
    Remediation,
    Source,
    Step,
    Subject,
    ThreatDefenseConnectors,
    Verdict,
    worst,
)

CHECK = Check(
    id="edr-policy-onboards",
    title="The policies onboard, with the package from the connector",
    phase=Phase.POLICY,
    level=Level.ADVISORY,
    needs=Needs.TENANT,
    owner=Owner.INTUNE_ADMIN,
    depends_on=("intune-active", "defender-connected"),
    why="An EDR policy carries a package; with one that offboards the roll-out takes devices out of Defender, and one "
    "that was pasted belongs to the tenant and the moment that it was downloaded from.",
    judged=(
        "Of every EDR policy for Windows, in all three shapes, the client configuration package type (of the retired "
        "shape: whether the package is filled in, and of which type it is). Auto from connector passes; a pasted "
        "onboarding package is an advisory fail; an offboarding package is a blocker where the policy is assigned to "
        "anything, and an advisory fail where it is not. A type that no table knows is unknown, settings that name no "
        "type must be looked at by a person: at first the package was always automatic. A pass needs that no policy is "
        "hidden, and that the connection was read and is there. No policy: it does not apply."
    ),
    inferred=(
        "Which setting holds the package type, and what its words mean, is read from exported policies; of the "
        "retired shape from public code that restores them."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Remove the assignment of the policy that offboards, unless those devices are to leave Defender",
                where=f"{NODE} > the policy > Assignments",
                id="unassign-offboarding",
                condition="where a policy that offboards is assigned",
            ),
            Step(
                "Set the client configuration package type to Auto from connector; where that is not offered, turn on "
                "the connection to Defender first",
                where=f"{NODE} > the policy > Configuration settings",
                id="package-from-connector",
            ),
        ),
        role="Endpoint Security Manager in Intune",
        wait="15 to 30 minutes until the site has the policy, then the client policy interval (60 minutes by default); "
        "an offboarding package is valid for 7 days after its download",
        verify=f"{NODE}: the policy, Client configuration package type; on a device the service Sense runs, and "
        "OnboardingState is 1",
        rollback="choose the former package type, and assign as before",
        change_window=True,
    ),
    sources=(
        ARTICLE,
        Source(
            "Deploy EDR policy",
            "memdocs intune/device-configuration/endpoint-security/deploy-edr.md, client configuration package type",
            date(2026, 5, 18),
        ),
        EXPORTED,
        Source(
            "windowsDefenderAdvancedThreatProtectionConfiguration",
            "Graph beta, advancedThreatProtectionBlobType; public code that restores policies of the retired shape",
        ),
    ),
)

EXPECTED = "every EDR policy for Windows onboards, with the package from the connector"
TYPE = "windowsadvancedthreatprotection_configurationtype"
"""End of the `settingDefinitionId` of the package type; an option's id begins with that of its definition."""
RETIRED = "windowsdefenderadvancedthreatprotectionconfiguration_"
FILLED_IN = f"{RETIRED}advancedthreatprotectionautopopulateonboardingblob"
BLOB_TYPE = f"{RETIRED}advancedthreatprotectionblobtype"
"""Ends of the `definitionId` of the same settings in the retired shape. Source: public code that restores policies."""
WINDOWS = "windows10"


class Package(StrEnum):
    """What a policy carries."""

    CONNECTOR = "autofromconnector"
    ONBOARD = "onboard"
    OFFBOARD = "offboard"


_OF_THE_RETIRED = {"onboardingblob": Package.ONBOARD, "offboardingblob": Package.OFFBOARD}


@CHECK.judge
def judge(policies: EdrPolicies, connectors: Reading[ThreatDefenseConnectors]) -> Verdict:
    rows = [one for one in policies.policies if WINDOWS in one.platforms.lower().replace(" ", "").split(",")]
    if not rows:
        words = "No EDR policy for Windows is visible, so there is nothing that onboards or offboards"
        return _verdict(Outcome.NOT_APPLICABLE, words, listed(policies.policies) or "no such policy")
    unknown = strange(rows)
    if unknown is not None:
        return _verdict(Outcome.UNKNOWN, unknown, listed(rows), Reason.UNKNOWN_VALUE)
    said = [_judged(one) for one in rows]
    first = worst(said, CHECK.level)
    more = sum(1 for one in said if one.outcome is first.outcome) - 1
    if first.outcome is not Outcome.PASS:
        words = first.summary + (f" (and {more} more)" if more else "")
        return _verdict(first.outcome, words, listed(rows), first.reason, first.level)
    words = f"All {len(rows)} EDR policies for Windows onboard with the package from the connector"
    if len(rows) == 1:
        words = "The one EDR policy for Windows onboards with the package from the connector"
    if connectors.value is None:
        words = f"{words}, but whether there is a connection could not be read: {connectors.error or 'no reading'}"
        return _verdict(Outcome.UNKNOWN, words, listed(rows), connectors.reason or Reason.BAD_ANSWER)
    if not is_connected(connectors.value):
        words = f"{words}, but nothing shows that there is a connection, from which it would come"
        return _verdict(Outcome.UNKNOWN, words, listed(rows), Reason.NOT_VISIBLE)
    if not policies.complete:
        return _verdict(Outcome.UNKNOWN, f"{words}, but {HIDDEN}", listed(rows), Reason.NOT_VISIBLE)
    return _verdict(Outcome.PASS, words, listed(rows))


def _judged(policy: EdrPolicy) -> Subject:
    if not policy.kind.known:
        said = f"it is of the kind '{policy.kind.value}', which no table knows"
        return _of(policy, Outcome.UNKNOWN, said, Reason.UNKNOWN_VALUE)
    if policy.settings is None:
        return _of(policy, Outcome.UNKNOWN, "its settings could not be read", Reason.NOT_VISIBLE)
    words = {_folded(word) for word in _types(policy, policy.settings)}
    if len(words) > 1:
        told = ", ".join(sorted(words))
        return _of(policy, Outcome.UNKNOWN, f"its settings name several package types: {told}", Reason.CONTRADICTING)
    if not words:
        said = "its settings name no package type; look whether it onboards (at first the package was always automatic)"
        return _of(policy, Outcome.MANUAL, said)
    (word,) = words
    if word not in set(Package):
        said = f"its package type is '{word}', which no table knows"
        return _of(policy, Outcome.UNKNOWN, said, Reason.UNKNOWN_VALUE)
    return _carries(policy, Package(word))


def _carries(policy: EdrPolicy, package: Package) -> Subject:
    if package is Package.CONNECTOR:
        return _of(policy, Outcome.PASS, "it onboards with the package from the connector")
    if package is Package.ONBOARD:
        said = "it onboards with a package that somebody pasted: whether that is of this tenant is not shown"
        return _of(policy, Outcome.FAIL, said)
    if policy.assigned:
        words = "it OFFBOARDS devices, and is assigned"
        return _of(policy, Outcome.FAIL, words, level=Level.BLOCKER)
    return _of(policy, Outcome.FAIL, "it would offboard devices; it is assigned to nothing")


def _types(policy: EdrPolicy, settings: tuple[PolicySetting, ...]) -> list[str]:
    """What the settings say of the package, in the words of `Package` where there is one for it."""
    named = [(setting.definition.lower(), setting.value) for setting in settings]
    if policy.kind is not PolicyKind.LEGACY:
        return [_option(name, value) for name, value in named if name.endswith(TYPE)]
    filled_in = [value.lower() for name, value in named if name.endswith(FILLED_IN)]
    types = [value for name, value in named if name.endswith(BLOB_TYPE) and value.lower() != "notconfigured"]
    pasted = [_OF_THE_RETIRED.get(value.lower(), value) for value in types]
    if "true" in filled_in:
        return [Package.CONNECTOR, *(one for one in pasted if one != Package.ONBOARD)]
    return pasted if set(filled_in) <= {"false"} else filled_in


def _option(definition: str, value: str) -> str:
    """The option by itself: its id begins with that of the definition."""
    return value.lower().removeprefix(f"{definition}_")


def _folded(word: str) -> str:
    return word.strip().lower()


def _of(
    policy: EdrPolicy, outcome: Outcome, words: str, reason: Reason | None = None, *, level: Level | None = None
) -> Subject:
    return Subject("policy", policy.id, policy.name, outcome, f"{policy.name or policy.id}: {words}", level, reason)


def _verdict(
    outcome: Outcome, summary: str, observed: str, reason: Reason | None = None, level: Level | None = None
) -> Verdict:
    return Verdict(outcome, summary, EXPECTED, observed, Basis.INFERRED, reason, level)
