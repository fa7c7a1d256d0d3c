"""Remediations name the console's places as the console of this very site does."""

import pytest

from checks import console, knowledge
from checks.console import CLOUD_ATTACH, CLOUD_SYNC, CLOUD_SYNC_TAB, CONFIGURE, UPLOAD, UPLOAD_TAB, WIZARD, at
from readiness.plugin import Remediation, Step
from tests.checks.builders import central, hierarchy, site

STEPS = Remediation(
    steps=(Step(f"Open the {WIZARD}: {CONFIGURE}", where=CLOUD_ATTACH, command="Get-CMCoManagementSettings"),),
    role="Full Administrator",
    verify=f"{UPLOAD_TAB}: {UPLOAD}; {CLOUD_SYNC_TAB}: {CLOUD_SYNC}",
    rollback=f"{CLOUD_ATTACH} > Delete",
)


def texts(build: int) -> str:
    steps = at(STEPS, hierarchy(site(build=build)))
    return "\n".join((steps.steps[0].text, steps.steps[0].where or "", steps.verify, steps.rollback))


@pytest.mark.parametrize("build", [8968, 9012, 9040, 9049])
def test_up_to_release_2103_the_node_is_co_management(build: int) -> None:
    said = texts(build)
    assert "Cloud Services > Co-management" in said
    assert "Co-management Configuration Wizard: Configure co-management" in said
    assert "Cloud Attach" not in said


@pytest.mark.parametrize("build", [9058, 9068, 9141, 9146, 9200])
def test_from_release_2107_the_node_is_cloud_attach(build: int) -> None:
    said = texts(build)
    assert "Cloud Services > Cloud Attach" in said
    assert "Cloud Attach Configuration Wizard" in said
    assert "o-management" not in said


def test_from_release_2111_the_wizard_must_not_take_its_defaults() -> None:
    assert "Customize" not in texts(9058)
    assert "choose Customize settings" in texts(9068)


def test_the_box_on_the_collection_is_named_as_its_release_names_it() -> None:
    assert "to assign Microsoft Defender ATP policies in Intune" in texts(8968)
    assert "Endpoint security policies" not in texts(8968)
    assert "release 2002" not in texts(9146)
    assert "Endpoint security policies from Microsoft Endpoint Manager admin center" in texts(9146)


def test_every_place_in_the_steps_is_narrowed_and_nothing_else_changes() -> None:
    steps = at(STEPS, hierarchy(site(build=9049)))
    assert steps.steps[0].where == "Administration > Overview > Cloud Services > Co-management"
    assert steps.verify.startswith("Administration > Overview > Cloud Services > Co-management > CoMgmtSettingsProd")
    assert steps.rollback == "Administration > Overview > Cloud Services > Co-management > Delete"
    assert (steps.role, steps.steps[0].command) == (STEPS.role, STEPS.steps[0].command)


@pytest.mark.parametrize("build", [0, -1, 8913, 8967, 9050, 70000])
def test_a_build_that_no_table_knows_leaves_the_long_text(build: int) -> None:
    assert at(STEPS, hierarchy(site(build=build))) is STEPS


def test_without_a_hierarchy_or_its_own_site_the_long_text_stays() -> None:
    assert at(STEPS, None) is STEPS
    assert at(STEPS, hierarchy(site("P01", build=9049), provider="P02")) is STEPS


def test_the_site_that_was_read_decides_not_another_one() -> None:
    sites = hierarchy(central(build=9146), site("P01", build=9049, parent="C01"))
    assert "Cloud Attach" in (at(STEPS, sites).steps[0].where or "")


def test_the_literals_are_those_of_the_table() -> None:
    assert {place.name: place.text for place in knowledge.places()} == {
        place.name: getattr(console, place.name) for place in knowledge.places()
    }
    assert len(knowledge.places()) == 5


def test_every_era_begins_with_a_release_that_is_known() -> None:
    builds = {build for place in knowledge.places() for build in place.eras}
    assert builds
    assert builds <= set(knowledge.releases())
