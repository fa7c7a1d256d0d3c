"""What starts jobs, as `readiness schedule` speaks of it: one class a platform."""

from __future__ import annotations

import os
import shlex
import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from readiness.config import Configuration
from readiness.errors import ConfigurationError
from readiness.scheduling import cron, crontab, needs, systemd, task, units, windows
from readiness.scheduling.job import File, Job
from readiness.text import printable


class Starter(ABC):
    """Systemd, cron, or the Task Scheduler."""

    platform: ClassVar[str]
    tool: ClassVar[str]
    """The program that installs and removes its jobs."""
    is_of_this_system: bool = True

    def __init__(self, given: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        self.given = given
        self.environ = environ

    @abstractmethod
    def files(self, job: Job) -> Sequence[File]:
        """What the job is made of."""

    @abstractmethod
    def plan(self, job: Job) -> list[str]:
        """What installing does."""

    @abstractmethod
    def install(self, job: Job) -> list[str]:
        """Install it; returns what was done."""

    @abstractmethod
    def remove(self, name: str, configuration: str | None) -> list[str]:
        """Remove it; returns what was done, and nothing where there is none."""

    @abstractmethod
    def how_to_set(self, job: Job) -> str:
        """How variables come to the job."""

    @abstractmethod
    def by_hand(self, job: Job) -> str:
        """The command that installs its files."""

    @abstractmethod
    def try_it(self, job: Job) -> str:
        """The command that runs the job now."""

    def notes(self, job: Job) -> list[str]:  # noqa: ARG002 - some say nothing
        """What one should know of it."""
        return []

    def options_for_scan(self, name: str, configuration: Configuration, folder: Path) -> list[str]:  # noqa: ARG002
        """Options that the platform needs, where the configuration does not say otherwise."""
        return []

    def printed(self, job: Job) -> str:
        """Its files, as they are printed."""
        return "".join(file.text for file in self.files(job))

    def next_steps(self, job: Job, given: Mapping[str, Any]) -> list[str]:
        """What to do after printing it."""
        if not self.is_of_this_system:
            return ["the same command on the machine that is to run it, which knows its paths; there with --install"]
        return [
            self.call(job, given, "--install"),
            f"or by hand: {self.by_hand(job)}",
            f"then try it: {self.try_it(job)}",
        ]

    def call(self, job: Job, given: Mapping[str, Any], *more: str) -> str:
        """The command that was typed, in what matters, and more of it; by a whole path, since root has another PATH."""
        words = [*job.command[: job.command.index("scan")], "schedule"]
        for option in ("daily", "platform", "timezone", "config", "name", "account", "env_file", "program"):
            if given[option] is not None:
                words += [f"--{'for' if option == 'platform' else option.replace('_', '-')}", str(given[option])]
        words += ["--user"] if given["per_user"] else []
        return self.joined([*words, *more, *(["--", *given["scan"]] if given["scan"] else [])])

    def joined(self, words: Sequence[str]) -> str:
        """A command as its shell takes it."""
        return shlex.join(words)

    def must_be_here(self) -> None:
        """Refuse where the program that keeps the jobs is not.

        Raises:
            ConfigurationError: it is not here.
        """
        if shutil.which(self.tool) is None:
            raise ConfigurationError(f"there is no {self.tool} here: print the job with --for, and install it there")


class Systemd(Starter):
    """A service and its timer."""

    platform = "systemd"
    tool = "systemctl"
    is_of_this_system = os.name != "nt"

    def __init__(self, given: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        super().__init__(given, environ)
        self.folder = systemd.unit_folder(environ, per_user=given["per_user"])

    def files(self, job: Job) -> Sequence[File]:
        return units.files(job, self.folder)

    def printed(self, job: Job) -> str:
        """Both units, each under its path, as `systemctl cat` shows them."""
        return "\n".join(f"# {file.path}\n{file.text}" for file in self.files(job))

    def plan(self, job: Job) -> list[str]:
        return systemd.plan(job, self.folder)

    @property
    def _needs_root(self) -> bool:
        return not self.given["per_user"] and hasattr(os, "geteuid") and os.geteuid() != 0

    def joined(self, words: Sequence[str]) -> str:
        return f"{'sudo ' if self._needs_root else ''}{super().joined(words)}"

    def must_be_here(self) -> None:
        super().must_be_here()
        if self._needs_root:
            raise ConfigurationError("units of the system are installed by root (sudo); with --user they are yours")

    def install(self, job: Job) -> list[str]:
        return systemd.install(job, self.folder)

    def remove(self, name: str, configuration: str | None) -> list[str]:
        done = systemd.remove(name, self.folder, per_user=self.given["per_user"], configuration=configuration)
        if not done or self.given["per_user"]:
            return done
        return [*done, f"kept {units.STATE_FOLDER}/{name}: its history and reports, where it has run"]

    def options_for_scan(self, name: str, configuration: Configuration, folder: Path) -> list[str]:  # noqa: ARG002
        """The sandbox takes reports in its own folder alone, unless the configuration names another."""
        if self.given["per_user"] or not needs.is_usual(configuration, ("scan", "output")):
            return []
        return ["--output", f"{units.STATE_FOLDER}/{name}/reports"]

    def how_to_set(self, job: Job) -> str:
        if job.env_file is not None:
            return f"Write them into {printable(job.env_file)} as NAME='value', for root alone (chmod 600)."
        return "Name a file of NAME='value' lines, for root alone, with --env-file."

    def notes(self, job: Job) -> list[str]:
        if job.per_user:
            return ["runs while nobody is logged on only after: loginctl enable-linger"]
        notes = []
        closed = _closed(job) if job.account is None else []
        if closed:
            notes.append(f"an account that is made for the job cannot read {', '.join(closed)}: name one by --account")
        hidden = units.lies_in((*units.HOMES, *units.SHARED), job)
        if hidden:
            notes.append(f"the sandbox is wider, because the job needs what lies in {', '.join(hidden)}")
        return notes

    def by_hand(self, job: Job) -> str:
        control = "systemctl --user" if job.per_user else "systemctl"
        return f"save both under the names in their first lines, then: {control} daemon-reload; " + (
            f"{control} enable --now {job.name}.timer"
        )

    def try_it(self, job: Job) -> str:
        user = " --user" if job.per_user else ""
        return f"systemctl{user} start {job.name}.service; journalctl{user} -u {job.name}.service"


class Cron(Starter):
    """A line in a table."""

    platform = "cron"
    tool = "crontab"
    is_of_this_system = os.name != "nt"

    def files(self, job: Job) -> Sequence[File]:
        return crontab.files(job)

    def plan(self, job: Job) -> list[str]:
        return [*cron.plan(job), *(f"  {line}" for line in crontab.block(job).splitlines())]

    def install(self, job: Job) -> list[str]:
        return cron.install(job)

    def remove(self, name: str, configuration: str | None) -> list[str]:
        return cron.remove(name, self.given["account"], configuration)

    def how_to_set(self, job: Job) -> str:
        if job.env_file is not None:
            return (
                f"Write them into {printable(job.env_file)} as NAME='value', for the job's account alone (chmod 600)."
            )
        return "Name a file of NAME='value' lines, for the job's account alone, with --env-file."

    def by_hand(self, job: Job) -> str:
        return f"crontab{f' -u {job.account}' if job.account else ''} -e, and put the lines at its end"

    def try_it(self, job: Job) -> str:
        return f"sh -c {shlex.quote(crontab.line_of(job).replace(chr(92) + '%', '%'))}"


class TaskScheduler(Starter):
    """A task."""

    platform = "windows"
    tool = "schtasks"
    is_of_this_system = os.name == "nt"

    def files(self, job: Job) -> Sequence[File]:
        return task.files(job)

    def printed(self, job: Job) -> str:
        return task.printed(job)

    def options_for_scan(self, name: str, configuration: Configuration, folder: Path) -> list[str]:
        """The Task Scheduler keeps nothing of what a task prints."""
        return [] if configuration.scan.log_file is not None else ["--log-file", str(folder / f"{name}.log")]

    def plan(self, job: Job) -> list[str]:
        return windows.plan(job)

    def install(self, job: Job) -> list[str]:
        return windows.install(job)

    def remove(self, name: str, configuration: str | None) -> list[str]:
        return windows.remove(name, configuration)

    def how_to_set(self, job: Job) -> str:  # noqa: ARG002 - the same for all
        return (
            "A task has no variables of its own: only those of the account or the machine, which others can read. "
            "Sign in so that none is needed: to the tenant by a certificate, at the site as the job's account. What is "
            "left: --program names a script of yours that fetches it from your store, and starts readiness."
        )

    def notes(self, job: Job) -> list[str]:
        return [self._account(job), *(["made on another system: the paths are those of this one"] * (os.name != "nt"))]

    def _account(self, job: Job) -> str:
        if job.account is None or task.is_service(job.account):
            return "runs as the machine's account on the network (MACHINE$): grant the rights at the site to that"
        if task.is_managed(job.account):
            return f"runs as {job.account}: its password is the domain's affair; it needs 'Log on as a batch job'"
        return f"runs as {job.account}: its password is stored with the task; better a gMSA, whose name ends in $"

    def joined(self, words: Sequence[str]) -> str:
        return " ".join(map(task.argument, words))

    def by_hand(self, job: Job) -> str:
        made = self.joined(windows.create(job, f"{job.name}.xml"))
        return f"write {job.name}.xml with --output ., then, as administrator, in cmd: {made}"

    def try_it(self, job: Job) -> str:
        return f"schtasks /Run /TN {job.name}"


def _closed(job: Job) -> list[str]:
    return list(needs.hidden_from_others((*job.reads, job.configuration)))


def starter(platform: str, given: Mapping[str, Any], environ: Mapping[str, str]) -> Starter:
    """What starts jobs on a platform.

    Raises:
        ConfigurationError: an option is not for it.
    """
    if given["per_user"] and platform != "systemd":
        raise ConfigurationError("--user is for systemd: a job of cron belongs to its account anyway")
    if given["per_user"] and given["account"] is not None:
        raise ConfigurationError("--user and --account: a user's own units run as that user")
    made: dict[str, type[Starter]] = {one.platform: one for one in (Systemd, Cron, TaskScheduler)}
    return made[platform](given, environ)
