"""The service connection point reaches its cloud endpoints: it tries them itself, and says what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from checks import knowledge
from checks.hierarchy import doubt, flaw, present
from checks.visibility import sees_everything
from checks.wording import counted
from readiness.plugin import (
    Check,
    Connectivity,
    ConnectivityMessage,
    ConnectivityMessages,
    Context,
    Hierarchy,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    Reading,
    Reason,
    Remediation,
    Site,
    SiteAccess,
    Source,
    Step,
    Verdict,
)

SINCE_BUILD = 9040
"""Release 2010: earlier ones do not try their endpoints. Source: release table; about the service connection point."""
WITHIN = timedelta(days=7)
"""Older messages say nothing of today. Source: catalogue."""
SKEW = timedelta(hours=24)
"""A message may lie so far in the future where clocks or zones differ, as a heartbeat may."""

OPEN = Step(
    "Open these endpoints for the computer account of the server of the service connection point: "
    "*.manage.microsoft.com (US Government: *.manage.microsoft.us), aka.ms and dc.services.visualstudio.com on 443; "
    "the revocation lists of DigiCert, D-Trust and Microsoft on 80",
    where="the firewall and the proxy between that server and the internet",
    id="open-endpoints",
)

CHECK = Check(
    id="cloud-endpoints-reached",
    title="The service connection point reaches its cloud endpoints",
    phase=Phase.SITE,
    level=Level.ADVISORY,
    needs=Needs.SITE,
    owner=Owner.NETWORK_ADMIN,
    rules=("endpoints", "releases"),
    why="What a firewall or proxy refuses is not uploaded and not answered; the site itself goes on without a word.",
    judged=(
        "The newest status message 11410, 11411 or 11412 of SMS_SERVICE_CONNECTOR at the top-level site: 11410 passes; "
        "11411 (an endpoint that is not critical) and 11412 (a critical one) are an advisory fail. Older than 7 days "
        "is stale, two of one moment that differ are contradicting, one without a time or more than 24 hours in the "
        "future is no answer to rely on; none at all is unknown. Sites before build 9040 do not try their endpoints: "
        "it does not apply. From here the endpoints cannot be tried."
    ),
    remediation=Remediation(
        steps=(
            Step(
                "Look which endpoint is not reached, and with which HTTP status: 407, 408, 451, 502, 511, 598 and 599 "
                "point to a proxy, 426 to TLS: enable TLS 1.2 and the ciphers that are asked for, and update .NET",
                where="Monitoring > System Status > Component Status > SMS_SERVICE_CONNECTOR > Show Messages; "
                "EndpointConnectivityCheckWorker.log on the server of the service connection point",
                id="look-at-endpoints",
            ),
            OPEN,
            Step(
                "Set the WinHTTP proxy of that server too: the proxy setting of Configuration Manager does not cover "
                "the revocation check of the operating system. Give the proxy an idle timeout of 3 minutes or more: "
                "else it drops the long connection by which actions come, and they time out",
                command="netsh winhttp show proxy",
                id="set-winhttp-proxy",
                condition="where a proxy is in the way",
            ),
        ),
        role="who manages firewall and proxy; local administrator of the server of the service connection point",
        wait="24 hours until the site tries them again by itself",
        verify="EndpointConnectivityCheckWorker.log, and a new message 11410 of SMS_SERVICE_CONNECTOR",
        rollback="close the endpoints again",
        change_window=True,
    ),
    sources=(
        Source(
            "About the service connection point",
            "memdocs intune/configmgr/core/servers/deploy, about-the-service-connection-point.md",
        ),
        Source(
            "Internet endpoints for tenant attach",
            "memdocs, include internet-endpoints-tenant-attach.md; internet-endpoints.md",
        ),
        Source("SMS_StatusMessage server WMI class", "Configuration Manager SDK reference, MessageID, Time"),
    ),
)

EXPECTED = "message 11410 of SMS_SERVICE_CONNECTOR at the top-level site, at most 7 days old"
SAYS = {
    Connectivity.REACHED: "reaches its endpoints",
    Connectivity.WARNING: "has trouble with an endpoint that is not critical",
    Connectivity.CRITICAL: "does not reach a critical endpoint",
}
USES = {
    "tenant-attach": "tenant attach",
    "certificate-status": "revocation of certificates",
    "updates": "updates",
    "sign-in": "sign-in (in no list for tenant attach, needed in practice)",
}


@CHECK.judge
def judge(
    hierarchy: Hierarchy, messages: ConnectivityMessages, access: Reading[SiteAccess], context: Context
) -> Verdict:
    found = flaw(hierarchy)
    if found is not None:
        return _verdict(Outcome.UNKNOWN, found[1], f"{counted(len(hierarchy.sites), 'site')} visible", found[0])
    top = next(site for site in present(hierarchy) if not site.reporting_site_code)
    doubtful = doubt(top)
    if doubtful is not None:
        return _verdict(Outcome.UNKNOWN, f"{top.label} {doubtful}", f"build {top.build}", Reason.UNKNOWN_VALUE)
    if top.build < SINCE_BUILD:
        words = f"{top.label} runs {knowledge.release_name(top.build)}, which does not try its endpoints"
        return _verdict(Outcome.NOT_APPLICABLE, words, f"build {top.build}; since build {SINCE_BUILD}")
    verdict = _of(top, [one for one in messages.messages if one.site_code == top.code.upper()], access, context.now)
    return replace(verdict, remediation=_endpoints(top.build)) if verdict.outcome is Outcome.FAIL else verdict


def _of(top: Site, rows: Sequence[ConnectivityMessage], access: Reading[SiteAccess], now: datetime) -> Verdict:
    seen = "; ".join(sorted(map(_observed, rows))) or "no such message"
    if not rows:
        return _none(top, certain=sees_everything(access))
    timed = [(one.time, one) for one in rows if one.time is not None]
    if len(timed) < len(rows):
        return _verdict(Outcome.UNKNOWN, "A message does not say when it was written", seen, Reason.BAD_ANSWER)
    last = max(time for time, _ in timed)
    newest = {one.result for time, one in timed if time == last}
    if last - now > SKEW:
        words = f"The newest message lies in the future ({last:%Y-%m-%d %H:%M} UTC)"
        return _verdict(Outcome.UNKNOWN, words, seen, Reason.BAD_ANSWER)
    if now - last > WITHIN:
        words = f"The newest message is of {last:%Y-%m-%d}, {(now - last).days} days ago: that says nothing of today"
        return _verdict(Outcome.UNKNOWN, words, seen, Reason.STALE)
    if len(newest) > 1:
        words = "Messages of one moment say different things of the endpoints"
        return _verdict(Outcome.UNKNOWN, words, seen, Reason.CONTRADICTING)
    return _said(newest.pop(), last, seen)


def _said(result: Connectivity, when: datetime, seen: str) -> Verdict:
    if not result.known:
        words = f"The newest message is {result.value}, which no table knows"
        return _verdict(Outcome.UNKNOWN, words, seen, Reason.UNKNOWN_VALUE)
    words = f"The service connection point {SAYS[result]} (message {result.value} of {when:%Y-%m-%d %H:%M} UTC)"
    return _verdict(Outcome.PASS if result is Connectivity.REACHED else Outcome.FAIL, words, seen)


def _none(top: Site, *, certain: bool) -> Verdict:
    """No message: nothing is known of the endpoints, whether or not messages could be hidden."""
    words = f"No message of {top.label} says what came of trying the endpoints"
    if certain:
        return _verdict(Outcome.UNKNOWN, words, "no such message", Reason.STALE)
    return _verdict(Outcome.UNKNOWN, f"{words}, or the account may not see it", "no such message", Reason.NOT_VISIBLE)


def _endpoints(build: int) -> Remediation:
    """The steps, with every endpoint that this build needs."""
    rows = [row for row in knowledge.endpoints() if row.by == "service-connection-point" and row.since_build <= build]
    lists = (f"{words}: {_hosts(row for row in rows if row.use == use)}" for use, words in USES.items())
    step = replace(OPEN, text=f"{OPEN.text.partition(': ')[0]}: {'; '.join(lists)}")
    steps = tuple(step if one.id == OPEN.id else one for one in CHECK.remediation.steps)
    return replace(CHECK.remediation, steps=steps)


def _hosts(rows: Iterable[knowledge.Endpoint]) -> str:
    """The hosts with their ports, and the cloud where it is not every one."""
    clouds = {"public": " (public cloud)", "usgov": " (US Government)"}
    return ", ".join(
        f"{row.host}{row.path or ''} {'/'.join(map(str, row.ports))}{clouds.get(row.cloud, '')}" for row in rows
    )


def _observed(message: ConnectivityMessage) -> str:
    when = f"{message.time:%Y-%m-%d %H:%M} UTC" if message.time is not None else "no time"
    return f"{message.result.value}: {when}"


def _verdict(outcome: Outcome, summary: str, observed: str, reason: Reason | None = None) -> Verdict:
    return Verdict(outcome, summary, EXPECTED, observed, reason=reason)
