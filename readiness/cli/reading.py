"""Collect evidence for a command: sources of the configuration, one deadline, a live line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from readiness.assessment import along, needed_facts, selected
from readiness.cli.person import is_asked, show
from readiness.cli.progress import Progress
from readiness.composition import all_checks, readers
from readiness.config import Configuration, require_half
from readiness.connecting import Lasting, estate, heard, leave, sign_in
from readiness.evidence import collect, utc_now
from readiness.job import running
from readiness.model.check import Check
from readiness.model.facts import Fact
from readiness.model.reading import Evidence
from readiness.model.settings import JudgingSettings
from readiness.model.words import Half
from readiness.sources.deadline import Deadline
from readiness.sources.reader import Heard


class Visits:
    """One estate, read as often as is wanted. Each visit connects anew; a person signs in at the first one, and a
    proxy that refused our password does not hear it again.

    Raises:
        ConfigurationError: no half is configured, or a person is to sign in and cannot be asked.
    """

    def __init__(self, configuration: Configuration, environ: Mapping[str, str]) -> None:
        require_half(configuration)
        self._configuration = configuration
        self._environ = environ
        self._asks = is_asked(configuration)
        self.lasting = Lasting()
        self.heard: tuple[Heard, ...] = ()
        """How every call to Microsoft Graph of the last visit ended."""

    @property
    def whole(self) -> frozenset[type[Fact]]:
        """All that the selected checks need."""
        judging = self._configuration.judging
        return needed_facts(judged(judging), judging)

    def read(self, facts: frozenset[type[Fact]]) -> Evidence:
        """Read these facts.

        Raises:
            ConfigurationError: a secret is missing.
        """
        deadline = Deadline(self._configuration.scan.reading_seconds)
        where = estate(self._configuration, self._environ, deadline, self.lasting)
        if self._asks:
            self._asks = False
            sign_in(where, show, self.lasting)
            deadline.restart()
        running.enter(running.Phase.READING)
        with Progress(_hosts(self._configuration, facts)) as progress:
            try:
                evidence = collect(where, facts, deadline, clock=utc_now, observer=progress, stop=running.stopped)
            except KeyboardInterrupt:
                deadline.cancel()
                raise
        self.heard = heard(where)
        if evidence.stopped is None:  # else somebody may still speak on the connections
            leave(where)
        return evidence


def _hosts(configuration: Configuration, facts: frozenset[type[Fact]]) -> dict[str, str]:
    """From where each of these facts is read, by its name; nothing of a half that is not configured."""
    known = readers()
    hosts = {}
    for fact in facts:
        tenant, site = configuration.tenant, configuration.site
        if fact.half is Half.TENANT and tenant is not None:
            signs_in = fact in known and known[fact].source.startswith("Entra ID")
            hosts[fact.__name__] = urlsplit(tenant.login_origin if signs_in else tenant.graph_origin).hostname or ""
        elif fact.half is Half.SITE and site is not None:
            hosts[fact.__name__] = site.server
    return hosts


def read_estate(configuration: Configuration, environ: Mapping[str, str], *, demo: bool = False) -> Evidence:
    """Read what the selected checks need.

    Raises:
        ConfigurationError: no half is configured, a secret is missing, or a person is to sign in and cannot be asked.
    """
    evidence, _ = read_and_hear(configuration, environ)
    return replace(evidence, demo=True) if demo else evidence


def read_and_hear(configuration: Configuration, environ: Mapping[str, str]) -> tuple[Evidence, tuple[Heard, ...]]:
    """Read what the selected checks need; also how every call to Microsoft Graph ended.

    Raises:
        ConfigurationError: as `read_estate`.
    """
    visits = Visits(configuration, environ)
    evidence = visits.read(visits.whole)
    return evidence, visits.heard


def judged(judging: JudgingSettings) -> tuple[Check, ...]:
    """The selected checks, and those that they depend on."""
    return along(all_checks(), selected(all_checks(), judging.selection))
