"""`readiness attach`: a report to a change ticket, over real sockets, without names unless they were asked for."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from readiness import documents
from readiness import evidence as bodies
from readiness.cli.reading import read_estate
from readiness.composition import line_in, seal, summary
from readiness.config import load
from readiness.lab import Lab, load_scenario
from readiness.report_files import load as load_report
from tests.conftest import Program, Ran
from tests.servers.proxy import ConnectProxy
from tests.servers.tickets import SYS_ID, JiraServer, ServiceNowServer, reply
from tests.targets.conftest import BASIC, CERTIFICATES, SECRET

CHANGE = "servicenow:CHG0031337"
PATCH, UPLOAD = f"/change_request/{SYS_ID}", "/attachment/file"
NAMES = ("contoso", "cm01", "All Windows Servers", "admin@")


@dataclass(frozen=True)
class Estates:
    """Evidence of an estate before and after a change, as if it were real, and the configuration that judges it."""

    folder: Path


@pytest.fixture(scope="module")
def estates() -> Iterator[Estates]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for when, scenario in (("before", "almost-ready"), ("after", "ready")):
            with Lab(load_scenario(scenario)) as lab:
                lab.write(folder / when)
                lines = (folder / when / "lab.env").read_text(encoding="utf-8").splitlines()
                secrets = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
                found = read_estate(load(folder / when / "readiness.toml", {}), secrets)
                bodies.save(replace(found, demo=False), folder / f"{when}.json")
        yield Estates(folder)


@pytest.fixture
def snow() -> Iterator[ServiceNowServer]:
    with ServiceNowServer(BASIC, CERTIFICATES.server) as server:
        yield server


Attach = Callable[..., Ran]


@pytest.fixture
def attach(estates: Estates, snow: ServiceNowServer, program: Program, tmp_path: Path) -> Attach:
    """Runs `attach` in a folder with evidence before and after, and a configuration that leads to the server."""
    for when in ("before", "after"):
        shutil.copy(estates.folder / f"{when}.json", tmp_path)
    (tmp_path / "ticket-ca.pem").write_bytes(CERTIFICATES.authority_pem)
    lab = (estates.folder / "before" / "readiness.toml").read_text(encoding="utf-8")
    section = f'\n[attach]\nservicenow = "{snow.origin}"\nservicenow_username = "svc"\nca_bundle = "ticket-ca.pem"\n'
    (tmp_path / "readiness.toml").write_text(lab + section, encoding="utf-8")

    def call(*arguments: str, to: str = CHANGE) -> Ran:
        return program("attach", *arguments, "--to", to, variables={"READINESS_SERVICENOW_PASSWORD": SECRET})

    return call


def judge(program: Program, when: str, *more: str) -> Path:
    """The report of the estate then."""
    folder = f"reports-{when}{len(more)}"
    ran = program("assess", f"{when}.json", "--output", folder, "--quiet", *more)
    assert ran.code in (0, 3), ran.err
    return next(Path(folder).glob("*.json"))


def test_a_report_with_names_is_not_sent_by_accident(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    ran = attach(str(judge(program, "before")))
    assert ran.code == 2
    for way in ("--evidence FILE", "--redact", "--no-redact", "Nothing of run"):
        assert way in ran.err
    assert snow.heard == []


def test_of_its_evidence_the_run_is_sent_without_names(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    """Judged as of then, to the same verdicts; no name is in a file, its name, or the note."""
    path = judge(program, "before")
    ran = attach(str(path), "--evidence", "before.json")
    assert ran.code == 0, ran.err
    sent = json.loads(snow.files[1].content)
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert sent["run"]["redacted"]
    assert sent["decision"]["counts"] == kept["decision"]["counts"]
    assert sent["run"]["id"] != kept["run"]["id"]
    said = "".join([file.name + file.content.decode() for file in snow.files] + snow.notes)
    assert [name for name in NAMES if name in said] == []
    again = attach(str(path), "--evidence", "before.json")
    assert (again.code, len(snow.files), len(snow.notes)) == (0, 2, 1)
    assert "held this run already" in again.err


def test_a_run_that_is_in_the_history_alone_is_sent_as_it_was_written(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    pytest.importorskip("sqlalchemy")
    told = program("assess", "before.json", "--format", "none", "--json")
    kept = told.report["run"]["id"]
    ran = attach(kept, "--no-redact")
    assert ran.code == 0, ran.err
    html, sent = snow.files
    assert sent.content.decode() == told.out
    assert told.report["digest"]["value"] in html.content.decode()
    after = attach(str(judge(program, "after")), "--phase", "post", "--against", kept, "--no-redact")
    assert after.code == 0, after.err
    assert f"Against run {kept}" in snow.notes[-1]


def test_other_evidence_makes_no_report_of_this_run(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    ran = attach(str(judge(program, "before")), "--evidence", "after.json")
    assert ran.code == 2
    assert "was not made of this evidence" in ran.err
    assert snow.heard == []


def test_a_report_that_was_made_without_names_is_sent_as_it_is(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    path = judge(program, "before", "--redact")
    assert attach(str(path)).code == 0
    assert snow.files[1].content == path.read_bytes()
    assert snow.files[0].content == path.with_suffix(".html").read_bytes()


def test_with_names_to_the_byte_where_that_was_asked(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    path = judge(program, "before")
    ran = attach(str(path), "--no-redact")
    assert ran.code == 0
    assert ran.err.splitlines()[-1] == "exit 0: the record holds this run"
    assert snow.files[1].content == path.read_bytes()
    assert snow.files[0].content == path.with_suffix(".html").read_bytes()
    assert "sent           note" in ran.out


def test_html_that_was_changed_is_made_anew_whoever_sealed_it(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    """Anybody can seal a page; the verdict on the ticket is that of the data, to whose digest that seal points."""
    path = judge(program, "before")
    page = path.with_suffix(".html")
    written = page.read_bytes()
    page.write_text(forged(written.decode(), report_digest(path)), encoding="utf-8")
    assert b"Not ready" not in page.read_bytes()
    assert seal().parse(page.read_text(encoding="utf-8")).intact
    assert attach(str(path), "--no-redact").code == 0
    assert snow.files[0].content == written


def forged(page: str, digest: str) -> str:
    """The page with another verdict, its seal made anew."""
    found = seal().parse(page)
    above = found.above.replace("Not ready", "Ready")
    text: str = above + seal().seal(above, digest) + found.below
    return text


def report_digest(path: Path) -> str:
    return str(json.loads(path.read_text(encoding="utf-8"))["digest"]["value"])


def test_a_report_that_was_edited_and_sealed_anew_is_not_sent(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    """Its digest was made anew by hand; those of its parts tell what was there before."""
    path = judge(program, "before")
    document = json.loads(path.read_text(encoding="utf-8"))
    document["decision"]["sentence"] = "Ready."
    document["digest"]["value"] = documents.digest(document)
    path.write_text(documents.readable(document), encoding="utf-8")
    assert load_report(path).decision.sentence == "Ready."
    ran = attach(str(path), "--no-redact")
    assert (ran.code, snow.heard) == (2, [])
    assert "changed: " in ran.err
    assert "decision.sentence" in ran.err


def test_with_a_key_only_what_it_signed_is_sent(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    """A seal that was made anew in all its parts shows nothing; a signature cannot be made anew."""
    for name in ("ann", "eve"):
        assert program("keygen", "--out", f"{name}.pem").code == 0
    keys = ["--key", str(next(Path().glob("ann*.pub")))]
    path = judge(program, "before", "--sign", "eve.pem")
    refused = attach(str(path), "--no-redact", *keys)
    assert (refused.code, "signed by another key" in refused.err) == (2, True)
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(documents.readable(documents.sealed(document)), encoding="utf-8")
    refused = attach(str(path), "--no-redact", *keys)
    assert (refused.code, "not signed" in refused.err, snow.heard) == (2, True, [])
    signed = judge(program, "before", "--sign", "ann.pem", "--debug")
    assert attach(str(signed), "--no-redact", *keys).code == 0
    assert snow.files[1].content == signed.read_bytes()


def test_html_that_was_signed_with_the_report_keeps_its_signature(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    for name in ("ann", "eve"):
        assert program("keygen", "--out", f"{name}.pem").code == 0
    path = judge(program, "before", "--sign", "ann.pem")
    page = path.with_suffix(".html")
    assert attach(str(path), "--no-redact").code == 0
    assert snow.files[0].content == page.read_bytes()
    assert b"ed25519 key" in snow.files[0].content
    snow.files.clear()
    shutil.copy(judge(program, "before", "--sign", "eve.pem", "--debug").with_suffix(".html"), page)
    assert attach(str(path), "--no-redact").code == 0
    assert b"ed25519 key" not in snow.files[0].content


def test_a_dry_run_shows_all_and_sends_nothing(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    path = judge(program, "before")
    ran = attach(str(path), "--no-redact", "--dry-run")
    assert ran.code == 0
    assert snow.written == []
    assert "CHG0031337 (change_request)" in ran.out
    assert "to send        readiness-" in ran.out
    assert "  | This is run " in ran.out
    before = len(snow.heard)
    offline = attach(str(path), "--no-redact", "--dry-run", "--offline")
    assert (offline.code, len(snow.heard)) == (0, before)
    for words in ("not asked", "to send        readiness-", "Limits: the system was not asked", "  | This is run "):
        assert words in offline.out
    told = attach(str(path), "--no-redact", "--dry-run", "--offline", "--json").report
    assert (told["limits"]["asked"], told["record"], len(snow.heard)) == (False, None, before)


def test_json_is_pure_and_tells_the_same(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    ran = attach(str(judge(program, "before")), "--no-redact", "--json")
    told = ran.report
    assert [part["state"] for part in told["parts"]] == ["sent"] * 3
    assert told["record"] == "CHG0031337 (change_request)"
    assert told["run"] in snow.names()[0]
    assert told["by_hand"] == []


def test_after_the_change_the_note_says_what_changed_since_the_run_before(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    """The run before is found on the record itself, whoever attached it and wherever."""
    first, second = judge(program, "before"), judge(program, "after")
    missing = attach(str(second), "--no-redact", "--phase", "post")
    assert missing.code == 2
    assert "no run of phase pre is attached" in missing.err
    assert attach(str(first), "--no-redact", "--phase", "pre").code == 0
    shutil.rmtree(first.parent)
    done = attach(str(second), "--no-redact", "--phase", "post")
    assert done.code == 0, done.err
    assert "This is the run before the change." in snow.notes[0]
    assert "This is the run after the change. Against run " in snow.notes[1]
    assert re.search(r"- better: .*: .*; now pass", snow.notes[1])
    assert [name.split("-")[1] for name in snow.names()] == ["pre", "pre", "post", "post"]
    assert attach(str(second), "--no-redact", "--phase", "post").code == 0
    assert len(snow.notes) == 2


def test_the_run_before_can_be_named(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    first, second = judge(program, "before"), judge(program, "after")
    assert attach(str(second), "--no-redact", "--phase", "post", "--against", str(first)).code == 0
    assert "Against run " in snow.notes[0]


def test_a_run_before_that_was_changed_on_the_record_is_not_compared_with(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    first, second = judge(program, "before"), judge(program, "after")
    attach(str(first), "--no-redact", "--phase", "pre")
    snow.files[1] = replace(snow.files[1], content=snow.files[1].content.replace(b"not-ready", b"ready", 1))
    ran = attach(str(second), "--no-redact", "--phase", "post")
    assert ran.code == 5
    assert "changed after it was written" in ran.err
    assert len(snow.notes) == 1


def test_a_run_before_under_the_name_of_another_is_not_compared_with(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    first, second = judge(program, "before"), judge(program, "after")
    attach(str(first), "--no-redact", "--phase", "pre")
    snow.files[1] = replace(snow.files[1], content=second.read_bytes())
    ran = attach(str(second), "--no-redact", "--phase", "post")
    assert (ran.code, len(snow.notes)) == (5, 1)
    assert "it is of run " in ran.err


def test_a_run_is_not_both_before_and_after(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    """Who forgets to scan after the change must not hear that all is well."""
    first, second = judge(program, "before"), judge(program, "after")
    for path in (first, second):
        assert attach(str(path), "--no-redact", "--phase", "pre").code == 0
    for more in ([], ["--against", str(first)], ["--dry-run"]):
        ran = attach(str(second), "--no-redact", "--phase", "post", *more)
        assert (ran.code, "is on the record already as the pre run" in ran.err) == (2, True)
    assert len(snow.notes) == 2


def test_the_run_after_was_read_after_the_one_before(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    first, second = judge(program, "before"), judge(program, "after")
    for before in (first, second):
        ran = attach(str(first), "--no-redact", "--phase", "post", "--against", str(before))
        assert (ran.code, "scan after the change" in ran.err) == (2, True)
    assert attach(str(second), "--no-redact", "--phase", "pre").code == 0
    assert attach(str(first), "--no-redact", "--phase", "post").code == 2
    assert len(snow.notes) == 1


def test_a_report_that_is_valid_no_more_says_so_on_the_ticket(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    path = judge(program, "after")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["decision"]["valid_until"] is not None
    assert attach(str(path), "--no-redact").code == 0
    document["decision"]["valid_until"] = "2026-01-02T03:04:05Z"
    document["run"]["id"] = "20260101T000000Z-0a1b2c3d"
    old = path.parent / "old.json"
    old.write_text(documents.readable(documents.sealed(document)), encoding="utf-8")
    ran = attach(str(old), "--no-redact")
    words = "was valid until 2026-01-02 03:04:05 UTC, which had passed when it was attached"
    assert (ran.code, words in ran.err) == (0, True)
    assert [words in note for note in snow.notes] == [False, True]


def test_a_failure_leaves_the_files_and_says_what_to_do_by_hand(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    snow.always("PATCH", PATCH, reply({"error": {"message": "closed"}}, 403))
    path = judge(program, "before")
    ran = attach(str(path), "--no-redact")
    assert ran.code == 5
    assert "attach to CHG0031337" in ran.err
    left = [line.strip() for line in ran.err.splitlines() if line.startswith("  ")]
    assert left == [str(path.with_suffix(".html")), str(path)]
    (note,) = path.parent.glob("*.note.txt")
    assert "This is run" in note.read_text(encoding="utf-8")
    assert str(note) in ran.err


def test_by_hand_is_only_what_is_not_there(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    """Of a report that was made for this, the files are written beside the one that was named."""
    snow.properties = {"com.glide.attachment.max_size": "9", "glide.attachment.extensions": "json"}
    path = judge(program, "before")
    ran = attach(str(path), "--evidence", "before.json")
    assert ran.code == 5
    (left,) = [Path(line.strip()) for line in ran.err.splitlines() if line.startswith("  ")]
    assert (left.parent, left.suffix) == (path.parent, ".html")
    assert [name for name in NAMES if name in left.read_text(encoding="utf-8")] == []
    assert list(path.parent.glob("*.note.txt")) == []


def test_a_wrong_number_is_told(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    ran = attach(str(judge(program, "before")), "--no-redact", to="servicenow:CHG0099999")
    assert ran.code == 5
    assert "there is no record CHG0099999" in ran.err
    assert ran.err.splitlines()[-1] == "exit 5: nothing was sent"
    assert snow.written == []


def test_no_secret_is_told_even_with_debug(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    path = judge(program, "before")
    snow.authorization = "Basic other"
    ran = attach(str(path), "--no-redact", "--debug", "--log-file", "log.txt")
    assert ran.code == 5
    said = ran.out + ran.err + Path("log.txt").read_text(encoding="utf-8")
    assert SECRET not in said
    assert BASIC.split()[1] not in said


def test_a_report_of_the_simulated_estate_goes_on_no_ticket(
    program: Program, tmp_path: Path, snow: ServiceNowServer, attach: Attach
) -> None:
    assert program("scan", "--demo", "ready", "--quiet", "--output", "demo").code == 0
    path = next((tmp_path / "demo").glob("*.json"))
    ran = attach(str(path), "--no-redact")
    assert ran.code == 2
    assert "DEMO DATA" in ran.err
    assert snow.heard == []
    assert attach(str(path), "--no-redact", to="file:folder").code == 0
    assert attach(str(path), "--no-redact", "--demo-data").code == 0
    assert "DEMO DATA" in snow.notes[0]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--offline"], "--offline goes with --dry-run"),
        (["--against", "x.json"], "--against goes with --phase post"),
        (["--no-redact", "--evidence", "before.json"], "leave --evidence, --map and --keep-targets out"),
    ],
)
def test_options_that_do_not_go_together_are_refused(attach: Attach, more: list[str], words: str) -> None:
    ran = attach("latest", *more)
    assert (ran.code, words in ran.err) == (2, True)


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("CHG0031337", "write TARGET:RECORD"),
        ("servicnow:CHG0031337", "did you mean 'servicenow'?"),
        ("servicenow:31337", "expected a number such as CHG0031337"),
        ("jira:OPS-42", "[attach] jira: missing"),
    ],
)
def test_a_target_that_is_none_is_refused(attach: Attach, program: Program, to: str, words: str) -> None:
    ran = attach(str(judge(program, "before")), "--no-redact", to=to)
    assert (ran.code, words in ran.err) == (2, True)


def test_the_estate_itself_is_never_written_to(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    """Whatever the configuration says: a host that is read is no ticket system."""
    path = judge(program, "before")
    file = Path("readiness.toml")
    text = file.read_text(encoding="utf-8")
    graph = re.search(r'^graph = "(.*)"', text, re.MULTILINE)
    assert graph
    file.write_text(text.replace(snow.origin, graph[1]), encoding="utf-8")
    ran = attach(str(path), "--no-redact")
    assert (ran.code, "which this tool only reads" in ran.err) == (2, True)


@pytest.mark.usefixtures("attach")
def test_jira_is_reached_by_its_own_keys(program: Program) -> None:
    path = judge(program, "before")
    with JiraServer("Bearer t0ken", CERTIFICATES.server, base="/jira") as server:
        text = Path("readiness.toml").read_text(encoding="utf-8")
        Path("readiness.toml").write_text(f'{text}jira = "{server.origin}/jira"\n', encoding="utf-8")
        ran = program(
            "attach", str(path), "--no-redact", "--to", "jira:OPS-42", variables={"READINESS_JIRA_TOKEN": "t0ken"}
        )
        assert ran.code == 0, ran.err
        assert len(server.files) == 2


@pytest.mark.usefixtures("attach")
def test_a_secret_that_is_missing_is_a_configuration_error(program: Program) -> None:
    path = judge(program, "before")
    ran = program("attach", str(path), "--no-redact", "--to", CHANGE, variables={"READINESS_SERVICENOW_PASSWORD": ""})
    assert ran.code == 2
    assert "READINESS_SERVICENOW_PASSWORD is not set" in ran.err


def test_evidence_that_the_configuration_keeps_is_found(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    """A night job need not name it; of another run it is not taken."""
    path = judge(program, "before")
    text = Path("readiness.toml").read_text(encoding="utf-8")
    Path("readiness.toml").write_text(f'{text}\n[scan]\nsave_evidence = "before.json"\n', encoding="utf-8")
    assert attach(str(path)).code == 0
    assert json.loads(snow.files[1].content)["run"]["redacted"]
    shutil.copy("after.json", "before.json")
    ran = attach(str(path))
    assert (ran.code, "this report holds names" in ran.err) == (2, True)


def test_with_one_map_the_runs_before_and_after_are_compared_without_names(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    for when, phase in (("before", "pre"), ("after", "post")):
        path = judge(program, when)
        ran = attach(str(path), "--evidence", f"{when}.json", "--map", "aliases.json", "--phase", phase)
        assert ran.code == 0, ran.err
    assert re.search(r"- better: .*: .*; now pass", snow.notes[1])
    assert [name for name in NAMES if name in "".join(snow.notes)] == []


def test_without_a_map_the_note_says_why_nothing_is_compared(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    for when, phase in (("before", "pre"), ("after", "post")):
        assert attach(str(judge(program, when)), "--evidence", f"{when}.json", "--phase", phase).code == 0
    assert "cannot be compared: names are not held against aliases" in snow.notes[1]


def test_json_is_json_also_where_the_record_is_not_found(
    attach: Attach, program: Program, snow: ServiceNowServer
) -> None:
    ran = attach(str(judge(program, "before")), "--no-redact", "--json", to="servicenow:CHG0099999")
    assert (ran.code, ran.report["record"]) == (5, None)
    assert "there is no record" in ran.report["error"]
    assert len(ran.report["by_hand"]) == 3
    assert snow.written == []


@pytest.mark.parametrize("ticket", ["CHG0000042", "CHG003133", "0031337"])
def test_a_report_of_another_change_is_warned_about(
    attach: Attach, program: Program, snow: ServiceNowServer, ticket: str
) -> None:
    """Also where only a digit is missing, or there is one too many."""
    text = Path("readiness.toml").read_text(encoding="utf-8")
    Path("readiness.toml").write_text(f'{text}\n[change]\nticket = "{ticket}"\n', encoding="utf-8")
    ran = attach(str(judge(program, "before")), "--no-redact")
    assert ran.code == 0
    assert f"headed by change {ticket}, not by CHG0031337" in ran.err
    assert len(snow.files) == 2


@pytest.mark.parametrize("ticket", ["chg0031337", "CHG0031337"])
def test_a_report_of_this_change_is_not(attach: Attach, program: Program, ticket: str) -> None:
    text = Path("readiness.toml").read_text(encoding="utf-8")
    Path("readiness.toml").write_text(f'{text}\n[change]\nticket = "{ticket}"\n', encoding="utf-8")
    ran = attach(str(judge(program, "before")), "--no-redact", "--dry-run")
    assert (ran.code, "headed by" in ran.err) == (0, False)


@pytest.mark.parametrize("flavour", ["plain", "jira", "github", "somebody's own"])
def test_names_in_what_changed_stay_words_in_every_flavour(flavour: str) -> None:
    line = line_in(flavour, "worse: {}; now {}", "a\nh1. b", "[~admin] @all #1 | {code}")
    assert "\n" not in line
    assert line.startswith("worse: a")
    if flavour == "jira":
        assert re.search(r"(?<!\\)[\[{|@]", line) is None
    if flavour == "github":
        assert "`@all`" in line
        assert r"\|" in line


def test_a_summary_that_does_not_fit_is_the_decision(attach: Attach, program: Program, snow: ServiceNowServer) -> None:
    report = load_report(judge(program, "before"))
    assert summary(report, "0" * 64, "plain", 30) == report.decision.sentence[:30]
    assert len(summary(report, "0" * 64, "plain", 8000)) < 4096
    assert attach(str(judge(program, "before")), "--no-redact").code == 0
    assert snow.notes[0].startswith("EDR readiness summary: × not-ready")


def test_the_way_leads_through_the_proxy_of_the_environment(
    attach: Attach, program: Program, snow: ServiceNowServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As to Microsoft's cloud; the proxy sees the host, and nothing of what is said."""
    path = judge(program, "before")
    with ConnectProxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.address)
        assert attach(str(path), "--no-redact").code == 0
        assert proxy.journal.places == [f"CONNECT localhost:{snow.port}"]
        assert SECRET.encode() not in proxy.journal.passed
