"""What every fact has in common."""

from __future__ import annotations

from enum import Enum, IntEnum, StrEnum
from typing import ClassVar

from readiness.model.words import Half


class Fact:
    """Something that is so in the estate, in the field's own words. Subclasses are frozen, slotted dataclasses.

    The class name is the fact's name, and the id of its reading in evidence and reports.
    """

    __slots__ = ()

    half: ClassVar[Half]
    """Which half of the estate the fact is read from."""

    def held(self) -> int | None:
        """How many rows of the source it holds; None where rows do not map one to one."""
        return None

    def fits(self, rows: int) -> bool:
        """Whether it can have been made of so many rows."""
        held = self.held()
        return held is None or rows == held


class OpenIntEnum(IntEnum):
    """Numbers of a source that may grow: an unknown number stays itself, as a member that is not `known`."""

    @classmethod
    def _missing_(cls, value: object) -> OpenIntEnum | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member

    @property
    def known(self) -> bool:
        return _is_declared(self)


class OpenStrEnum(StrEnum):
    """Words of a source that may grow: an unknown word stays itself, as a member that is not `known`."""

    @classmethod
    def _missing_(cls, value: object) -> OpenStrEnum | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = "UNKNOWN"
        member._value_ = value
        return member

    @property
    def known(self) -> bool:
        return _is_declared(self)


def _is_declared(member: Enum) -> bool:
    return any(member.value == declared.value for declared in type(member))
