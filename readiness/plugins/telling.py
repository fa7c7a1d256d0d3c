"""Which plugins there are, and what became of them: for reports, and for who looks after the machine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from readiness.model.report import PluginUsed
from readiness.plugins.entries import Entry, Given, Group, Skipped, entries
from readiness.plugins.sources import guests

if TYPE_CHECKING:
    from readiness.plugins.checks import GuestChecks


def used(checks: GuestChecks | None) -> tuple[PluginUsed, ...]:
    """What plugins add to judging, and what of it is skipped.

    Args:
        checks: those of plugins; None: nobody adds any.
    """
    readers = guests()
    found = [] if checks is None else [*_each(Group.CHECKS, checks.given, checks.skipped)]
    return (*found, *_each(Group.SOURCES, readers.given, readers.skipped))


def _each(group: Group, given: Sequence[Given], skipped: Sequence[Skipped]) -> Iterator[PluginUsed]:
    for entry in entries(group):
        adds = [_name(item) for one in given if one.entry == entry for item in one.items]
        why = [_why(one) for one in skipped if one.entry == entry]
        yield told(entry, adds, why)


def told(entry: Entry, adds: Iterable[str], why: Sequence[str]) -> PluginUsed:
    """One entry point, and what became of it."""
    return PluginUsed(
        entry.package, entry.version, entry.group.value, entry.name, tuple(adds), "; ".join(why) if why else None
    )


def _name(item: Any) -> str:
    """The id of a check, or the name of the fact that a reader gives."""
    return str(item.id) if hasattr(item, "id") else str(item.fact.__name__)


def _why(skipped: Skipped) -> str:
    return f"{', '.join(skipped.names)}: {skipped.why}" if skipped.names else skipped.why


def asked_in_vain(skipped: Iterable[Skipped]) -> str:
    """To follow a message that something named is not there: it may be that of a plugin which is skipped."""
    lines = [f"\n  {one.words}" for one in skipped]
    return f"; it may be one of a plugin that is skipped:{''.join(lines)}" if lines else ""


def listing(
    checks: GuestChecks | None, formats: Mapping[str, Any], targets: Collection[str], notifiers: Collection[str]
) -> tuple[PluginUsed, ...]:
    """Every plugin of every group, and what became of it.

    Args:
        formats: ours, by name.
        targets: the names of ours.
        notifiers: the names of ours.
    """
    return (*used(checks), *_formats(formats), *_targets(targets), *_notifiers(notifiers))


def _notifiers(ours: Collection[str]) -> Iterator[PluginUsed]:
    from readiness.plugins.notifiers import guest_notifiers, load_factory

    given, skipped = guest_notifiers(ours)
    for entry in given.values():
        found = load_factory(entry)
        broken = isinstance(found, Skipped)
        yield told(entry, () if broken else (entry.name,), (found.why,) if broken else ())
    yield from (told(one.entry, (), (one.why,)) for one in skipped)


def _targets(ours: Collection[str]) -> Iterator[PluginUsed]:
    from readiness.plugins.targets import guest_targets, load_factory

    given, skipped = guest_targets(ours)
    for entry in given.values():
        found = load_factory(entry)
        broken = isinstance(found, Skipped)
        yield told(entry, () if broken else (entry.name,), (found.why,) if broken else ())
    yield from (told(one.entry, (), (one.why,)) for one in skipped)


def _formats(ours: Mapping[str, Any]) -> Iterator[PluginUsed]:
    """Each is loaded, to tell whether it can be used."""
    from readiness.plugins.formats import guest_formats, load_format

    given, skipped = guest_formats(ours)
    for one in given.values():
        found = load_format(one.entry, one.taken)
        broken = isinstance(found, Skipped)
        yield told(one.entry, () if broken else (one.name,), (found.why,) if broken else ())
    for other in skipped:
        yield told(other.entry, (), (other.why,))
