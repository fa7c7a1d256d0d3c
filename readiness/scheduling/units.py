"""The text of a job for systemd: a service that may do little else than read the estate, and its timer.

Sources: systemd.service(5), systemd.exec(5), systemd.timer(5) and systemd.unit(5) of version 252. The tests ask
`systemd-analyze verify` and `security`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from readiness.errors import ConfigurationError
from readiness.scheduling.job import File, Job
from readiness.text import printable

SYSTEM_FOLDER = "/etc/systemd/system"
STATE_FOLDER = "/var/lib"
HOMES = ("/home/", "/root/", "/run/user/")
SHARED = ("/tmp/", "/var/tmp/")  # noqa: S108 - places that a sandbox hides, none that we write to
NO_FAILURES = "3 4 5 130"
"""Codes of a scan that did its work: what they mean is told by the notification, not by a failed unit. And that of one
that was asked to stop before it read: who stops the unit, or the machine, knows."""

_LEFT = "left"
"""What a crash leaves to be looked at: a file of a private /tmp would go with the job."""
_SAFE = re.compile(r"[A-Za-z0-9_/.,:=@+-]+", re.ASCII)
_ACCOUNT = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\$?", re.ASCII)

_SANDBOX = """\
# What a scan does not need, it may not do. 'systemd-analyze security {name}.service' grades it.
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome={homes}
PrivateTmp={tmp}
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
"""

_SANDBOX_OF_A_USER = """\
# A user's service manager may not do more than this: it has no right to hide files. Units of the system can.
NoNewPrivileges=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
"""


def files(job: Job, folder: str) -> tuple[File, File]:
    """The service and the timer, as they lie in a folder of units."""
    return File(f"{folder}/{job.name}.service", service(job)), File(f"{folder}/{job.name}.timer", timer(job))


def state_folder(job: Job) -> str | None:
    """Where the job keeps its history, reports and logs, unless the configuration names a place; None: as usual."""
    return None if job.per_user else f"{STATE_FOLDER}/{job.name}"


def service(job: Job) -> str:
    """The text of the service.

    Raises:
        ConfigurationError: systemd has no way to write something in it.
    """
    return "\n".join(
        (
            f"# {job.mark}",
            "[Unit]",
            f"Description=Readiness of Intune and Configuration Manager ({job.name})",
            "Wants=network-online.target",
            "After=network-online.target",
            "# OnFailure=NAME.service is started where the job itself fails: codes 1 and 2, or out of time.",
            "",
            "[Service]",
            "Type=oneshot",
            f"ExecStart={_command(job.command)}",
            f"WorkingDirectory={_whole_line(job.folder)}",
            *_environment(job),
            "# Not ready (3), failed advisories (4) and not determined (5) are verdicts: the job has done its work.",
            "# 130: it was stopped before it read anything, by systemctl or because the machine goes down.",
            f"SuccessExitStatus={NO_FAILURES}",
            "Restart=no",
            f"TimeoutStartSec={job.minutes}min",
            "TimeoutStopSec=2min",
            "UMask=0077",
            *_who(job),
            *(f"ReadWritePaths={_quoted(path)}" for path in job.writes if not job.per_user),
            "",
            _sandbox(job),
        )
    )


def timer(job: Job) -> str:
    """The text of the timer."""
    zone = f" {job.zone}" if job.zone else ""
    clock = job.zone or "this machine's time zone"
    return f"""\
# {job.mark}
[Unit]
Description=Readiness of Intune and Configuration Manager, daily ({job.name})

[Timer]
# On the clock of {clock}: a time that a change of clocks leaves out is skipped that night.
OnCalendar=*-*-* {job.at:%H:%M}:00{zone}
# A night that was missed, because the machine was off, is made up for at its next start.
Persistent=true
# Up to five minutes later, each day the same: not every machine asks at once.
RandomizedDelaySec=5min
FixedRandomDelay=true
AccuracySec=1min

[Install]
WantedBy=timers.target
"""


def _environment(job: Job) -> list[str]:
    lines = [f"EnvironmentFile={_environment_file(job.env_file)}"] if job.env_file else []
    state = state_folder(job)
    if state is None:
        return lines
    kept = ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    variables = [f"{name}={state}" for name in kept] + [f"TMPDIR={state}/{_LEFT}"]
    why = "# History, logs and what a crash leaves: where they outlive the job."
    return [*lines, why, f"Environment={' '.join(variables)}"]


def _who(job: Job) -> list[str]:
    if job.per_user:
        return []
    state = [f"StateDirectory={job.name} {job.name}/{_LEFT}", "StateDirectoryMode=0700"]
    if job.account is None:
        why = "# An account that exists only while the job runs; with --account NAME it is one of yours."
        return [why, "DynamicUser=yes", *state]
    if not _ACCOUNT.fullmatch(job.account):
        raise ConfigurationError(f"--account {printable(job.account)}: not the name of an account here")
    return [f"User={job.account}", *state]


def _sandbox(job: Job) -> str:
    if job.per_user:
        return _SANDBOX_OF_A_USER
    return _SANDBOX.format(
        name=job.name,
        homes="read-only" if lies_in(HOMES, job) else "yes",
        tmp="no" if lies_in(SHARED, job) else "yes",
    )


def lies_in(places: Iterable[str], job: Job) -> tuple[str, ...]:
    """What the job needs of these places, which would be hidden from it."""
    begins = tuple(places)
    needed = (job.configuration, job.folder, *job.reads, *job.writes)
    return tuple(dict.fromkeys(path for path in needed if f"{path}/".startswith(begins)))


def _command(words: Iterable[str]) -> str:
    """`ExecStart`. In the program's own path nothing is put in place of a dollar sign, as it is in arguments."""
    program, *rest = words
    return " ".join((_quoted(program), *(_quoted(word).replace("$", "$$") for word in rest)))


def _quoted(text: str) -> str:
    """One word: a percent sign would begin a specifier, a backslash an escape."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return escaped if _SAFE.fullmatch(text) else f'"{escaped}"'


def _whole_line(path: str) -> str:
    """A path that is the rest of a line, where nothing is unquoted."""
    if path != path.strip() or path.endswith("\\"):
        raise ConfigurationError(f"{path}: systemd cannot name a folder that begins or ends so")
    return path.replace("%", "%%")


def _environment_file(path: str) -> str:
    if re.search(r"[*?\[\]\\]", path):
        raise ConfigurationError(f"{path}: systemd takes * ? [ ] and \\ for a pattern: name the file otherwise")
    return _whole_line(path)
