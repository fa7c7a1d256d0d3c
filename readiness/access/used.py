"""The rights by which the readings of a report were made, as the readers declare them."""

from __future__ import annotations

from collections.abc import Sequence

from readiness.access.needs import Access, Asked, Readers, Right, least_rights, persons_only
from readiness.assessment.reach import REFUSALS
from readiness.model.disclosure import WHOLE_TENANT, RightUsed
from readiness.model.facts import Fact, SiteProvider
from readiness.model.reading import Reading
from readiness.model.words import Half


def used(readings: Sequence[Reading[Fact]], readers: Readers) -> tuple[RightUsed, ...]:
    """The least rights that are enough for these readings: what an account holds besides, no answer tells.

    A reading whose call needs no right, or that no reader of ours makes, is for none.
    """
    by_name = {reading.fact: reading for reading in readings}
    access = _access(readings)
    asked = tuple(
        Asked(call, fact, ())
        for fact, reader in readers.items()
        if fact.__name__ in by_name
        for call in reader.calls
        if access.person or not persons_only(call)
    )
    return tuple(_told(right, by_name) for right in least_rights(asked, access))


def _access(readings: Sequence[Reading[Fact]]) -> Access:
    """How the halves were read, as far as the readings tell."""
    over_winrm = any(one.fact == SiteProvider.__name__ and one.source.startswith("root\\") for one in readings)
    application = any(one.scope == WHOLE_TENANT for one in readings)
    return Access(halves=tuple(Half), person=not application, winrm=over_winrm)


def _told(right: Right, by_name: dict[str, Reading[Fact]]) -> RightUsed:
    names = tuple(dict.fromkeys(one.fact.__name__ for one in right.asked))
    made = [by_name[name] for name in names]
    return RightUsed(
        name=right.name,
        half=right.half,
        kind=right.kind.value,
        identities=tuple(dict.fromkeys(one.identity for one in made if one.identity)),
        readings=names,
        refused=tuple(one.fact for one in made if one.reason in REFUSALS),
        remark=right.remark,
    )
