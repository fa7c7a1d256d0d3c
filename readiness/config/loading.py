"""Loading: find the file, lay the environment over it, read every section, report every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from readiness.config import files
from readiness.config.environment import Overlay, read_environment
from readiness.config.federation import federated_token
from readiness.config.origin import BadValueError, Origin, Problems
from readiness.config.reading import Reader
from readiness.config.rules import bad_file
from readiness.config.rules import site as site_rule
from readiness.config.settings import (
    Configuration,
    JobSettings,
    ScanSettings,
    SiteAuth,
    SiteSettings,
    TenantAuth,
    with_transport,
)
from readiness.config.trust import bad_bundle
from readiness.config.wording import KeyPath
from readiness.errors import ConfigurationError
from readiness.model.settings import Calibration, Change, JudgingSettings, Policy, Rollout, Scope
from readiness.model.words import Half
from readiness.text import printable


def load(
    path: Path | None,
    environ: Mapping[str, str],
    *,
    cwd: Path | None = None,
    user_dir: Path | None = None,
    connecting: bool = True,
    only: Half | None = None,
) -> Configuration:
    """The configuration of this run.

    Args:
        path: the file that `--config` names; None: `readiness.toml` in `cwd`, else in `user_dir`.
        environ: environment variables; those named `READINESS_<SECTION>_<KEY>` override the file.
        cwd: the working directory; relative paths in variables are relative to it.
        user_dir: the user's configuration directory; None: as the platform has it.
        connecting: the files that a connection needs must be there. False for commands that only judge.
        only: the half that will be read: of the other one nothing is kept, and none of its files is needed.

    Returns:
        The configuration. Where no file was found and no variable configures, `has_half` is false and `path` None.

    Raises:
        ConfigurationError: with one line per problem: file, line, key, and what would be valid.
    """
    cwd = Path.cwd() if cwd is None else cwd
    found = files.find(path, cwd, user_dir)
    text = files.read(found) if found is not None else ""
    raw = files.parse(text, found)
    spelled = _respell_options(raw)
    overlay = read_environment(environ, raw)
    problems = Problems(Origin(found, text, overlay.variables, spelled, cwd))
    for key, words in overlay.bad.items():
        problems.add(key, words)
    reader = Reader(_merged(raw, overlay), problems)
    reader.check_sections()
    configuration = _only(_configuration(reader, tuple(overlay.warnings)), only)
    if connecting:
        _check_bundles(configuration, problems)
        _check_certificates(configuration, problems)
        _check_federation(configuration, environ, problems)
        _check_keytab(configuration, problems)
    problems.raise_for_any()
    return configuration


def _only(configuration: Configuration, half: Half | None) -> Configuration:
    """The configuration without the half that will not be read."""
    if half is None:
        return configuration
    return replace(configuration, tenant=None) if half is Half.SITE else replace(configuration, site=None)


def require_half(configuration: Configuration, *, user_dir: Path | None = None) -> None:
    """Refuse a configuration that names neither a tenant nor a site, with where to go from there.

    Raises:
        ConfigurationError: nothing is configured.
    """
    if configuration.has_half:
        return
    if configuration.path is not None:
        name = printable(str(configuration.path))
        raise ConfigurationError(f"{name}: has neither a [tenant] nor a [site] section, so there is nothing to read")
    raise ConfigurationError(
        f"no configuration: there is no {files.FILE_NAME} here, nor {files.user_file(user_dir)}\n"
        f"write {files.FILE_NAME} (readiness init asks for what it needs), or name one with --config FILE\n"
        "to look around without any, run: readiness scan --demo"
    )


def _respell_options(raw: dict[str, Any]) -> dict[KeyPath, KeyPath]:
    """Options in `[scan]` may be written as on the command line, `fail-on`: rename them; returns what was renamed."""
    scan = raw.get("scan")
    spelled: dict[KeyPath, KeyPath] = {}
    if isinstance(scan, dict):
        for key in [key for key in scan if "-" in key]:
            name = key.replace("-", "_")
            if name not in scan:
                scan[name] = scan.pop(key)
                spelled["scan", name] = ("scan", key)
    return spelled


def _merged(raw: Mapping[str, Any], overlay: Overlay) -> dict[str, Any]:
    """The tables of the file with the environment's values over them."""
    merged = {name: dict(value) if isinstance(value, dict) else value for name, value in raw.items()}
    for key in overlay.bad:
        table = merged.get(str(key[0]))
        if isinstance(table, dict):
            table.pop(str(key[1]), None)
    for (section, name), value in overlay.values.items():
        table = merged.setdefault(str(section), {})
        if isinstance(table, dict):
            table[str(name)] = value
    return merged


