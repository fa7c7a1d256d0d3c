"""The text of a job for the Task Scheduler of Windows.

Sources: [MS-TSCH] 2.5 (the schema: in a trigger the order of elements counts), ITrigger::put_StartBoundary (a time
without offset is that of the machine), TASK_LOGON_TYPE (S4U has no access to the network). That a group managed service
account is registered with the logon type Password, and no password, is how administrators do it; nobody has tried the
text on Windows yet.
"""

from __future__ import annotations

import re
from datetime import date
from xml.sax.saxutils import escape

from readiness.errors import ConfigurationError
from readiness.scheduling.job import File, Job
from readiness.text import printable

SOURCE = "readiness schedule"
"""Stands in `RegistrationInfo`: a task without it is not ours."""
FIRST_DAY = date(2026, 1, 1)
"""A day in the past: the same job has the same text on every day."""
SYSTEM, LOCAL_SERVICE, NETWORK_SERVICE = "S-1-5-18", "S-1-5-19", "S-1-5-20"
_SERVICES = {
    "system": SYSTEM,
    "localsystem": SYSTEM,
    "networkservice": NETWORK_SERVICE,
    "localservice": LOCAL_SERVICE,
}
_ACCOUNT = re.compile(r"""[^"/\[\]:;|=,+*?<>%]+""")
_NEEDS_QUOTES = re.compile(r'[\s"]|^$')


def user_id(account: str | None) -> str:
    """Whom the scheduler is told: a service account by its SID, which is the same in every language.

    Raises:
        ConfigurationError: it can be no account, or one that cannot sign in elsewhere.
    """
    if account is None:
        return NETWORK_SERVICE
    if not _ACCOUNT.fullmatch(account):
        raise ConfigurationError(f"--account {printable(account)}: not the name of an account: DOMAIN\\name$, say")
    plain = re.sub(r"^nt authority\\", "", account.lower()).replace(" ", "")
    found = _SERVICES.get(plain, account)
    if found == LOCAL_SERVICE:
        raise ConfigurationError("--account LocalService: it is nobody on the network: take NetworkService or a gMSA")
    return found


def is_managed(account: str | None) -> bool:
    """Whether the domain keeps the account's password: the name of a (group) managed service account ends in `$`."""
    return account is not None and account.endswith("$")


def is_service(account: str | None) -> bool:
    """Whether it is an account of the machine, without a password."""
    return user_id(account).startswith("S-1-5-")


def files(job: Job) -> tuple[File]:
    """The task as `schtasks /XML` takes it: UTF-16 with a byte order mark."""
    declared = '<?xml version="1.0" encoding="UTF-16"?>'
    return (File(f"{job.name}.xml", f"{declared}\n{_body(job)}".replace("\n", "\r\n"), "utf-16"),)


def printed(job: Job) -> str:
    """The same task in ASCII, naming no encoding: it is whole whatever a console or a redirection makes of it."""
    text = f'<?xml version="1.0"?>\n{_body(job)}'
    return text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _body(job: Job) -> str:
    for text in (*job.command, job.folder, job.configuration):
        if "%" in text:
            raise ConfigurationError(f"{text}: the Task Scheduler takes % for a variable, and has no way to write it")
    if job.env_file is not None:
        raise ConfigurationError("--env-file: the Task Scheduler has none; sign in so that no secret is needed")
    program, *arguments = job.command
    logon = "" if is_service(job.account) else "\n      <LogonType>Password</LogonType>"
    return f"""\
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Source>{SOURCE}</Source>
    <Author>readiness</Author>
    <Description>Readiness of Intune and Configuration Manager, every day. {_text(job.mark)}</Description>
    <URI>\\{_text(job.name)}</URI>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <Enabled>true</Enabled>
      <StartBoundary>{FIRST_DAY}T{job.at:%H:%M}:00{_zone(job)}</StartBoundary>
      <RandomDelay>PT5M</RandomDelay>
      <ScheduleByDay>
        <DaysInterval>1</DaysInterval>
      </ScheduleByDay>
    </CalendarTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{_text(user_id(job.account))}</UserId>{logon}
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>false</Hidden>
    <ExecutionTimeLimit>PT{job.minutes}M</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{_text(program)}</Command>
      <Arguments>{_text(" ".join(map(argument, arguments)))}</Arguments>
      <WorkingDirectory>{_text(job.folder)}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


def argument(word: str) -> str:
    """One argument, so that CommandLineToArgvW gives it back: backslashes before a quotation mark are doubled."""
    if not _NEEDS_QUOTES.search(word):
        return word
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', word)
    at_its_end = len(escaped) - len(escaped.rstrip("\\"))
    return f'"{escaped}{escaped[len(escaped) - at_its_end :]}"'


def _zone(job: Job) -> str:
    if job.zone is None:
        return ""
    if job.zone != "UTC":
        raise ConfigurationError("--timezone: the Task Scheduler knows the clock of the machine, and UTC")
    return "Z"


def _text(text: str) -> str:
    return escape(text)
