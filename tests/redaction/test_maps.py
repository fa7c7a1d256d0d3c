"""The private map: read and extended, strictly, and never over what another run wrote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness import documents
from readiness.aliases import Category, shaped
from readiness.errors import EvidenceError, OutputError
from readiness.redaction import Map, load_map

NAMES = ("All Windows Servers", "Jörg Müller", "P0100021", "cm01.contoso.com", "x" * 5000, "a\x00b", "10.0.0.5", "⟦3⟧")


def aliases(found: Map) -> dict[str, str]:
    return {name: found.aliases.settle(shaped(found.aliases, name, Category.COLLECTION)) for name in NAMES}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = load_map(tmp_path / "map.json")
    aliases(made)
    made.save()
    return tmp_path / "map.json"


def test_names_have_the_same_aliases_again_and_new_ones_new_numbers(path: Path) -> None:
    found, fresh = load_map(path), load_map(path.with_name("other.json"))
    assert aliases(found) == aliases(fresh)
    new = found.aliases.settle(found.aliases.name("Another", Category.COLLECTION))
    assert new not in aliases(found).values()
    found.save()
    again = load_map(path)
    assert (again.mark, again.mark == fresh.mark) == (found.mark, False)
    assert again.aliases.settle(again.aliases.name("ANOTHER", Category.GROUP)) == new


def test_a_domain_with_dots_and_one_without_never_have_the_same_number(path: Path) -> None:
    found = load_map(path)
    short = found.aliases.settle(shaped(found.aliases, "FABRIKAM\\jane", Category.USER))
    found.save()
    again = load_map(path)
    dotted = again.aliases.settle(shaped(again.aliases, "northwind.com", Category.DOMAIN))
    assert short.partition("\\")[0].lower() != dotted.partition(".")[0]


def test_saving_what_did_not_change_gives_the_same_bytes(path: Path) -> None:
    before = path.read_bytes()
    load_map(path).save()
    assert path.read_bytes() == before


def test_a_map_that_another_run_changed_is_not_written_over(path: Path) -> None:
    mine, other = load_map(path), load_map(path)
    other.aliases.settle(other.aliases.name("Theirs"))
    other.save()
    theirs = path.read_bytes()
    mine.aliases.settle(mine.aliases.name("Mine"))
    with pytest.raises(OutputError, match="another run"):
        mine.save()
    assert path.read_bytes() == theirs


BAD: dict[str, Callable[[dict[str, Any]], object]] = {
    "its keys are others": lambda found: found.update(more=1),
    "no mark of a map": lambda found: found.update(mark="../../etc"),
    "is not readiness/redaction-map/v1": lambda found: found.update(schema="readiness/recording-map/v1"),
    "it is not what this tool writes": lambda found: found["aliases"][0].pop("name"),
    "aliases[0]: an alias does not have": lambda found: found["aliases"][0].update(alias="<b>COLL-1</b>"),
    "aliases[1]: a name or an alias stands": lambda found: found["aliases"].insert(1, found["aliases"][0]),
    "its key is not that of its name": lambda found: found["aliases"][0].update(key="somebody else"),
    "is not a valid Form": lambda found: found["aliases"][0].update(form="poem"),
}


@pytest.mark.parametrize("why", BAD)
def test_a_map_that_this_tool_did_not_write_so_is_refused_with_the_place(path: Path, why: str) -> None:
    document = documents.read(path)
    BAD[why](document)
    documents.write(path, documents.readable(documents.sealed(document)))
    with pytest.raises(EvidenceError) as refused:
        load_map(path)
    assert str(path) in str(refused.value)
    assert why in str(refused.value)


def test_a_map_that_was_edited_is_refused(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("COLL-1", "COLL-7"), encoding="utf-8")
    with pytest.raises(EvidenceError, match="changed after it was written"):
        load_map(path)
