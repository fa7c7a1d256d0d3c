"""Every kind of value: what is accepted, and the message with line and key for what is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from readiness.config import Configuration

Load = Callable[..., Configuration]
Refusal = Callable[..., str]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tennant]\n", "line 1: [tennant]: unknown section; did you mean tenant?"),
        (
            "[zzz]\n",
            "line 1: [zzz]: unknown section; valid are tenant, site, scope, rollout, policy, change, scan, attach, "
            "history, notify, job, waiver, attestation",
        ),
        (
            "\n[notify]\ntimeout = 5\n",
            "line 2: [notify] webhook_env: missing; nobody would hear of anything: name webhook_env, "
            "teams_env, mail_to or also",
        ),
        ('server = "x"\n', "line 1: [server]: is a key, and stands outside of any section; it belongs below [site]"),
        ("tenant = 5\n", "line 1: [tenant]: must be one section: write [tenant] and keys"),
        ("[[scope]]\n", "line 1: [scope]: must be one section: write [scope], with one bracket"),
        ("[waiver]\n", "line 1: [waiver]: must be written [[waiver]], with two brackets, once for each"),
        ("waiver = [1]\n", "line 1: [waiver]: must be written [[waiver]], with two brackets, once for each"),
    ],
)
def test_sections(refused: Refusal, text: str, message: str) -> None:
    """Only the sections of the contract, in their own form."""
    assert refused(text) == f"readiness.toml, {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[scope]\n# one\n\ncolections = []\n", "line 4: [scope] colections: unknown key; did you mean collections?"),
        ("[rollout]\nzzz = 1\n", "line 2: [rollout] zzz: unknown key; valid are stage"),
        ('[scope]\nfail_on = "x"\n', "line 2: [scope] fail_on: unknown key; it belongs below [policy]"),
        ("[rollout]\nstage.x = 1\n", "line 2: [rollout] stage: expected text in quotes, found a section"),
        ("[scan]\nuntil = true\n", "line 2: [scan] until: expected text in quotes, found true or false"),
        ('[scan]\nuntil = "redy"\n', 'line 2: [scan] until: unknown value "redy"; did you mean "ready"?'),
        ("[scan]\nfail-on = 1\n", "line 2: [scan] fail-on: expected text in quotes, found a whole number"),
        (
            "[scan]\nno-color = true\nno_color = true\n",
            "line 2: [scan] no-color: unknown key; did you mean no_color?",
        ),
        (
            '[scan]\n"\\u001b[31m" = 1\n[scope]\n',
            "line 2: [scan] \\u001b[31m: unknown key; valid are check, skip, tag, ",
        ),
    ],
)
def test_keys(refused: Refusal, text: str, message: str) -> None:
    """Only the keys of the contract; the message names the nearest, or the section it belongs to."""
    assert refused(text).startswith(f"readiness.toml, {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[change]\nticket = 31337\n", "ticket: expected text in quotes, found a whole number"),
        (
            '[change]\nticket = "C:\\new"\n',
            "ticket: contains a control character; a backslash inside double quotes starts an escape: "
            "write it twice, or use single quotes",
        ),
        ('[change]\nticket = "CHG "\n', "ticket: begins or ends with a space; remove it"),
        ("[scan]\noutput = []\n", "output: expected text in quotes, found a list"),
        ('[rollout]\nstage = "plannd"\n', 'stage: unknown value "plannd"; did you mean "planned"?'),
        ('[rollout]\nstage = "Planned"\n', 'stage: unknown value "Planned"; did you mean "planned"?'),
        ('[rollout]\nstage = "zzz"\n', 'stage: unknown value "zzz"; valid are "planned", "running", "done"'),
        (
            '[scope]\ncollections = "P01"\n',
            'collections: expected a list of texts, found text: put it in brackets, ["..."]',
        ),
        ("[scope]\ncollections = 1\n", "collections: expected a list of texts, found a whole number"),
        ("[scope]\ncollections = [1]\n", "collections: expected text in quotes, found a whole number"),
        ('[scope]\ncollections = [""]\n', "collections: holds an empty text; remove it"),
        ('[scope]\ncollections = ["A", "A"]\n', 'collections: names "A" twice; keep one'),
        ('[scan]\nquiet = "true"\n', "quiet: expected true or false, without quotes, found text"),
        ("[scan]\nquiet = 1\n", "quiet: expected true or false, without quotes, found a whole number"),
        ("[policy]\nmin_eligible = true\n", "min_eligible: expected a number without quotes, found true or false"),
        ("[policy]\nmin_eligible = 95\n", "min_eligible: expected a share from 0 to 1; write 0.95 for 95 %"),
        ("[policy]\nmin_eligible = -0.1\n", "min_eligible: expected a share from 0 to 1"),
        ("[policy]\nmin_eligible = nan\n", "min_eligible: expected an ordinary number, neither infinite nor nan"),
        (
            f"[policy]\nmin_eligible = {'9' * 400}\n",
            "min_eligible: expected an ordinary number, neither infinite nor nan",
        ),
        (
            '[policy]\nvalid_for = "24 hours"\n',
            'valid_for: not a duration: "24 hours"; did you mean "24h"?',
        ),
        (
            '[policy]\nvalid_for = "soon"\n',
            'valid_for: not a duration: "soon"; write "90s", "45m", "24h" or "7d"',
        ),
        ('[policy]\nvalid_for = "0h"\n', "valid_for: expected a duration longer than nothing"),
        (
            "[policy]\nvalid_for = 24\n",
            'valid_for: expected a duration in quotes, such as "24h", found a whole number',
        ),
        ("[scan]\ntimeout = 0\n", "timeout: expected more than 0 and at most 604800 seconds"),
        ("[scan]\ntimeout = inf\n", "timeout: expected an ordinary number, neither infinite nor nan"),
        ('[scan]\ntimeout = "8d"\n', "timeout: expected more than 0 and at most 604800 seconds"),
        (
            "[change]\nwindow_start = 2026-12-01T20:00:00\n",
            "window_start: has no time zone; for UTC write Z at its end: 2026-12-01T20:00:00Z",
        ),
        (
            "[change]\nwindow_start = 2026-12-01\n",
            "window_start: expected a date with a time, such as 2026-12-01T20:00:00Z, without quotes, found a date",
        ),
        (
            "[change]\nwindow_start = 20:00:00\n",
            "window_start: expected a date with a time, such as 2026-12-01T20:00:00Z, without quotes, "
            "found a time without a date",
        ),
        (
            "[change]\nwindow_start = 0001-01-01T00:00:00+10:00\n",
            "window_start: expected a date with a time, such as 2026-12-01T20:00:00Z, without quotes; "
            "this one is out of range",
        ),
    ],
)
def test_values(refused: Refusal, text: str, message: str) -> None:
    """Wrong types and bad values: line, key, what is expected."""
    section = text.partition("\n")[0]
    assert refused(text) == f"readiness.toml, line 2: {section} {message}"


def test_window_ends_after_it_starts(refused: Refusal) -> None:
    """Compared across time zones."""
    text = "[change]\nwindow_start = 2026-12-01T20:00:00Z\nwindow_end = 2026-12-01T21:00:00+01:00\n"
    assert refused(text) == "readiness.toml, line 3: [change] window_end: is not after window_start"


def test_good_values(loaded: Load) -> None:
    """Durations in every unit, times in UTC, shares at their ends."""
    judging = loaded("""\
