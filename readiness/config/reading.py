"""From the parsed file and the environment to typed settings, collecting every problem on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from readiness.config.origin import BadValueError, Problems
from readiness.config.schema import SECTIONS, Section
from readiness.config.wording import KeyPath, did_you_mean, variable_of

_SECRETS = ("secret", "password", "passphrase", "token", "client_secret", "certificate_password")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads sections of `raw`, the merged tables, and tells `problems` what is wrong with them."""

    raw: Mapping[str, Any]
    problems: Problems

    def check_sections(self) -> None:
        """Every section is one that exists."""
        for name in self.raw:
            if name not in SECTIONS:
                self.problems.add((name,), self._unknown_section(name))

    def _unknown_section(self, name: str) -> str:
        homes = [section for section, spec in SECTIONS.items() if name in spec.kinds]
        if homes and not isinstance(self.raw[name], dict | list):
            return f"is a key, and stands outside of any section; it belongs below [{homes[0]}]"
        return "unknown section; " + did_you_mean(name, SECTIONS)

    def one(self, name: str) -> Any:
        """The settings of `[name]`; None where it is not written, or wrong."""
        if name not in self.raw:
            return None
        value = self.raw[name]
        if not isinstance(value, dict):
            bracket = f"write [{name}], with one bracket" if isinstance(value, list) else f"write [{name}] and keys"
            self.problems.add((name,), f"must be one section: {bracket}")
            return None
        return self._settings(SECTIONS[name], value, (name,))

    def many(self, name: str) -> tuple[Any, ...]:
        """The settings of every `[[name]]`."""
        value = self.raw.get(name, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self.problems.add((name,), f"must be written [[{name}]], with two brackets, once for each")
            return ()
        entries: list[Any] = []
        for index, table in enumerate(value):
            settings = self._settings(SECTIONS[name], table, (name, index))
            if settings is not None and settings in entries:
                self.problems.add((name, index), f"the same {name} is written twice; keep one")
            entries.append(settings)
        return tuple(entry for entry in entries if entry is not None)

    def _settings(self, section: Section, table: Mapping[str, Any], at: KeyPath) -> Any:
        before = len(self.problems)
        values = self._values(section, table, at)
        if len(self.problems) > before or not values.keys() >= set(section.required):
            return None
        if section.fill is not None:
            section.fill(values)
        settings = section.becomes(**values)
        for key, words in section.rule(settings):
            self.problems.add((*at, key), words)
        return settings

    def _values(self, section: Section, table: Mapping[str, Any], at: KeyPath) -> dict[str, Any]:
        """The keys of a table, typed; those that are empty left out."""
        values: dict[str, Any] = {}
        for key, value in table.items():
            if key not in section.kinds:
                self.problems.add((*at, key), _unknown_key(key, section))
                continue
            try:
                typed = section.kinds[key].read(value, self.problems.origin.base((*at, key)))
            except BadValueError as error:
                self.problems.add((*at, key), str(error))
            else:
                values.update({} if typed is None else {key: typed})
        for key in (*section.required, *section.needed(values)):
            if key not in values and (*at, key) not in self.problems:
                self.problems.add((*at, key), _missing(at, key, section, empty=key in table))
        return values


def _missing(at: KeyPath, key: str, section: Section, *, empty: bool) -> str:
    variable = "" if section.many else f", here or as {variable_of(str(at[0]), key)}"
    return f"{'is empty' if empty else 'missing'}; it is required{variable}"


def _unknown_key(key: str, section: Section) -> str:
    pointers = [known for known in section.kinds if known.endswith("_env")]
    if key.lower().replace("-", "_") in _SECRETS and pointers:
        return "unknown key; no secret is written in the file: " + did_you_mean(key, pointers)
    homes = [other for other, spec in SECTIONS.items() if key in spec.kinds]
    if homes:
        return f"unknown key; it belongs below [{homes[0]}]"
    return "unknown key; " + did_you_mean(key, section.kinds)
