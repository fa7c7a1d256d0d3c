"""What becomes of the texts in a plugin's facts, as their fields declare it; one that declares nothing is a name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from readiness.aliases import Aliases
from readiness.model.facts import Fact
from readiness.model.naming import Named, Words
from readiness.model.reading import Evidence, Reading
from readiness.model.words import Reason
from readiness.redaction import declared
from readiness.redaction.treatments import Treat, server, site_code, tenant, words

_OF: dict[Named, Treat] = {
    Named.COLLECTION: declared.COLLECTION,
    Named.SERVER: server,
    Named.USER: declared.USER,
    Named.GROUP: declared.GROUP,
    Named.POLICY: declared.POLICY,
    Named.SITE: declared.SITE,
    Named.SITE_CODE: site_code,
    Named.TENANT: tenant,
    Named.APPLICATION: declared.APPLICATION,
    Named.ROLE: declared.ROLE,
    Named.VERSION: declared.VERSION,
}


def declared_by(kind: type[Any]) -> Iterator[tuple[str, Treat]]:
    """The fields of a plugin's class, and what becomes of their texts."""
    hints = get_type_hints(kind, include_extras=True)
    return ((field.name, _treatment(hints[field.name])) for field in fields(kind))


def _treatment(hint: Any) -> Treat:
    """What is declared somewhere in the type: `Annotated[str, Named.USER]`, in a tuple or beside None, too."""
    if get_origin(hint) is Annotated:
        for said in get_args(hint)[1:]:
            if isinstance(said, Named):
                return _OF[said]
            if isinstance(said, Words):
                return words(*said.known)
    inner = [_treatment(one) for one in get_args(hint) if one is not Ellipsis]
    return next((one for one in inner if one is not declared.TEXT), declared.TEXT)


def redactable(evidence: Evidence, walk: Any) -> Evidence:
    """The evidence without the facts of plugins that cannot be redacted: their classes refuse aliases, say.

    Args:
        walk: see `walking.walked`.
    """
    return replace(evidence, readings=tuple(_redactable(reading, walk) for reading in evidence.readings))


def _redactable(reading: Reading[Fact], walk: Any) -> Reading[Fact]:
    if reading.plugin is None or reading.value is None:
        return reading
    try:
        walk(reading.value, lambda treat, _target, text: Aliases().settle(treat(Aliases(), text)))
    except Exception as error:  # a third party's class
        words = f"the fact of the plugin {reading.plugin} cannot be redacted: {type(error).__name__}"
        return replace(reading, value=None, rows=None, reason=Reason.BAD_ANSWER, error=words)
    return reading
