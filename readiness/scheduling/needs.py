"""What a job needs besides its command: variables, files to read, folders to write into. Never a value of a secret."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

from readiness.config import Configuration
from readiness.config.addresses import shown_variable
from readiness.config.settings import ScanSettings, SiteAuth, TenantAuth
from readiness.text import printable

NOT_SHOWN = "(not shown: a name in capitals would be)"
WRITTEN = {
    ("scan", "output"): False,
    ("scan", "save_evidence"): True,
    ("scan", "redact_map"): True,
    ("scan", "log_file"): True,
    ("history", "path"): True,
    ("job", "lock"): True,
}
"""Settings that name what a job writes; whether the folder to write into is the one that holds it."""
_PROXIES = ("HTTPS_PROXY", "NO_PROXY")


def variables(configuration: Configuration, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the environment variables that must be set for the job.

    First the secrets that the configuration points to, then what is set here and would be missing there.
    """
    named = [shown_variable(name) or NOT_SHOWN for name in _secrets(configuration)]
    settings = sorted(configuration.origin.variables.values())
    proxies = [name for name in _PROXIES if configuration.tenant is not None and _is_set(name, environ)]
    return tuple(dict.fromkeys([*named, *settings, *proxies]))


def _is_set(name: str, environ: Mapping[str, str]) -> bool:
    return bool(environ.get(name) or environ.get(name.lower()))


def _secrets(configuration: Configuration) -> Iterator[str]:
    yield from _of_tenant(configuration)
    yield from _of_site(configuration)
    yield from _of_notify(configuration)
    keys = _set(configuration.scan)
    yield from (value for key, value in keys if key.endswith("_env") and isinstance(value, str))


def _of_tenant(configuration: Configuration) -> Iterator[str]:
    tenant = configuration.tenant
    if tenant is None:
        return
    if tenant.auth is TenantAuth.CLIENT_SECRET:
        yield tenant.client_secret_env
    if tenant.auth is TenantAuth.CERTIFICATE and tenant.certificate_password_env:
        yield tenant.certificate_password_env
    if tenant.auth is TenantAuth.WORKLOAD_IDENTITY and tenant.federated_token_file is None:
        yield "AZURE_FEDERATED_TOKEN_FILE"


def _of_site(configuration: Configuration) -> Iterator[str]:
    site = configuration.site
    if site is None:
        return
    if site.auth is SiteAuth.CERTIFICATE:
        yield from [site.certificate_password_env] if site.certificate_password_env else []
    elif site.username is not None and site.keytab is None:
        yield site.password_env


def _of_notify(configuration: Configuration) -> Iterator[str]:
    notify = configuration.notify
    if notify is None:
        return
    yield from filter(None, (notify.webhook_env, notify.teams_env))
    if notify.smtp_username is not None:
        yield notify.smtp_password_env


def reads(configuration: Configuration) -> tuple[str, ...]:
    """The files and folders that the configuration has the job read, by their absolute paths."""
    return tuple(dict.fromkeys(str(path) for key, path in _paths(configuration) if key not in WRITTEN))


def writes(configuration: Configuration, folder: Path) -> tuple[str, ...]:
    """The folders that the job writes into, where the configuration names them.

    Args:
        folder: where the job works.
    """
    found: list[str] = []
    for key, path in _paths(configuration):
        if key in WRITTEN and not is_usual(configuration, key):
            whole = folder / path
            found.append(str(whole.parent if WRITTEN[key] else whole))
    return tuple(dict.fromkeys(found))


def is_usual(configuration: Configuration, key: tuple[str, str]) -> bool:
    """Whether nobody said where the reports go."""
    return key == ("scan", "output") and configuration.scan.output == ScanSettings().output


def _paths(configuration: Configuration) -> Iterator[tuple[tuple[str, str], Path]]:
    for section in ("tenant", "site", "scan", "history", "notify", "job"):
        for key, value in _set(getattr(configuration, section)):
            if isinstance(value, Path) and (value.is_absolute() or (section, key) in WRITTEN):
                yield (section, key), value


def _set(settings: object) -> Iterator[tuple[str, object]]:
    """The keys of a section, and what they are set to."""
    if settings is not None and is_dataclass(settings):
        for field in fields(settings):
            yield field.name, getattr(settings, field.name)


def wrong_with(env_file: str | None, variables: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with the file of secrets, as far as this account may see: that it is not there, that others may
    read it, that a variable is not in it. Of what it holds nothing is told."""
    if env_file is None:
        return
    try:
        mode = os.stat(env_file).st_mode
        text = Path(env_file).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        yield f"{printable(env_file)} is not there yet"
        return
    except OSError:
        return  # the job's account may read it, and this one need not
    if os.name != "nt" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield f"others than its owner may read {printable(env_file)}: chmod 600"
    missing = _missing(text, variables)
    if missing:
        yield f"{printable(env_file)} does not set {', '.join(missing)}"


def sets_all(env_file: str | None, variables: tuple[str, ...]) -> bool:
    """Whether this account can see that the file of secrets has all of them."""
    try:
        return env_file is not None and not _missing(Path(env_file).read_text(encoding="utf-8"), variables)
    except (OSError, ValueError):
        return False


def _missing(text: str, variables: tuple[str, ...]) -> list[str]:
    written = set(re.findall(r"^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=", text, re.MULTILINE))
    return [name for name in variables if name not in written]


def hidden_from_others(paths: tuple[str, ...]) -> tuple[str, ...]:
    """Those that an account which is neither their owner nor in their group cannot read, or that are not there."""
    return tuple(path for path in paths if not _is_readable(Path(path)))


def _is_readable(path: Path) -> bool:
    try:
        return bool(os.stat(path).st_mode & stat.S_IROTH) and all(
            os.stat(folder).st_mode & stat.S_IXOTH for folder in path.resolve().parents
        )
    except OSError:
        return False
