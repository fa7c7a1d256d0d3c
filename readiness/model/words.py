"""The closed vocabularies of the product: outcomes, levels, reasons, phases, owners."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What a check came to. Contract: interfaces, section 4."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    MANUAL = "manual"
    BLOCKED = "blocked"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


MARKS = {
    Outcome.PASS: "√",
    Outcome.FAIL: "×",
    Outcome.UNKNOWN: "?",
    Outcome.MANUAL: "☐",
    Outcome.BLOCKED: "⊘",
    Outcome.NOT_APPLICABLE: "–",
    Outcome.ERROR: "☠",
}
"""The sign of each outcome; always shown together with the word."""


MEANINGS = {
    Outcome.PASS: "proven by fresh evidence",
    Outcome.FAIL: "proven not to hold",
    Outcome.UNKNOWN: "could not be verified; the reason is one of a closed list of codes",
    Outcome.MANUAL: "nothing exposes it: a person must look, and the check says where",
    Outcome.BLOCKED: "not judged, because a check that it depends on did not pass; names it",
    Outcome.NOT_APPLICABLE: "the estate's version, cloud or operating model makes it moot; says why",
    Outcome.ERROR: "the check itself crashed: a bug",
}
"""What each outcome means. Contract: interfaces, section 4."""


class Level(StrEnum):
    """How much a check weighs: `blocker` (the roll-out cannot work), `advisory` (should be mended), `info`."""

    BLOCKER = "blocker"
    ADVISORY = "advisory"
    INFO = "info"


class Reason(StrEnum):
    """Why something could not be verified: the closed list of the contract."""

    NOT_CONFIGURED = "not-configured"
    NO_TARGET = "no-target"
    WRONG_TARGET = "wrong-target"
    UNREACHABLE = "unreachable"
    SIGN_IN_FAILED = "sign-in-failed"
    ACCESS_DENIED = "access-denied"
    MISSING_PERMISSION = "missing-permission"
    NOT_VISIBLE = "not-visible"
    THROTTLED = "throttled"
    TIMED_OUT = "timed-out"
    BAD_ANSWER = "bad-answer"
    UNSUPPORTED_VERSION = "unsupported-version"
    UNKNOWN_VALUE = "unknown-value"
    CONTRADICTING = "contradicting"
    STALE = "stale"


REASONS = {
    Reason.NOT_CONFIGURED: "the configuration has no section for that half, or the evidence does not hold it",
    Reason.NO_TARGET: "nothing was named that could be judged: no collection, no administrator",
    Reason.WRONG_TARGET: "what answered is not what was meant: another tenant or site, or none of that name",
    Reason.UNREACHABLE: "no connection: name, network, proxy, TLS",
    Reason.SIGN_IN_FAILED: "the sign-in was refused",
    Reason.ACCESS_DENIED: "the role or right of the account itself is too small",
    Reason.MISSING_PERMISSION: "the application lacks a permission, which is named",
    Reason.NOT_VISIBLE: "the rights of the account may hide it: that it was not seen proves nothing",
    Reason.THROTTLED: "the service was busy, and stayed so for all tries",
    Reason.TIMED_OUT: "the time for reading was over",
    Reason.BAD_ANSWER: "the answer makes no sense: it breaks its own format, or was cut off",
    Reason.UNSUPPORTED_VERSION: "the server, or the file, is too old to tell",
    Reason.UNKNOWN_VALUE: "the answer holds a value that no table knows",
    Reason.CONTRADICTING: "two sources, or two readings of one moment, say different things",
    Reason.STALE: "the evidence is too old, or dated in the future",
}
"""What each reason means."""


class Phase(StrEnum):
    """The way of the article, in its order."""

    CONNECTION = "connection"
    DEFENDER = "defender"
    SITE = "site"
    ATTACH = "attach"
    COLLECTIONS = "collections"
    RIGHTS = "rights"
    POLICY = "policy"

    @property
    def heading(self) -> str:
        return PHASE_HEADINGS[self]


PHASE_HEADINGS = {
    Phase.CONNECTION: "What the scan can see",
    Phase.DEFENDER: "Defender and Intune are joined",
    Phase.SITE: "Configuration Manager can carry EDR policy",
    Phase.ATTACH: "The hierarchy is attached to the tenant",
    Phase.COLLECTIONS: "The devices to protect are in reach",
    Phase.RIGHTS: "Someone can finish the set-up",
    Phase.POLICY: "The EDR policies themselves",
}


class Half(StrEnum):
    """The two halves of the estate: on-premises and cloud."""

    SITE = "site"
    TENANT = "tenant"


class Origin(StrEnum):
    """Who asks for a prerequisite: the article of 2020, or what is needed today besides."""

    ARTICLE = "article"
    TODAY = "today"


class Needs(StrEnum):
    """Which halves a check needs: S, G, both together, or either one alone."""

    SITE = "S"
    TENANT = "G"
    BOTH = "S+G"
    EITHER = "S|G"

    @property
    def halves(self) -> tuple[Half, ...]:
        return {
            Needs.SITE: (Half.SITE,),
            Needs.TENANT: (Half.TENANT,),
            Needs.BOTH: (Half.SITE, Half.TENANT),
            Needs.EITHER: (Half.SITE, Half.TENANT),
        }[self]


class Owner(StrEnum):
    """Who mends what a check finds."""

    CONFIGMGR_ADMIN = "Configuration Manager administrator"
    ENTRA_ADMIN = "Entra administrator"
    INTUNE_ADMIN = "Intune administrator"
    DEFENDER_ADMIN = "Defender administrator"
    NETWORK_ADMIN = "network administrator"


class Basis(StrEnum):
    """What a verdict rests on: `documented`, or `inferred` where no published property says it."""

    DOCUMENTED = "documented"
    INFERRED = "inferred"


class DecisionState(StrEnum):
    """The state of the estate, of a half, or of one target collection."""

    READY = "ready"
    NOT_READY = "not-ready"
    UNDETERMINED = "undetermined"
    SELECTION_PASSED = "selection-passed"
    NOT_CONFIGURED = "not-configured"


class FailOn(StrEnum):
    """From which level on a finding changes the exit code: `--fail-on`."""

    BLOCKER = "blocker"
    ADVISORY = "advisory"
    UNKNOWN = "unknown"


class OverlayState(StrEnum):
    """What became of a waiver or an attestation."""

    APPLIED = "applied"
    EXPIRED = "expired"
    UNUSED = "unused"
