"""Reader of the licences of those who are to carry out the set-up."""

from __future__ import annotations

from readiness.model.facts import AdministratorLicence, AdministratorLicences
from readiness.sources.graph.errors import GraphRefusal
from readiness.sources.graph.questions import Outcome, Question, got
from readiness.sources.graph.roles import itself, named
from readiness.sources.graph.session import GraphSession, first_of
from readiness.sources.graph.tenant import service_plan
from readiness.sources.graph.values import is_key, objects, segment
from readiness.sources.reader import Finding


def administrator_licences(session: GraphSession) -> Finding[AdministratorLicences]:
    names = named(session)
    asked = [name for name in names if itself(session) or is_key(name)]
    questions = [_question(session, name) for name in asked]
    outcomes = session.ask(*questions) if questions else []
    known = dict(zip(asked, outcomes, strict=True))
    people = tuple(_person(name, known.get(name)) for name in names)
    return first_of(AdministratorLicences(people), questions, outcomes, len(people))


def _question(session: GraphSession, name: str) -> Question:
    where = "/me" if itself(session) else f"/users/{segment(name)}"
    return Question("v1.0", f"{where}/licenseDetails?$select=id,servicePlans")


def _person(asked: str, outcome: Outcome | None) -> AdministratorLicence:
    """A person with every plan of every licence.

    Args:
        outcome: None where the name is one that nobody has.
    """
    if outcome is None or (isinstance(outcome, GraphRefusal) and outcome.not_found):
        return AdministratorLicence(asked, found=False)
    plans = (service_plan(plan) for row in got(outcome).rows for plan in objects(row, "servicePlans"))
    return AdministratorLicence(asked, found=True, plans=tuple(plans))
