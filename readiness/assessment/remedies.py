"""What to do where something could not be verified: the same for every check, by reason and half."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from readiness.model.check import Check
from readiness.model.remediation import Remediation, Step
from readiness.model.words import Half, Needs, Owner, Phase, Reason

Missing = Sequence[str]

_OWNERS = {Half.SITE: Owner.CONFIGMGR_ADMIN, Half.TENANT: Owner.ENTRA_ADMIN}
_SAME_FOR_CONNECTION = (Reason.NOT_CONFIGURED, Reason.THROTTLED, Reason.TIMED_OUT, Reason.STALE)
_AGAIN = "run the scan again: the check then has a verdict"


def remedy(check: Check, reason: Reason, lacking: Half | None, missing: Missing) -> Remediation | None:
    """The steps for a check that is unknown for this reason; None where the check's own steps are the right ones.

    Args:
        lacking: the half whose reading is missing, where that is why.
        missing: the permissions that are missing, where that is why.
    """
    half = lacking or (Half.TENANT if check.needs is Needs.TENANT else Half.SITE)
    if check.phase is Phase.CONNECTION and reason not in _SAME_FOR_CONNECTION:
        return _site_sign_in(half) if (reason, half) == (Reason.SIGN_IN_FAILED, Half.SITE) else None
    made = _STEPS.get((reason, half)) or _STEPS.get((reason, None))
    return made(half, missing) if made else None


def _not_configured(half: Half, _missing: Missing) -> Remediation:
    section, only = {Half.SITE: ("site", "site"), Half.TENANT: ("tenant", "graph")}[half]
    return _of(
        half,
        Step(
            f"Add the [{section}] section to the configuration; or let somebody who has the rights collect that half, "
            "and assess both files together",
            command=f"readiness collect --only {only} -o {section}.json",
            id=f"configure-{section}",
        ),
        role="the least rights that reading needs: readiness permissions lists them",
    )


def _hidden_at_site(half: Half, _missing: Missing) -> Remediation:
    return _of(
        half,
        Step(
            "Make the reading account an administrative user with the role Read-only Analyst and the scope All",
            where="Administration > Security > Administrative Users",
            command="New-CMAdministrativeUser -Name <account> -RoleName 'Read-only Analyst' -SecurityScopeName 'All'",
            id="grant-read-only",
        ),
        role="Full Administrator, scope All",
        rollback="take the role from the reading account again",
    )


def _refused_by_intune(half: Half, _missing: Missing) -> Remediation:
    return _of(
        half,
        Step(
            "Give the reading account an Intune role with read rights and all scope tags",
            where="Microsoft Intune admin center > Tenant administration > Roles",
            id="grant-intune-reader",
        ),
        role="Intune Administrator",
        rollback="take the role from the reading account again",
    )


def _no_target(half: Half, _missing: Missing) -> Remediation:
    return _of(
        half,
        Step(
            "Name the collections of the roll-out: [scope] collections in the configuration, or --collection",
            command="readiness scan --collection <id or name>",
            id="name-targets",
        ),
    )


def _wrong_target(half: Half, _missing: Missing) -> Remediation:
    section = {Half.SITE: "site", Half.TENANT: "tenant"}[half]
    return _of(
        half,
        Step(
            f"Correct the [{section}] section of the configuration: it leads to another estate", id=f"correct-{section}"
        ),
    )


def _unreachable(half: Half, _missing: Missing) -> Remediation:
    step = Step(
        "See that this machine reaches the server (name, port, firewall, proxy, certificate), then scan again",
        command="readiness scan --debug --log-file readiness.log",
        id="reach-server",
    )
    return replace(_of(half, step), owner=Owner.NETWORK_ADMIN)


def _sign_in(half: Half, _missing: Missing) -> Remediation:
    return _of(
        half,
        Step(
            "Look at the account and its secret: expired, locked, changed, or refused by a policy", id="look-at-account"
        ),
    )


def _site_sign_in(half: Half) -> Remediation:
    """The server was reached and refused the account: what makes it reachable need not be looked at."""
    return _of(
        half,
        Step(
            "Mend the cause that the summary names; it says who can. Where that is the user name or the password: "
            "[site] username and the variable that password_env names. The account is tried once per scan, so it "
            "will not be locked by it",
            id="mend-sign-in",
        ),
    )


def _permission(half: Half, missing: Missing) -> Remediation:
    named = ", ".join(missing) or "that the reading names"
    return _of(
        half,
        Step(
            f"Grant the application permission {named}, and give admin consent",
            where="Microsoft Entra admin center > App registrations > the application > API permissions",
            id="grant-permission",
            wait_id="role-grant",
            role_steps=("application-consent",),
        ),
        role="Privileged Role Administrator",
        wait="a few minutes until new consent shows in tokens",
        rollback="remove the permission from the application again",
    )


def _slow(half: Half, _missing: Missing) -> Remediation:
    return _of(
        half,
        Step(
            "Scan again; where the time ran out, with a longer deadline: --timeout 300, --deadline for the whole job",
            command="readiness scan --timeout 300",
            id="scan-for-longer",
        ),
    )


def _stale(half: Half, _missing: Missing) -> Remediation:
    return _of(
        half, Step("Collect the evidence again", command="readiness collect -o evidence.json", id="collect-again")
    )


def _unknown_value(half: Half, _missing: Missing) -> Remediation:
    return _of(
        half,
        Step(
            "Compare the value that was observed with Microsoft's documentation: either the rules of this version are "
            "older, or the value is out of the ordinary",
            id="compare-value",
        ),
    )


def _contradicting(half: Half, _missing: Missing) -> Remediation:
    return _of(
        half,
        Step(
            "Read again after 30 minutes: uploads take 15 minutes, and 5 to 10 more until they show",
            id="read-again",
            wait_id="upload",
        ),
    )


def _bad_answer(half: Half, _missing: Missing) -> Remediation:
    return _of(
        half,
        Step(
            "Scan again; if the same answer comes back, look at what stands between this machine and the server "
            "(proxy, load balancer), and at the server's own log",
            command="readiness scan --debug --log-file readiness.log",
            id="scan-again",
        ),
    )


def _unsupported(half: Half, _missing: Missing) -> Remediation:
    return _of(
        half,
        Step(
            "Scan again, or collect again with this version, where the evidence is older than the check; where the "
            "summary says that the server does not know what was asked for, its own version is too old",
            command="readiness collect -o evidence.json",
        ),
    )


def _of(half: Half, step: Step, *, role: str = "none", wait: str = "none", rollback: str = "none") -> Remediation:
    return Remediation(steps=(step,), role=role, wait=wait, verify=_AGAIN, rollback=rollback, owner=_OWNERS[half])


_STEPS: dict[tuple[Reason, Half | None], Callable[[Half, Missing], Remediation]] = {
    (Reason.NOT_CONFIGURED, None): _not_configured,
    (Reason.NO_TARGET, None): _no_target,
    (Reason.WRONG_TARGET, None): _wrong_target,
    (Reason.UNREACHABLE, None): _unreachable,
    (Reason.SIGN_IN_FAILED, None): _sign_in,
    (Reason.NOT_VISIBLE, Half.SITE): _hidden_at_site,
    (Reason.NOT_VISIBLE, Half.TENANT): _refused_by_intune,
    (Reason.ACCESS_DENIED, Half.SITE): _hidden_at_site,
    (Reason.ACCESS_DENIED, Half.TENANT): _refused_by_intune,
    (Reason.MISSING_PERMISSION, None): _permission,
    (Reason.THROTTLED, None): _slow,
    (Reason.TIMED_OUT, None): _slow,
    (Reason.STALE, None): _stale,
    (Reason.UNKNOWN_VALUE, None): _unknown_value,
    (Reason.CONTRADICTING, None): _contradicting,
    (Reason.BAD_ANSWER, None): _bad_answer,
    (Reason.UNSUPPORTED_VERSION, None): _unsupported,
}
