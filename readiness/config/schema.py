"""The sections of `readiness.toml` and their keys: the contract, section 3, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from readiness.config import rules
from readiness.config.addresses import (
    BASE,
    GUID,
    MAILBOX,
    MAILBOXES,
    ORIGIN,
    SERVER,
    SITE_CODE,
    TABLE,
    TENANT,
    VARIABLE,
)
from readiness.config.clouds import Cloud
from readiness.config.kinds import (
    COMMA_NAMES,
    DAY,
    DURATION,
    FLAG,
    FRACTION,
    MOMENT,
    NAMES,
    PATH,
    SECONDS,
    TEXT,
    Kinds,
    one_of,
    whole,
)
from readiness.config.settings import (
    AttachSettings,
    HistorySettings,
    JobSettings,
    NotifySettings,
    ScanSettings,
    Scheme,
    SiteAuth,
    SiteSettings,
    SiteTransport,
    SmtpSecurity,
    TenantAuth,
    TenantSettings,
    Until,
)
from readiness.model.settings import Attestation, Change, OperatingModel, Policy, Rollout, Scope, Stage, Waiver
from readiness.model.words import FailOn

Rule = Callable[[Any], Iterator[tuple[str, str]]]
"""What must hold between the keys of a section: yields the key that is wrong, and words."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section: what it becomes, its keys, and what must hold between them."""

    becomes: type[Any]
    kinds: Kinds
    rule: Rule = rules.nothing
    fill: Callable[[dict[str, Any]], None] | None = None
    """Sets defaults that depend on other keys."""
    needed: Callable[[Mapping[str, Any]], tuple[str, ...]] = rules.nothing_needed
    """The keys that these values of other keys make required."""
    many: bool = False
    """Written `[[name]]`, any number of times."""

    @property
    def required(self) -> tuple[str, ...]:
        """The keys that have no default."""
        found = (field for field in fields(self.becomes) if field.default is MISSING)
        return tuple(field.name for field in found if field.default_factory is MISSING)


_TRANSPORT = one_of(SiteTransport)
_FAIL_ON = one_of(FailOn)
_SUBJECT = {"collection": TEXT, "site": TEXT, "administrator": TEXT}

SECTIONS: Mapping[str, Section] = {
    "tenant": Section(
        TenantSettings,
        {
            "id": TENANT,
            "cloud": one_of(Cloud),
            "client_id": GUID,
            "auth": one_of(TenantAuth),
            "client_secret_env": VARIABLE,
            "certificate": PATH,
            "certificate_password_env": VARIABLE,
            "federated_token_file": PATH,
            "authority": ORIGIN,
            "graph": ORIGIN,
            "ca_bundle": PATH,
        },
        rule=rules.tenant,
        needed=rules.needed_by_tenant,
    ),
    "site": Section(
        SiteSettings,
        {
            "server": SERVER,
            "site_code": SITE_CODE,
            "transport": _TRANSPORT,
            "auth": one_of(SiteAuth),
            "username": TEXT,
            "password_env": VARIABLE,
            "keytab": PATH,
            "certificate": PATH,
            "certificate_password_env": VARIABLE,
            "scheme": one_of(Scheme),
            "port": whole(1, 65535),
            "ca_bundle": PATH,
            "edr_flag_mask": whole(0, 2**32 - 1),
            "hierarchy_id": GUID,
        },
        rule=rules.site,
        fill=rules.fill_port,
    ),
    "scope": Section(
        Scope,
        {"collections": NAMES, "groups": NAMES, "administrators": NAMES, "operating_model": one_of(OperatingModel)},
    ),
    "rollout": Section(Rollout, {"stage": one_of(Stage)}),
    "policy": Section(
        Policy,
        {"fail_on": _FAIL_ON, "max_evidence_age": DURATION, "valid_for": DURATION, "min_eligible": FRACTION},
    ),
    "change": Section(
        Change,
        {"ticket": TEXT, "window_start": MOMENT, "window_end": MOMENT, "approver": TEXT},
        rule=rules.change,
    ),
    "scan": Section(
        ScanSettings,
        {
            "check": NAMES,
            "skip": NAMES,
            "tag": NAMES,
            "collection": NAMES,
            "format": COMMA_NAMES,
            "output": PATH,
            "fail_on": _FAIL_ON,
            "quiet": FLAG,
            "json": FLAG,
            "no_color": FLAG,
            "no_input": FLAG,
            "no_cache": FLAG,
            "debug": FLAG,
            "timeout": SECONDS,
            "until": one_of(Until),
            "save_evidence": PATH,
            "redact": FLAG,
            "redact_map": PATH,
            "keep_targets": FLAG,
            "against": PATH,
            "signing_key": PATH,
            "signing_key_env": VARIABLE,
            "signing_key_password_env": VARIABLE,
            "log_file": PATH,
            "knowledge": PATH,
            "transport": _TRANSPORT,
        },
        rule=rules.scan,
    ),
    "attach": Section(
        AttachSettings,
        {
            "servicenow": ORIGIN,
            "servicenow_table": TABLE,
            "servicenow_username": TEXT,
            "servicenow_password_env": VARIABLE,
            "servicenow_token_env": VARIABLE,
            "jira": BASE,
            "jira_username": TEXT,
            "jira_token_env": VARIABLE,
            "ca_bundle": PATH,
            "timeout": SECONDS,
        },
        rule=rules.attach,
    ),
    "history": Section(
        HistorySettings,
        {
            "enabled": FLAG,
            "path": PATH,
            "keep": DURATION,
            "runs": whole(2, 100_000),
            "evidence": FLAG,
            "every": DURATION,
        },
    ),
    "notify": Section(
        NotifySettings,
        {
            "webhook_env": VARIABLE,
            "teams_env": VARIABLE,
            "mail_to": MAILBOXES,
            "mail_from": MAILBOX,
            "smtp": SERVER,
            "smtp_port": whole(1, 65535),
            "smtp_security": one_of(SmtpSecurity),
            "smtp_username": TEXT,
            "smtp_password_env": VARIABLE,
            "also": COMMA_NAMES,
            "ca_bundle": PATH,
            "timeout": SECONDS,
        },
        rule=rules.notify,
    ),
    "job": Section(
        JobSettings,
        {"deadline": SECONDS, "lock": PATH, "log_megabytes": whole(1, 1000), "log_files": whole(1, 100)},
    ),
    "waiver": Section(
        Waiver,
        {
            "check": TEXT,
            "requested_by": TEXT,
            "reason": TEXT,
            "approved_by": TEXT,
            "ticket": TEXT,
            "expires": DAY,
            **_SUBJECT,
        },
        rule=rules.waiver,
        many=True,
    ),
    "attestation": Section(
        Attestation,
        {"check": TEXT, "statement": TEXT, "by": TEXT, "on": DAY, "expires": DAY, **_SUBJECT},
        rule=rules.attestation,
        many=True,
    ),
}
