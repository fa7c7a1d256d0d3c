"""The settings of a policy, flat; what onboards or offboards a device is a secret and never kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from readiness import documents
from readiness.model.facts import PolicySetting
from readiness.sources.graph.values import Object, optional, refuse, text

MASK = "***"
LONGEST_VALUE = 256
"""Choices and numbers are shorter; what is longer may be a package, whatever its definition is called."""
_PACKAGE = re.compile(r"blob|onboarding|offboarding|secret|password", re.IGNORECASE)
"""In the id of a definition: its value is a package that onboards or offboards, or another secret."""
_CHOICE = re.compile(r"notConfigured|onboardingBlob|offboardingBlob")
"""`advancedThreatProtectionBlobType`. Source: Graph beta, windowsDefenderAdvancedThreatProtectionConfiguration."""
_VALUES = ("choiceSettingValue", "simpleSettingValue", "groupSettingValue")
_LISTS = ("choiceSettingCollectionValue", "simpleSettingCollectionValue", "groupSettingCollectionValue")


def settings_of(rows: Iterable[Object]) -> tuple[PolicySetting, ...]:
    """Every setting with a value, those inside others after the one that holds them.

    Raises:
        SourceError: a setting without a definition.
    """
    waiting = [_instance(row) for row in rows][::-1]
    found: list[PolicySetting] = []
    while waiting:  # a list in place of recursion: how deep they lie is the source's to say
        instance = waiting.pop()
        definition, values = text(instance, "settingDefinitionId"), list(_values(instance))
        said = [_said(definition, value) for value in values if value.get("value") is not None]
        if said:
            found.append(PolicySetting(definition, ", ".join(said)))
        waiting += [child for value in values for child in _children(value)][::-1]
    return tuple(found)


def retired_settings(rows: Iterable[Object]) -> tuple[PolicySetting, ...]:
    """Every setting with a value of a policy of the retired shape, whose values are JSON.

    Raises:
        SourceError: a setting without a definition, or whose value is no JSON.
    """
    said = ((text(row, "definitionId"), optional(row, "valueJson", str)) for row in rows)
    values = ((definition, _parsed(value)) for definition, value in said if value is not None)
    return tuple(PolicySetting(name, _plain(name, value)) for name, value in values if value is not None)


def _parsed(value: str) -> Any:
    try:
        return documents.parse(value.encode())
    except ValueError:
        return refuse("valueJson", "what is no JSON")  # it may be a package


def _plain(definition: str, value: Any) -> str:
    """A flag, a number or a choice; anything else may be a package."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    chosen = isinstance(value, str) and (_CHOICE.fullmatch(value) or _PACKAGE.search(definition) is None)
    return value if chosen and len(value) <= LONGEST_VALUE else MASK


def _instance(row: Object) -> Object:
    instance = optional(row, "settingInstance", dict)
    return refuse("settingInstance", instance) if instance is None else instance


def _values(instance: Object) -> Iterator[Object]:
    for name in _VALUES:
        value = optional(instance, name, dict)
        if value is not None:
            yield value
    for name in _LISTS:
        for value in optional(instance, name, list) or []:
            yield value if isinstance(value, dict) else refuse(name, value)


def _children(value: Object) -> Iterator[Object]:
    for child in optional(value, "children", list) or []:
        yield child if isinstance(child, dict) else refuse("children", child)


def _said(definition: str, value: Object) -> str:
    content: Any = value["value"]
    if not isinstance(content, str | int | float | bool):
        refuse("value", content)
    words = str(content)
    return MASK if _is_secret(definition, value, words) else words


def _is_secret(definition: str, value: Object, words: str) -> bool:
    """A secret says so by its type or its state, a package by its definition. What is chosen among options is none:
    an option's id begins with that of the definition."""
    kind = optional(value, "@odata.type", str) or ""
    chosen = words.lower().startswith(f"{definition.lower()}_")
    package = _PACKAGE.search(definition) is not None and not chosen
    return package or "secret" in kind.lower() or "valueState" in value or len(words) > LONGEST_VALUE