[policy]
max_evidence_age = "90s"
valid_for = "7d"
min_eligible = 1
[change]
window_start = 2026-12-01T20:00:00+02:00
ticket = ""
[scan]
timeout = "45m"
""")
    assert judging.judging.policy.max_evidence_age == timedelta(seconds=90)
    assert judging.judging.policy.valid_for == timedelta(days=7)
    assert judging.judging.policy.min_eligible == 1.0
    assert judging.judging.change.window_start == datetime(2026, 12, 1, 18, tzinfo=UTC)
    assert judging.judging.change.ticket is None
    assert judging.scan.timeout == 2700.0


def test_all_problems_are_told_at_once_in_the_order_of_the_file(refused: Refusal) -> None:
    """One line for each, so that one run suffices to mend the file."""
    assert refused('[policy]\nfail_on = "x"\nfoo = 1\n[site]\nport = "5986"\n').split("\n") == [
        'readiness.toml, line 2: [policy] fail_on: unknown value "x"; valid are "blocker", "advisory", "unknown"',
        "readiness.toml, line 3: [policy] foo: unknown key; valid are fail_on, max_evidence_age, valid_for, "
        "min_eligible",
        "readiness.toml, line 4: [site] server: missing; it is required, here or as READINESS_SITE_SERVER",
        "readiness.toml, line 5: [site] port: expected a whole number without quotes, found text",
    ]
