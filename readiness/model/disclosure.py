"""What a report says of its own reach: what the reading accounts see, and by which rights they read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from readiness.model.words import Half

WHOLE_TENANT = "the whole tenant, by application permissions"
"""What an application is known to see, as its readings say."""


class Sees(StrEnum):
    """How much of a half an account is known to see."""

    EVERYTHING = "everything"
    PART = "part"
    """Everything of some kinds of things; of others, what its rights let it see."""
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Sight:
    """What one account is known to see of one half, and what may be there besides without showing."""

    half: Half
    identity: str | None
    """None where nobody signed in."""
    scope: str | None
    """Its rights, as its readings tell them; None where they do not."""
    sees: Sees
    unseen: str
    """What it does not see, or may not see, in words; empty: nothing."""


@dataclass(frozen=True, slots=True)
class RightUsed:
    """One right by which something was read: the least that is enough, whatever the account holds besides."""

    name: str
    half: Half
    kind: str
    """`permission` of Microsoft Graph, `role` of Configuration Manager, or local `group` of the provider machine."""
    identities: tuple[str, ...]
    """Who read by it."""
    readings: tuple[str, ...]
    """Ids of the readings that it is for."""
    refused: tuple[str, ...]
    """Of these the ones that could not be had, because a right was missing or too small."""
    remark: str = ""
