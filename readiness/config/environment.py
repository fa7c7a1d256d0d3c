"""Settings from environment variables: `READINESS_<SECTION>_<KEY>`, over those of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from readiness.config.kinds import Kind
from readiness.config.origin import BadValueError
from readiness.config.schema import SECTIONS
from readiness.config.wording import KeyPath, nearest, shown, variable_of

PREFIX = "READINESS_"
_NOTHING = object()


@dataclass(slots=True)
class Overlay:
    """What the environment says."""

    values: dict[KeyPath, object] = field(default_factory=dict)
    variables: dict[KeyPath, str] = field(default_factory=dict)
    """The keys that it sets, by the name of the variable."""
    bad: dict[KeyPath, str] = field(default_factory=dict)
    """Values that are not TOML, in words."""
    warnings: list[str] = field(default_factory=list)


def setting_variables() -> dict[str, KeyPath]:
    """The name of every variable that is a setting, by its key."""
    return {
        variable_of(section, key): (section, key)
        for section, spec in SECTIONS.items()
        if not spec.many
        for key in spec.kinds
    }


def read_environment(environ: Mapping[str, str], raw: Mapping[str, Any]) -> Overlay:
    """The settings in `environ`, and warnings for variables that match none. `raw` is the parsed file.

    An empty variable is as if it were not set. A variable that an `_env` key points to is no setting.
    """
    known = setting_variables()
    pointed = _pointed(environ, raw, known)
    overlay = Overlay()
    for name in sorted(name for name in environ if name.startswith(PREFIX) and name.upper() not in pointed):
        if name not in known:
            overlay.warnings.append(_unmatched(name, known))
        elif environ[name].strip():
            _take(overlay, known[name], name, environ[name].strip())
    return overlay


def _take(overlay: Overlay, key: KeyPath, name: str, text: str) -> None:
    section, last = key
    overlay.variables[key] = name
    try:
        overlay.values[key] = value_of(text, SECTIONS[str(section)].kinds[str(last)])
    except BadValueError as error:
        overlay.bad[key] = str(error)


def value_of(text: str, kind: Kind) -> object:
    """The value that a variable's text stands for: TOML, or bare text where the key takes it."""
    value = _toml_value(text)
    if kind.bare is None:
        if value is _NOTHING:
            raise BadValueError("not a value in TOML syntax (true, 5986, 2026-12-31, ...)")
        return value
    if isinstance(value, kind.toml) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and text[0] in kind.quotes:
        return kind.bare(value)
    if text[0] in kind.quotes:
        raise BadValueError('not a value in TOML syntax; write bare text, "text", or ["text", "text"] for a list')
    return kind.bare(text)


def _toml_value(text: str) -> object:
    """One TOML value, and nothing smuggled in behind it."""
    import tomllib

    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return _NOTHING
    return parsed["value"] if len(parsed) == 1 else _NOTHING


def _pointed(environ: Mapping[str, str], raw: Mapping[str, Any], known: Mapping[str, KeyPath]) -> set[str]:
    """The variables that `_env` keys point to, in capitals: on Windows the case of a name does not matter."""
    pointed: set[str] = set()
    for name, (section, key) in known.items():
        if str(key).endswith("_env"):
            table = raw.get(str(section))
            written = table.get(str(key)) if isinstance(table, dict) else None
            value = environ.get(name, "").strip().strip("\"'") or written or _default(str(section), str(key))
            pointed.update([value.upper()] if isinstance(value, str) else [])
    return pointed


def _default(section: str, key: str) -> str | None:
    found: Iterator[object] = (field.default for field in fields(SECTIONS[section].becomes) if field.name == key)
    default = next(found, None)
    return default if default is not MISSING and isinstance(default, str) else None


def _unmatched(name: str, known: Mapping[str, KeyPath]) -> str:
    near = nearest(name.removeprefix(PREFIX), [setting.removeprefix(PREFIX) for setting in known])
    hint = f"; did you mean {PREFIX}{near}?" if near else ""
    for section, spec in SECTIONS.items():
        if spec.many and name.startswith(f"{PREFIX}{section}".upper()):
            hint = f"; [[{section}]] can only be written in the file"
    return f"environment variable {shown(name)} matches no setting and is ignored{hint}"
