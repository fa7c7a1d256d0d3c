"""Of which estate evidence is: whether several pieces are of the same, and of the one that is configured."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from readiness.errors import EvidenceError
from readiness.evidence.parts import names_in, value_of
from readiness.model.facts import CloudTenants, Hierarchy, Organization, SiteProvider
from readiness.model.reading import Evidence
from readiness.text import one_line


def must_be_one(pieces: Sequence[Evidence]) -> None:
    """Several pieces of evidence speak of one estate.

    Raises:
        EvidenceError: they provably do not, or nothing shows that they do.
    """
    _one_tenant(pieces)
    _of_each_other(pieces)
    _one_site([mark for piece in pieces if (mark := _site_mark(piece)).aliases])


def _one_tenant(pieces: Sequence[Evidence]) -> None:
    """Whatever name the tenant was configured by: a domain and an id are one where an organization proves it."""
    read = [found for piece in pieces if (found := value_of(piece, Organization)) is not None]
    ids = {organization.tenant_id.casefold(): organization.label for organization in read}
    if len(ids) > 1:
        raise _different("tenant", ids.values())
    named = {piece.tenant.casefold(): piece.tenant for piece in pieces if piece.tenant}
    if len(named) > 1 and not named.keys() <= {name for organization in read for name in organization.names}:
        raise _different("tenant", named.values())


def _of_each_other(pieces: Sequence[Evidence]) -> None:
    """A site that one person read and a tenant that another one read: the site must be connected to that tenant, if to
    any. Where somebody read both, they are of one estate, and how they match is for the checks to say."""
    read = [(value_of(piece, CloudTenants), value_of(piece, Organization)) for piece in pieces]
    named = {one.tenant_id.strip().casefold() for known, _ in read if known for one in known.tenants}
    connected = sorted(filter(_GUID.fullmatch, named - {_NOBODY}))
    found = {organization.tenant_id.casefold(): organization.label for _, organization in read if organization}
    together = any(known and organization for known, organization in read)
    if connected and found and not together and found.keys().isdisjoint(connected):
        raise _different("tenant", (*(f"{name} (of the site)" for name in connected), *found.values()))


def one_tenant(pieces: Sequence[Evidence]) -> str | None:
    """The name by which merged evidence knows its tenant: its id where somebody configured that: it never changes."""
    named = {piece.tenant for piece in pieces if piece.tenant}
    return min(named, key=lambda name: (_GUID.fullmatch(name) is None, name.casefold(), name), default=None)


@dataclass(frozen=True, slots=True)
class _SiteMark:
    """By what the site of a piece of evidence is known again. Everything case folded."""

    label: str
    codes: frozenset[str]
    """The site's code, as the provider and the hierarchy have it."""
    server: str
    """The site server, as the hierarchy has it."""
    aliases: frozenset[str]
    """Names of its servers: the configured one, the site server, the machines of the provider."""

    def contradicts(self, other: _SiteMark) -> bool:
        """Codes are often the same in different hierarchies (P01), so the site servers count too."""
        codes = bool(self.codes and other.codes) and self.codes != other.codes
        return codes or (bool(self.server and other.server) and self.server != other.server)


def _site_mark(piece: Evidence) -> _SiteMark:
    provider, hierarchy = value_of(piece, SiteProvider), value_of(piece, Hierarchy)
    own = hierarchy.provider_site if hierarchy else None
    server = own.server if own else ""
    codes = [*([provider.site_code] if provider else []), *([hierarchy.provider_site_code] if hierarchy else [])]
    aliases = (*names_in(piece.site), server, *(provider.machines if provider else ()))
    return _SiteMark(
        label=" of ".join(filter(None, [*codes[:1], server or piece.site])),
        codes=frozenset(code.casefold() for code in codes),
        server=server.casefold(),
        aliases=frozenset(name.casefold() for name in aliases if name),
    )


def _one_site(marks: Sequence[_SiteMark]) -> None:
    """No two may contradict each other, and each must share a server's name with another, and so all of them."""
    for one, other in combinations(marks, 2):
        if one.contradicts(other):
            raise _different("site", (one.label, other.label))
    left, known = list(marks[1:]), set(marks[0].aliases if marks else ())
    while joined := [mark for mark in left if mark.aliases & known]:
        known.update(*(mark.aliases for mark in joined))
        left = [mark for mark in left if mark not in joined]
    if left:
        raise _different("site", (marks[0].label, *(mark.label for mark in left)))


def _different(what: str, labels: Iterable[str]) -> EvidenceError:
    named = " and ".join(dict.fromkeys(map(one_line, labels)))
    return EvidenceError(f"the evidence files speak of different estates: {what} {named}")


def must_be_of(evidence: Evidence, *, tenant: str | None, site_code: str | None) -> None:
    """Evidence is not judged by the configuration of another estate, as far as it shows of which one it is.

    Args:
        tenant: the configured tenant, an id or a domain; None where none is.
        site_code: the configured site code; None where none is.

    Raises:
        EvidenceError: the evidence provably is of another tenant or site.
    """
    found = _tenant_instead(evidence, tenant) if tenant else None
    if found is not None:
        raise _misconfigured(f"tenant {tenant}", found)
    provider, hierarchy = value_of(evidence, SiteProvider), value_of(evidence, Hierarchy)
    code = provider.site_code if provider else hierarchy.provider_site_code if hierarchy else None
    if site_code and code is not None and code.casefold() != site_code.casefold():
        raise _misconfigured(f"site {site_code}", f"site {code}")


def _tenant_instead(evidence: Evidence, tenant: str) -> str | None:
    """The tenant that the evidence is of, where that provably is another one. A tenant has one id, and many domains."""
    organization = value_of(evidence, Organization)
    if organization is not None:
        return None if tenant.casefold() in organization.names else organization.label
    if evidence.tenant and _GUID.fullmatch(evidence.tenant) and _GUID.fullmatch(tenant):
        return None if tenant.casefold() == evidence.tenant.casefold() else f"tenant {evidence.tenant}"
    return None


_NOBODY = "00000000-0000-0000-0000-000000000000"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def _misconfigured(configured: str, found: str) -> EvidenceError:
    return EvidenceError(f"the configuration is for {one_line(configured)}, but the evidence is of {one_line(found)}")