def _configuration(reader: Reader, warnings: tuple[str, ...]) -> Configuration:
    origin = reader.problems.origin
    scan = reader.one("scan") or ScanSettings()
    tenant, site = reader.one("tenant"), _transported(reader.one("site"), scan, reader.problems)
    judging = JudgingSettings(
        scope=reader.one("scope") or Scope(),
        rollout=reader.one("rollout") or Rollout(),
        policy=_policy(reader.one("policy") or Policy(), scan, origin),
        change=reader.one("change") or Change(),
        calibration=Calibration(site.edr_flag_mask, site.hierarchy_id) if site is not None else Calibration(),
        waivers=reader.many("waiver"),
        attestations=reader.many("attestation"),
    )
    attach, history, notify = reader.one("attach"), reader.one("history"), reader.one("notify")
    if notify is not None and notify.tells and history is not None and history.enabled is False:
        reader.problems.add(
            ("history", "enabled"), "[notify] tells what changed since the last run: it needs the history"
        )
    job = reader.one("job") or JobSettings()
    return Configuration(origin.path, tenant, site, scan, judging, warnings, origin, attach, history, notify, job)


def _policy(policy: Policy, scan: ScanSettings, origin: Origin) -> Policy:
    """`[scan] fail_on` is the option, and overrides the policy; but a variable overrides any file."""
    option, rule = ("scan", "fail_on") in origin.variables, ("policy", "fail_on") in origin.variables
    if scan.fail_on is None or (rule and not option):
        return policy
    return replace(policy, fail_on=scan.fail_on)


def _transported(site: SiteSettings | None, scan: ScanSettings, problems: Problems) -> SiteSettings | None:
    """`[scan] transport` is the option, and overrides the site's; but a variable overrides any file."""
    variables = problems.origin.variables
    option, own = ("scan", "transport") in variables, ("site", "transport") in variables
    if site is None or scan.transport is None or (own and not option):
        return site
    changed = with_transport(site, scan.transport)
    for key, words in site_rule(changed):
        problems.add(("site", key), words)
    return changed


def _check_bundles(configuration: Configuration, problems: Problems) -> None:
    for section, settings in (("tenant", configuration.tenant), ("site", configuration.site)):
        if settings is not None and settings.ca_bundle is not None:
            words = bad_bundle(settings.ca_bundle)
            if words is not None:
                problems.add((section, "ca_bundle"), words)


def _check_certificates(configuration: Configuration, problems: Problems) -> None:
    for section, settings in (("tenant", configuration.tenant), ("site", configuration.site)):
        by_certificate = settings is not None and settings.auth in (TenantAuth.CERTIFICATE, SiteAuth.CERTIFICATE)
        if settings is not None and by_certificate and settings.certificate is not None:
            words = bad_file(settings.certificate)
            if words is not None:
                problems.add((section, "certificate"), words)


def _check_federation(configuration: Configuration, environ: Mapping[str, str], problems: Problems) -> None:
    tenant = configuration.tenant
    if tenant is not None and tenant.auth is TenantAuth.WORKLOAD_IDENTITY:
        try:
            federated_token(tenant, environ)
        except BadValueError as error:
            problems.add(("tenant", "federated_token_file"), str(error))


def _check_keytab(configuration: Configuration, problems: Problems) -> None:
    site = configuration.site
    if site is not None and site.keytab is not None:
        words = bad_file(site.keytab)
        if words is not None:
            problems.add(("site", "keytab"), words)
