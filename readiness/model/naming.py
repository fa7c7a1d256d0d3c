"""What a text of a plugin's fact is the name of, so that a redacted report knows what stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Named(Enum):
    """Annotate a text field with it: `owner: Annotated[str, Named.USER]`. In a redacted report an alias of that kind
    stands for it, the same one as for that name elsewhere. A text field without becomes `TEXT-1`."""

    COLLECTION = "collection"
    SERVER = "server"
    USER = "user"
    GROUP = "group"
    POLICY = "policy"
    SITE = "site"
    SITE_CODE = "site code"
    TENANT = "tenant"
    APPLICATION = "application"
    ROLE = "role"
    VERSION = "version"
    """Numbers with dots stay; anything else becomes an alias."""


@dataclass(frozen=True, slots=True, init=False)
class Words:
    """Annotate a text field that holds words of the vendor's, the same in every estate, with all of them:
    `state: Annotated[str, Words("enabled", "disabled")]`. They stay; any other text becomes an alias."""

    known: tuple[str, ...]

    def __init__(self, *known: str) -> None:
        object.__setattr__(self, "known", known)
