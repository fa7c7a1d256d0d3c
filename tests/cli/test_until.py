"""`scan --until ready`: read again what is not green, until it is, or until waiting makes no sense.

Nobody sleeps here: where the scan would, somebody does something in the estate, and the clock goes on.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from readiness.assessment.waiting import facts_again, in_vain, is_reached
from readiness.cli import person, watching
from readiness.cli.finish import judge
from readiness.cli.reading import Visits
from readiness.cli.watching import Pace
from readiness.composition import all_checks
from readiness.config import load
from readiness.evidence import load as load_evidence
from readiness.evidence import utc_now
from readiness.lab import Lab, load_scenario
from readiness.lab.estate import Transport
from readiness.lab.scenario import Scenario
from readiness.model.facts import CloudCollections, Fact, Organization, SiteUpdates
from tests.cli.test_failed_logons import failed_at_site, failed_at_tenant
from tests.conftest import Estate, Program, Ran
from tests.plan.doing import after
from tests.servers.proxy import ConnectProxy

DEVICE_CODE = 'base = "almost-ready"\n[tenant]\nauth = "device-code"\n[tenant.person]\npending = 0\n'
Serve = Callable[..., Estate]
Deed = Callable[[], object]


@dataclass
class Elapsing:
    """Time that passes only where the scan waits, and what happens meanwhile, pause by pause."""

    deeds: Sequence[Deed] = ()
    slept: list[float] = field(default_factory=list)

    @property
    def passed(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if len(self.slept) <= len(self.deeds):
            self.deeds[len(self.slept) - 1]()

    @property
    def pace(self) -> Pace:
        return Pace(utc_now, lambda: time.monotonic() + self.passed, self.sleep)


@dataclass
class Waiting:
    """A scan of a simulated estate that waits."""

    program: Program
    estate: Estate
    monkeypatch: pytest.MonkeyPatch
    time: Elapsing = field(default_factory=Elapsing)
    variables: dict[str, str] = field(default_factory=dict)

    def scan(self, *deeds: Deed, timeout: str = "45m", more: Sequence[str] = ("--json",)) -> Ran:
        self.time = Elapsing(deeds)
        self.monkeypatch.setattr(watching, "PACE", self.time.pace)
        given = ("scan", "--config", str(self.estate.config), "--until", "ready", "--timeout", timeout)
        more = more if "--format" in more else (*more, "--format", "none")
        return self.program(*given, *more, variables={**self.estate.secrets, **self.variables})

    def does(self, *steps: str) -> Deed:
        """Somebody does these steps of the plan."""

        def deed() -> None:
            self.estate.lab.scenario = done(self.estate.lab.scenario, *steps)
            self.estate.lab.change(self.estate.lab.scenario)
            self.estate.lab.requests.clear()

        return deed

    def asked(self, server: str) -> list[str]:
        """What was asked of a server since the last step that somebody did."""
        return [one.summary or one.path for one in self.estate.lab.requests if one.server == server]


def done(scenario: Scenario, *steps: str) -> Scenario:
    for step in steps:
        scenario = after(scenario, step)
    return scenario


@pytest.fixture(scope="module")
def labs() -> Iterator[dict[str, Lab]]:
    """One estate of each name for all tests: what was done in it is undone for the next."""
    with ExitStack() as stack:
        known = {name: Lab(load_scenario(name)) for name in ("almost-ready", "ready", "not-attached")}
        for lab in known.values():
            stack.enter_context(lab)
        yield known


@pytest.fixture
def waiting(
    labs: dict[str, Lab], program: Program, estate: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Waiting]:
    def make(name: str = "almost-ready", *, transport: Transport = "winrm", toml: str | None = None) -> Waiting:
        if toml is not None or name not in labs:
            return Waiting(program, estate(name, toml=toml, transport=transport), monkeypatch)
        lab, folder = labs[name], tmp_path / "estate"
        lab.scenario = load_scenario(name)
        lab.change(lab.scenario)
        lab.requests.clear()
        lab.write(folder, transport)
        return Waiting(program, Estate(lab, folder), monkeypatch)

    return make


Wait = Callable[..., Waiting]


def rounds(ran: Ran) -> list[str]:
    """The lines that tell of the single readings."""
    return [line for line in ran.err.splitlines() if ", reading " in line]


def test_an_estate_that_becomes_ready_meanwhile_is_ready(waiting: Wait) -> None:
    watched = waiting()
    ran = watched.scan(lambda: None, watched.does("cloud-sync"))
    assert (ran.code, ran.report["decision"]["state"]) == (0, "ready")
    assert ran.err.splitlines()[-1].startswith("exit 0: ready")
    first, second, last = rounds(ran)
    assert "reading 1: not-ready; open: collections-enabled (Configuration Manager administrator; shows after" in first
    assert "Reads again at " in first
    assert "waits until " in first
    assert "reading 2: not-ready" in second
    assert last.endswith("reading 3: ready")
    assert ran.report["run"]["configuration"]["scan"]["until"] == "ready"


def test_only_what_is_not_green_is_asked_again(waiting: Wait) -> None:
    watched = waiting()
    ran = watched.scan(watched.does("cloud-sync"))
    assert ran.code == 0
    again = " ".join(watched.asked("wsman") + watched.asked("graph"))
    assert "SMS_Collection" in again
    assert "configManagerCollections" in again
    for green in ("SMS_CM_UpdatePackages", "SMS_R_System", "SMS_StatusMessage", "subscribedSkus", "mobileThreat"):
        assert green not in again
    moments = {one["fact"]: one["started"] for one in ran.report["readings"]}
    assert moments["SiteUpdates"] < moments["Collections"]
    assert moments["Licences"] < moments["CloudCollections"]


def test_it_reads_no_sooner_than_the_upload_can_show_and_last_at_the_deadline(waiting: Wait) -> None:
    watched = waiting()
    ran = watched.scan(timeout="12m")
    assert ran.code == 3
    assert watched.time.slept[:2] == [300, 300]
    assert 0 < watched.time.slept[2] <= 120
    assert 690 <= watched.time.passed <= 720
    assert len(rounds(ran)) == 4
    assert "reading 4: not-ready; the time is over: open: collections-enabled" in rounds(ran)[-1]


def test_what_becomes_green_is_told(waiting: Wait) -> None:
    watched = waiting("not-attached")
    ran = watched.scan(watched.does("attach"), watched.does("cloud-sync"))
    assert ran.code == 0
    assert "Green now: " in rounds(ran)[1]
    assert "tenant-attached" in rounds(ran)[1]


@pytest.mark.parametrize("transport", ["winrm", "adminservice"])
def test_a_wrong_password_is_tried_once_and_ends_the_waiting(transport: str, waiting: Wait) -> None:
    watched = waiting("almost-ready", transport=transport)
    watched.variables = {"READINESS_SITE_PASSWORD": "wr0ng"}
    ran = watched.scan()
    assert ran.code == 5
    assert failed_at_site(watched.estate.lab.requests) == 1
    assert watched.time.slept == []
    assert "not waiting any longer: a sign-in failed, which is not tried again by itself: accounts lock" in ran.err
    assert "wr0ng" not in ran.out + ran.err


def test_a_wrong_secret_is_tried_once_and_ends_the_waiting(waiting: Wait) -> None:
    watched = waiting()
    watched.variables = {"READINESS_CLIENT_SECRET": "not-the-secret"}
    assert watched.scan().code == 5
    assert failed_at_tenant(watched.estate.lab.requests) == 1
    assert watched.time.slept == []


def test_a_password_that_the_proxy_refuses_is_shown_once(waiting: Wait) -> None:
    watched = waiting()
    with ConnectProxy(account="svc:right") as proxy:
        watched.variables = {"HTTPS_PROXY": f"http://svc:wr0ng@127.0.0.1:{proxy.port}"}
        ran = watched.scan()
        assert len(proxy.journal.asked) == 1
    assert ran.code in (3, 5)
    assert "not waiting any longer: the proxy refused our password" in ran.err


def test_a_person_signs_in_once_for_all_readings(waiting: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = waiting(toml=DEVICE_CODE)
    monkeypatch.setattr(person, "_missing", lambda **_given: None)
    ran = watched.scan(lambda: None, lambda: None, watched_change(watched), more=("--json", "--no-cache"))
    assert ran.code == 0
    assert ran.err.count("enter the code") == 1
    assert len([one for one in watched.estate.lab.requests if one.path.endswith("/devicecode")]) == 1
    assert failed_at_tenant(watched.estate.lab.requests) == 0
    assert "user admin@contoso.com" in " ".join(ran.report["run"]["identities"])


def watched_change(watched: Waiting) -> Deed:
    """Somebody ticks the box; what was asked so far stays counted."""
    return lambda: watched.estate.lab.change(done(watched.estate.lab.scenario, "cloud-sync"))


def test_a_half_that_was_away_is_tried_again(waiting: Wait) -> None:
    watched = waiting(toml='base = "ready"\ntitle = "x"\n')
    watched.estate.lab.servers["wsman"].stop()
    ran = watched.scan(timeout="2m")
    assert ran.code == 5
    assert watched.time.slept[0] == 60
    assert "open: site-reachable (Configuration Manager administrator)" in rounds(ran)[0]
    assert len(rounds(ran)) >= 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[site]", "[nowhere]"), "one half of the estate is not configured"),
        (('id = "', 'id = "x'), "the configuration leads to another estate"),
    ],
)
def test_what_waiting_cannot_change_ends_it(change: tuple[str, str], words: str, waiting: Wait) -> None:
    watched = waiting("ready")
    text = watched.estate.config.read_text(encoding="utf-8")
    if change[0] == "[site]":
        head, _, tail = text.partition("[site]")
        text = head + "[" + tail.partition("\n[")[2]
    else:
        text = text.replace(*change, 1)
    watched.estate.config.write_text(text, encoding="utf-8")
    ran = watched.scan()
    assert ran.code == 5
    assert watched.time.slept == []
    assert f"not waiting any longer: {words}" in " ".join(ran.err.split())


def test_no_target_ends_it(waiting: Wait) -> None:
    watched = waiting(toml='base = "ready"\ntitle = "x"\n[scope]\ncollections = []\n')
    ran = watched.scan()
    assert watched.time.slept == []
    assert "no target collection is named in the configuration" in ran.err


def test_a_selection_that_passed_ends_it(waiting: Wait) -> None:
    watched = waiting()
    ran = watched.scan(more=("--json", "--check", "site-version-minimum"))
    assert (ran.code, watched.time.slept) == (0, [])
    assert ran.report["decision"]["state"] == "selection-passed"
    assert rounds(ran) == [rounds(ran)[0]]


def test_what_became_too_old_is_not_ready_and_is_read_again(waiting: Wait, tmp_path: Path) -> None:
    watched = waiting("ready")
    kept = tmp_path / "evidence.json"
    assert watched.scan(more=("--json", "--save-evidence", str(kept))).code == 0
    configuration, evidence = load(watched.estate.config, {}), load_evidence(kept)
    later = judge(configuration, evidence, utc_now() + timedelta(hours=25))
    assert not is_reached(later)
    assert in_vain(later, targets=configuration.judging.scope.collections) is None
    assert facts_again(later, all_checks()) >= {SiteUpdates, Organization, CloudCollections}


def test_a_throttled_estate_becomes_ready(waiting: Wait) -> None:
    watched = waiting("throttled")
    ran = watched.scan()
    assert ran.code == 0


def test_an_interrupt_in_the_pause_is_exit_130(waiting: Wait, tmp_path: Path) -> None:
    watched = waiting()
    ran = watched.scan(
        lambda: signal.raise_signal(signal.SIGINT), more=("--output", str(tmp_path / "out"), "--format", "json")
    )
    assert ran.code == 130
    assert ran.out == ""
    assert ran.err.splitlines()[-1] == "exit 130: interrupted"
    assert list(tmp_path.glob("out/*")) == []


def test_sigterm_in_the_pause_writes_what_was_read_last(waiting: Wait) -> None:
    ran = waiting().scan(lambda: signal.raise_signal(signal.SIGTERM))
    assert (ran.code, ran.report["run"]["stopped"]) == (3, "stopped by SIGTERM")
    assert rounds(ran)[-1].endswith("not-ready; not waiting any longer: stopped by SIGTERM")
    assert ran.err.splitlines()[-1] == "exit 3: 1 blocker failed; stopped by SIGTERM: the report is partial"
    assert {one["reason"] for one in ran.report["readings"]} == {None}


def test_files_are_written_once_and_the_evidence_gives_the_same_verdict(
    waiting: Wait, program: Program, tmp_path: Path
) -> None:
    watched = waiting()
    kept = tmp_path / "evidence.json"
    out = tmp_path / "out"
    ran = watched.scan(
        watched.does("cloud-sync"),
        more=("--quiet", "--save-evidence", str(kept), "--format", "json", "--output", str(out)),
    )
    assert (ran.code, len(list(out.iterdir()))) == (0, 1)
    assert ran.out.splitlines() == [ran.out.strip()]
    given = ("assess", str(kept), "--config", str(watched.estate.config), "--json", "--format", "none")
    assert program(*given).report["decision"]["state"] == "ready"


def test_redacted_waiting_names_nobody(waiting: Wait) -> None:
    watched = waiting()
    ran = watched.scan(watched.does("cloud-sync"), more=("--json", "--redact"))
    assert ran.code == 0
    assert "contoso" not in (ran.out + ran.err).casefold()


def test_the_configuration_can_say_it(waiting: Wait, program: Program) -> None:
    watched = waiting("ready")
    text = watched.estate.config.read_text(encoding="utf-8")
    watched.estate.config.write_text(
        f'{text}\n[scan]\nuntil = "ready"\ntimeout = "45m"\nformat = ["none"]\n', encoding="utf-8"
    )
    ran = program("scan", "--config", str(watched.estate.config), "--json", variables=watched.estate.secrets)
    assert ran.code == 0
    assert rounds(ran)[0].endswith("reading 1: ready")


def visits_of(watched: Waiting) -> Visits:
    return Visits(load(watched.estate.config, {}), {**watched.estate.secrets, "NO_PROXY": "*"})


def test_a_reading_leaves_no_connection_behind(waiting: Wait) -> None:
    """A scan that waits for hours would run out of them."""
    watched = waiting()
    visits = visits_of(watched)
    visits.read(visits.whole)
    ports = {server.port for server in watched.estate.lab.servers.values()}
    end = time.monotonic() + 5
    while connections_to(ports) and time.monotonic() < end:
        time.sleep(0.01)
    assert connections_to(ports) == 0


def connections_to(ports: set[int]) -> int:
    """Established TCP connections to these ports of this computer, as Linux tells them."""
    rows = [row.split() for row in Path("/proc/self/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return len([row for row in rows if row[3] == "01" and int(row[2].partition(":")[2], 16) in ports])


def test_a_new_token_for_a_person_is_fetched_without_them(waiting: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows rights that were granted since they signed in."""
    watched = waiting(toml=DEVICE_CODE)
    monkeypatch.setattr(person, "_missing", lambda **_given: None)
    visits = visits_of(watched)
    facts: frozenset[type[Fact]] = frozenset({Organization})
    for tokens in (1, 2):
        reading = visits.read(facts).reading(Organization)
        assert reading is not None
        assert reading.available
        assert reading.identity is not None
        assert reading.identity.startswith("user admin@contoso.com")
        given = [one for one in watched.estate.lab.requests if one.path.endswith("/token") and one.status == 200]
        assert len(given) == tokens
        visits.lasting.renew()
    assert len([one for one in watched.estate.lab.requests if one.path.endswith("/devicecode")]) == 1
