"""Whatever a plugin's checks are, the scan goes on: what cannot be judged is named and skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

import checks
from readiness.composition import all_checks, guest_checks
from tests.conftest import Program
from tests.plugins.conftest import Install
from tests.plugins.packing import put

OURS = [check.id for check in checks.registered()]
HEAD = """
from readiness.plugin import (
    CloudTenants, Check, Context, Fact, Half, Hierarchy, Level, Needs, Organization, Outcome, Owner, Phase, Reading,
    Remediation, Step, Verdict,
)

def a_check(id="acme-one", judge=None, **said):
    given = dict(
        title="It holds", phase=Phase.SITE, level=Level.BLOCKER, needs=Needs.SITE, owner=Owner.CONFIGMGR_ADMIN,
        why="Because.", judged="By looking.", sources=(),
        remediation=Remediation(steps=(Step("Mend it"),), role="none"))
    check = Check(id=id, **{**given, **said})
    def looks(hierarchy: Hierarchy) -> Verdict:
        return Verdict(Outcome.PASS, "It holds", "that it holds", "it holds")
    check.judge(judge or looks)
    return check
"""
BROKEN = {
    "import nothing_of_this_name\nCHECKS = ()": "ModuleNotFoundError: No module named 'nothing_of_this_name'",
    "CHECKS = (": "SyntaxError",
    "raise SystemExit(3)": "SystemExit: 3",
    "class Worse(BaseException): pass\nraise Worse('end\\x1b[2Jit')": "Worse: end [2Jit",
    "OTHER = 1": "AttributeError",
    "CHECKS = 7": "it gives a value of type int",
    "CHECKS = 'acme'": "it gives a value of type str",
    "CHECKS = (1,)": "it gives a value of type int, which is no Check",
    "def CHECKS():\n    while True: yield a_check()": "more than 1000",
    "CHECKS = (a_check(), a_check())": "two checks with the id acme-one",
    "CHECKS = a_check(id='Acme One')": "the id of a check is none: 'Acme One'",
    "CHECKS = a_check(id=7)": "the id of a check is none: 7",
    "CHECKS = a_check(title='')": "check acme-one: title is empty",
    "CHECKS = a_check(level='grave')": "check acme-one: level:",
    "CHECKS = a_check(tags='many')": "check acme-one: tags:",
    "CHECKS = a_check(phase=Phase.CONNECTION)": "the phase connection is about the scan itself",
    "CHECKS = a_check(tags=('article',))": "the tag article is for what Microsoft's article asks",
    "CHECKS = a_check(remediation=Remediation((), 'none'))": "its remediation has no step",
    "CHECKS = a_check(needs=Needs.TENANT)": "takes Hierarchy, which is of the other half",
    "CHECKS = a_check(judge=lambda hierarchy: None)": "must return a Verdict",
    "def j() -> Verdict: ...\nCHECKS = a_check(judge=j)": "it judges no fact",
    "class Mine(Fact): half = Half.SITE\ndef j(mine: Mine) -> Verdict: ...\nCHECKS = a_check(judge=j)": (
        "nothing reads the fact Mine"
    ),
}  # fmt: skip
HANGING = {
    "CHECKS = a_check(id='tenant-matches')": "a check with this id exists already, in readiness itself",
    "CHECKS = a_check(depends_on=('acme-none',))": "it depends on acme-none: no such check",
    "CHECKS = (a_check(depends_on=('acme-two',)), a_check(id='acme-two', depends_on=('acme-one',)))": (
        "it depends on itself, by way of others"
    ),
}


@pytest.mark.parametrize(("text", "why"), [*BROKEN.items(), *HANGING.items()])
def test_what_cannot_be_judged_is_skipped_with_why(text: str, why: str, install: Install) -> None:
    install("acme-pack", {"readiness.checks": {"acme": "acme_broken:CHECKS"}}, {"acme_broken": HEAD + text})
    assert [check.id for check in all_checks()] == OURS
    found = guest_checks()
    assert found is not None
    assert found.skipped
    for one in found.skipped:
        assert why in one.words
        assert one.words.startswith("plugin acme (acme-pack 1.0)")


def test_the_first_package_keeps_an_id_and_the_others_go_on(install: Install) -> None:
    group = "readiness.checks"
    install("acme-pack", {group: {"acme": "acme_first:CHECKS"}}, {"acme_first": f"{HEAD}\nCHECKS = a_check()"})
    text = f"{HEAD}\nCHECKS = (a_check(), a_check(id='zeta-one', depends_on=['acme-one']))"
    install("zeta-pack", {group: {"zeta": "zeta_second:CHECKS"}}, {"zeta_second": text})
    added = [(check.id, check.plugin, check.depends_on) for check in all_checks() if check.plugin]
    assert added == [("acme-one", "acme-pack 1.0", ()), ("zeta-one", "zeta-pack 1.0", ("acme-one",))]
    found = guest_checks()
    assert found is not None
    assert [one.names for one in found.skipped] == [("acme-one",)]


def test_a_package_whose_entry_points_are_damaged_hides_no_other(install: Install, tmp_path: Path) -> None:
    install(
        "acme-pack", {"readiness.checks": {"acme": "acme_good:CHECKS"}}, {"acme_good": f"{HEAD}\nCHECKS = a_check()"}
    )
    folder = put(tmp_path / "installed", "broken-pack", {}, {})
    (folder / "broken_pack-1.0.dist-info" / "entry_points.txt").write_text("[readiness.checks]\nno equals\n", "utf-8")
    assert [check.id for check in all_checks() if check.plugin] == ["acme-one"]


JUDGES = {
    "raise SystemExit(0)": "SystemExit",
    "return 'pass'": "no verdict",
    "return Verdict('splendid', 'x', 'y', 'z')": "no verdict",
    "return Verdict(Outcome.PASS, 1, 2, 3)": "no verdict",
    "return Verdict(Outcome.PASS, 'x', 'y', 'z', level='none')": "no verdict",
}


def test_a_judge_that_breaks_is_an_error_of_its_plugin_and_stops_nothing(install: Install, program: Program) -> None:
    judges = "".join(
        f"def j{number}(hierarchy: Hierarchy) -> Verdict:\n    {text}\n" for number, text in enumerate(JUDGES)
    )
    made = ", ".join(f"a_check(id='acme-{number}', judge=j{number})" for number in range(len(JUDGES)))
    text = f"{HEAD}\n{judges}\nprint('not JSON')\nCHECKS = ({made},)"
    install("acme-pack", {"readiness.checks": {"acme": "acme_judges:CHECKS"}}, {"acme_judges": text})
    ran = program("scan", "--demo", "ready", "--json", "--format", "none")
    assert ran.code == 5
    for number, words in enumerate(JUDGES.values()):
        check = ran.check(f"acme-{number}")
        assert check["outcome"] == "error"
        assert words in check["summary"]
        assert "a bug of the plugin acme-pack 1.0" in check["summary"]
    assert all(check["outcome"] != "error" for check in ran.report["checks"] if check["plugin"] is None)
