"""The upload scope: what is told of it, and which collections it holds."""

import pytest

from checks.attachment import Untraced
from checks.upload import Reach, by_folded_id, reach
from readiness.plugin import Collection, CollectionType, Reason, UploadMapping, UploadScope
from tests.checks.builders import TENANT


def limited(id_: str, to: str) -> Collection:
    return Collection(id_, f"Collection {id_}", CollectionType.DEVICE, 1, to)


ROWS = by_folded_id(
    (
        limited("SMS00001", ""),
        limited("P0100001", "SMS00001"),
        limited("P0100002", "p0100001"),
        limited("P0100003", "P0100002"),
        limited("P0100010", "P0100011"),
        limited("P0100011", "P0100010"),
        limited("P0100020", "HIDDEN01"),
    )
)


@pytest.mark.parametrize(
    ("root", "collection", "held"),
    [
        (None, "P0100003", True),
        ("P0100001", "P0100001", True),
        ("P0100001", "P0100002", True),
        ("p0100001", "P0100003", True),
        ("P0100003", "P0100002", False),
        ("P0100002", "P0100001", False),
        ("P0100001", "P0100010", None),
        ("P0100010", "P0100011", True),
        ("P0100001", "P0100020", None),
        ("P0100001", "P0100099", None),
    ],
    ids=["all", "itself", "limited", "twice", "above", "parent", "circle", "in a circle", "hidden", "not visible"],
)
def test_a_collection_is_held_by_itself_and_by_what_limits_it(root: str, collection: str, held: bool | None) -> None:
    assert Reach(root).holds(collection, ROWS) is held


def told(*rows: tuple[str, int, str | None]) -> UploadScope:
    return UploadScope(tuple(UploadMapping(*row) for row in rows))


@pytest.mark.parametrize("empty", [None, "", " "])
def test_no_collection_is_all_devices_where_the_answer_succeeded(empty: str | None) -> None:
    assert reach(told((TENANT, 0, empty))) == Reach(None)


def test_one_collection_is_that_one() -> None:
    assert reach(told((TENANT, 0, "P0100001"), ("other", 0, None)), TENANT.upper()) == Reach("P0100001")


@pytest.mark.parametrize(
    ("scope", "reason"),
    [
        (told(), Reason.NOT_VISIBLE),
        (told(("other", 0, None)), Reason.NOT_VISIBLE),
        (told((TENANT, 1, None)), Reason.BAD_ANSWER),
        (told((TENANT, -1, "P0100001")), Reason.BAD_ANSWER),
        (told((TENANT, 0, None), (TENANT, 0, "P0100001")), Reason.CONTRADICTING),
    ],
    ids=["nothing", "another tenant", "failed", "failed with a collection", "two answers"],
)
def test_anything_else_says_nothing_of_the_scope(scope: UploadScope, reason: Reason) -> None:
    found = reach(scope, TENANT)
    assert isinstance(found, Untraced)
    assert found.reason is reason
