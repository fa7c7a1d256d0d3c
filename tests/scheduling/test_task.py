"""The task of the Task Scheduler: by its schema, as `schtasks` reads it, with every argument as it was."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree  # for its type; what is read goes through defusedxml

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st
from xmlschema import XMLSchema

from readiness.errors import ConfigurationError
from readiness.scheduling import task
from readiness.scheduling.job import Job
from tests.scheduling.jobs import job

NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
SCHEMA = XMLSchema(Path(__file__).with_name("task.xsd"))
ON_WINDOWS = job(
    command=(r"C:\Program Files\readiness\readiness.exe", "scan", "--config", r"C:\Straße & Söhne\<a>.toml"),
    folder=r"C:\Straße & Söhne",
    configuration=r"C:\Straße & Söhne\<a>.toml",
)


def tree(made: Job) -> ElementTree.Element:
    text = task.files(made)[0].content
    SCHEMA.validate(fromstring(text))
    return fromstring(text)


def of(made: Job, name: str) -> str | None:
    return next((one.text or "" for one in tree(made).iter(f"{NAMESPACE}{name}")), None)


@pytest.mark.parametrize("account", [None, "SYSTEM", "CONTOSO\\svc$", "CONTOSO\\svc"])
def test_the_task_is_by_the_schema(account: str | None) -> None:
    assert tree(job(account=account, command=ON_WINDOWS.command)).get("version") == "1.2"


def test_the_schema_of_the_test_minds_the_order_within_a_trigger() -> None:
    text = task.printed(job())
    delay = "<RandomDelay>PT5M</RandomDelay>"
    assert delay in text
    turned = text.replace(delay, "").replace("<Enabled>true</Enabled>", f"{delay}<Enabled>true</Enabled>", 1)
    assert SCHEMA.is_valid(fromstring(text))
    assert not SCHEMA.is_valid(fromstring(turned))


def test_a_file_is_utf16_with_its_mark_and_windows_line_ends() -> None:
    content = task.files(ON_WINDOWS)[0].content
    assert content[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = content.decode("utf-16")
    assert text.startswith('<?xml version="1.0" encoding="UTF-16"?>\r\n<Task')
    assert text.count("\n") == text.count("\r\n")


def test_what_is_printed_is_the_same_task_in_ascii() -> None:
    printed = task.printed(ON_WINDOWS)
    assert printed.isascii()
    assert "encoding" not in printed.splitlines()[0]
    whole = (ElementTree.tostring(fromstring(printed)), ElementTree.tostring(tree(ON_WINDOWS)))
    assert whole[0].split() == whole[1].split()


def test_names_with_signs_of_xml_come_out_as_they_were() -> None:
    assert of(ON_WINDOWS, "WorkingDirectory") == r"C:\Straße & Söhne"
    assert of(ON_WINDOWS, "Command") == r"C:\Program Files\readiness\readiness.exe"
    assert of(ON_WINDOWS, "Arguments") == r'scan --config "C:\Straße & Söhne\<a>.toml"'


def argv(line: str) -> list[str]:
    """CommandLineToArgvW after the program's name, by its documentation: 2n backslashes before a quotation mark are n
    and the mark opens or closes, 2n+1 are n and the mark itself; elsewhere backslashes are themselves."""
    words: list[str] = []
    word, quoted, begun, at = "", False, False, 0
    while at < len(line):
        slashes = len(line[at:]) - len(line[at:].lstrip("\\"))
        if slashes and line[at + slashes : at + slashes + 1] == '"':
            word += "\\" * (slashes // 2) + ('"' if slashes % 2 else "")
            begun, at = True, at + slashes + slashes % 2
        elif line[at] == '"':
            quoted, begun, at = not quoted, True, at + 1
        elif line[at] in " \t" and not quoted:
            words += [word] if begun else []
            word, begun, at = "", False, at + 1
        else:
            word, begun, at = word + line[at], True, at + 1
    return words + ([word] if begun else [])


@given(st.lists(st.text(alphabet=' "\\ab\t', max_size=8), max_size=4))
def test_windows_takes_the_line_apart_into_the_same_arguments(words: list[str]) -> None:
    assert argv(" ".join(map(task.argument, words))) == words


@pytest.mark.parametrize(
    ("account", "user", "logon"),
    [
        (None, "S-1-5-20", None),
        ("NT AUTHORITY\\SYSTEM", "S-1-5-18", None),
        ("Network Service", "S-1-5-20", None),
        ("CONTOSO\\gmsa$", "CONTOSO\\gmsa$", "Password"),
        ("svc@contoso.com", "svc@contoso.com", "Password"),
    ],
)
def test_no_account_is_signed_in_without_rights_on_the_network(
    account: str | None, user: str, logon: str | None
) -> None:
    """S4U would need no password, and reach nothing: neither the tenant nor the site."""
    assert (of(job(account=account), "UserId"), of(job(account=account), "LogonType")) == (user, logon)


def test_it_runs_once_makes_up_for_a_missed_night_and_is_ended_when_it_hangs() -> None:
    made = job(minutes=45)
    assert of(made, "MultipleInstancesPolicy") == "IgnoreNew"
    assert of(made, "StartWhenAvailable") == "true"
    assert of(made, "DisallowStartIfOnBatteries") == "false"
    assert of(made, "ExecutionTimeLimit") == "PT45M"


def test_the_time_is_that_of_the_machine_unless_it_is_utc() -> None:
    assert of(job(), "StartBoundary") == "2026-01-01T06:00:00"
    assert of(job(zone="UTC"), "StartBoundary") == "2026-01-01T06:00:00Z"
    with pytest.raises(ConfigurationError, match="UTC"):
        task.printed(job(zone="Europe/Berlin"))


@pytest.mark.parametrize(
    "bad", [{"folder": "C:\\%TEMP%"}, {"env_file": "/etc/x"}, {"account": "LocalService"}, {"account": "a<b"}]
)
def test_what_a_task_cannot_hold_is_refused(bad: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        task.printed(job(**bad))
