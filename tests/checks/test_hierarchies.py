"""The join of the tenant's list of collections with this site. Catalogue: rules for every check, 7."""

import pytest

from checks.hierarchies import SettledHierarchy, folded, settle
from readiness.plugin import CloudCollection, CloudCollections, Collection, Collections, CollectionType

OURS, OTHER = "6f2f0f36-9f6a-4d0a-8d0e-0d7f6c1a0a01", "6f2f0f36-9f6a-4d0a-8d0e-0d7f6c1a0a02"


def listed(id_: str = "P0100021", name: str = "Servers", hierarchy: str = OURS) -> CloudCollection:
    return CloudCollection("11111111-2222-4333-8444-000000000001", name, id_, hierarchy, "Contoso")


def own(id_: str = "P0100021", name: str = "Servers", *, built_in: bool = False) -> Collection:
    return Collection(id_, name, CollectionType.DEVICE, 37, "SMS00001", built_in)


def settled(rows: list[CloudCollection], *collections: Collection, configured: str | None = None) -> SettledHierarchy:
    return settle(CloudCollections(tuple(rows)), Collections(collections), configured)


def test_the_one_hierarchy_with_a_collection_of_the_same_id_and_name_is_this_one() -> None:
    rows = [listed(), listed("P0100099", "Unknown here"), listed("X0100001", "Theirs", OTHER)]
    found = settled(rows, own(), own("P0100022", "Pilot"))
    assert (found.id, found.contradicting) == (OURS, False)
    assert found.collections(CloudCollections(tuple(rows))) == (rows[0], rows[1])
    assert "P0100021 Servers" in found.words


def test_what_is_configured_decides_even_against_what_fits() -> None:
    rows = [listed(), listed("X0100001", "Theirs", OTHER)]
    found = settled(rows, own(), configured=OTHER.upper())
    assert found.id == OTHER
    assert found.collections(CloudCollections(tuple(rows))) == (rows[1],)
    assert "configured" in found.words


def test_what_is_configured_needs_no_collection_of_the_site() -> None:
    assert settle(CloudCollections((listed(),)), None, OURS).id == OURS


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        (listed(), own(name="Other name")),
        (listed(), own("P0100022")),
        (listed("SMS00001", "All Systems"), own("SMS00001", "All Systems", built_in=True)),
        (listed("SMS00001", "All Systems"), own("SMS00001", "All Systems")),
        (listed(name=""), own(name="")),
        (listed(name="\x07"), own(name="\x08")),
        (listed(hierarchy=""), own()),
    ],
    ids=["name", "id", "built in", "built in by id", "no name", "only control characters", "no hierarchy"],
)
def test_a_list_without_a_collection_of_this_site_says_nothing(theirs: CloudCollection, ours: Collection) -> None:
    found = settled([theirs], ours)
    assert (found.id, found.contradicting) == (None, False)
    assert found.collections(CloudCollections((theirs,))) == ()


def test_without_the_sites_collections_nothing_is_settled() -> None:
    assert settle(CloudCollections((listed(),)), None, None).id is None
    assert settle(CloudCollections((listed(),)), Collections(()), "").id is None


def test_an_empty_list_says_nothing() -> None:
    found = settled([], own())
    assert (found.id, found.contradicting) == (None, False)
    assert "no collection" in found.words


def test_several_hierarchies_that_fit_are_contradicting_and_configuration_settles_it() -> None:
    rows = [listed(), listed(hierarchy=OTHER)]
    found = settled(rows, own())
    assert (found.id, found.contradicting) == (None, True)
    assert OURS in found.words
    assert OTHER in found.words
    assert "hierarchy_id" in found.words
    assert settled(rows, own(), configured=OTHER).id == OTHER


def test_ids_in_another_case_are_the_same() -> None:
    rows = [listed(id_="p0100021", hierarchy=OURS.upper()), listed("P0100022", "Pilot")]
    found = settled(rows, own(), own("P0100022", "Pilot"))
    assert (found.id, found.contradicting) == (OURS, False)


@pytest.mark.parametrize("name", ["SERVERS - caf\u00e9", "Servers - cafe\u0301", "Servers\x07 -\x00 caf\u00e9"])
def test_names_are_compared_composed_case_folded_and_without_control_characters(name: str) -> None:
    assert folded(name) == folded("servers - caf\u00e9")
    assert settled([listed(name=name)], own(name="servers - caf\u00e9")).id == OURS
