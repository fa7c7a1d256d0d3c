"""Let a recording answer in place of the estate, for `assess --replay`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from readiness.assessment import needed_facts
from readiness.cli.reading import judged
from readiness.cli.settings import configured
from readiness.config import Configuration, SiteAuth, TenantAuth
from readiness.config.settings import Scheme
from readiness.connecting import estate, resume
from readiness.evidence import collect
from readiness.model.reading import Evidence
from readiness.recording.configuration import must_be_recorded
from readiness.recording.folder import CONFIGURATION
from readiness.recording.replay import Replay, Still, finished, load, person
from readiness.sources.tape import running

STAND_IN = "nothing is signed in to"
"""In place of every secret: a replay needs none, and has none."""


def replayed(folder: Path, given: Mapping[str, Any]) -> tuple[Configuration, Evidence, datetime]:
    """The configuration that was recorded (or `--config`), what its readers make of the recording, and its time.

    Raises:
        EvidenceError: the recording is malformed, changed, or no recording.
        ConfigurationError: in the file, or an option.
    """
    manifest, exchanges = load(folder)
    if given.get("config") is None:
        must_be_recorded(folder / CONFIGURATION)
        given = {**given, "config": folder / CONFIGURATION}
    configuration = configured(given, {}, connecting=False, plain=True)
    at, deadline = finished(folder, manifest), Still(configuration.scan.timeout)
    with running(Replay(exchanges, manifest)):
        where = estate(_without_sign_in(configuration), _stand_ins(configuration), deadline)
        resume(where, person(manifest))
        facts = needed_facts(judged(configuration.judging), configuration.judging)
        evidence = collect(where, facts, deadline, clock=lambda: at)
    # How long a replay takes and which numbers its questions have says nothing: the same recording, the same report.
    readings = tuple(
        replace(one, duration_seconds=0.0, request_id=one.request_id if exchanges_tell(one.source) else None)
        for one in evidence.readings
    )
    return configuration, replace(evidence, host=_host(manifest), readings=readings), at


def exchanges_tell(source: str | None) -> bool:
    """Whether the id of a request comes from an answer, and not from our question."""
    return (source or "").startswith(("Graph", "Entra"))


def _host(manifest: Mapping[str, Any]) -> str:
    return f"replay of a recording that readiness {manifest['tool_version']} made from {manifest['started']} on"


def _without_sign_in(configuration: Configuration) -> Configuration:
    """The same questions, asked of nobody: an application stays one, and a person a person."""
    tenant, site = configuration.tenant, configuration.site
    if tenant is not None:
        auth = TenantAuth.DEVICE_CODE if tenant.auth.is_person else TenantAuth.CLIENT_SECRET
        tenant = replace(tenant, auth=auth, ca_bundle=None)
    if site is not None:
        site = replace(site, auth=SiteAuth.NEGOTIATE, scheme=Scheme.HTTPS, certificate=None, ca_bundle=None)
    return replace(configuration, tenant=tenant, site=site)


def _stand_ins(configuration: Configuration) -> dict[str, str]:
    names = [
        one
        for one in (
            configuration.tenant.client_secret_env if configuration.tenant else None,
            configuration.site.password_env if configuration.site else None,
        )
        if one
    ]
    return dict.fromkeys(names, STAND_IN)
