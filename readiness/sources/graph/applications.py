"""Reader of the applications of tenant attach: who holds a role of the Configuration Manager Microservice.

It looks by role and not by name, because an application that was imported may have any name. Source: reference on
Graph, app and service principal.
"""

from __future__ import annotations

from collections.abc import Iterable

from readiness.errors import SourceError
from readiness.model.facts import MICROSERVICE, ApplicationSecret, EntraApplication, EntraApplications
from readiness.model.words import Reason
from readiness.sources.graph.questions import Pages, Question, got
from readiness.sources.graph.session import GraphSession, finding
from readiness.sources.graph.values import Object, equal, moment, objects, optional, segment, text
from readiness.sources.reader import Finding

_SERVICE = Question("v1.0", f"/servicePrincipals?{equal(appId=MICROSERVICE)}&$select=id,appId")


def applications(session: GraphSession) -> Finding[EntraApplications]:
    service = got(session.ask(_SERVICE)[0])
    ids = [text(row, "id") for row in service.rows if text(row, "appId").lower() == MICROSERVICE]
    if not ids:
        return finding(EntraApplications(microservice=False, applications=()), service, 0)
    if len(ids) > 1:
        raise SourceError(Reason.BAD_ANSWER, f"Microsoft Graph lists the application {MICROSERVICE} {len(ids)} times")
    roles = _roles(session.rows("v1.0", f"/servicePrincipals/{segment(ids[0])}/appRoleAssignedTo").rows)
    principals = session.ask(*(_principal(id_) for id_ in roles))
    found = [got(outcome).object for outcome in principals]
    registered = session.ask(*(_registration(text(row, "appId")) for row in found))
    made = tuple(
        _application(row, held, got(registration))
        for row, held, registration in zip(found, roles.values(), registered, strict=True)
    )
    return finding(EntraApplications(microservice=True, applications=made), service, len(made))


def _roles(rows: Iterable[Object]) -> dict[str, tuple[str, ...]]:
    """The roles that each service principal holds. A person cannot hold these."""
    held: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if text(row, "principalType").lower() == "serviceprincipal":
            id_ = text(row, "principalId")
            held[id_] = (*held.get(id_, ()), text(row, "appRoleId"))
    return held


def _principal(id_: str) -> Question:
    return Question(
        "v1.0", f"/servicePrincipals/{segment(id_)}?$select=id,appId,displayName,accountEnabled", single=True
    )


def _registration(client_id: str) -> Question:
    return Question("v1.0", f"/applications?{equal(appId=client_id)}&$select=id,appId,passwordCredentials")


def _application(principal: Object, roles: tuple[str, ...], registration: Pages) -> EntraApplication:
    client_id = text(principal, "appId")
    own = [row for row in registration.rows if text(row, "appId").lower() == client_id.lower()]
    return EntraApplication(
        client_id=client_id,
        name=optional(principal, "displayName", str) or "",
        principal_id=text(principal, "id"),
        enabled=optional(principal, "accountEnabled", bool),
        roles=roles,
        secrets=tuple(_secret(one) for row in own for one in objects(row, "passwordCredentials")) if own else None,
    )


def _secret(row: Object) -> ApplicationSecret:
    return ApplicationSecret(text(row, "keyId"), moment(row, "endDateTime"))
