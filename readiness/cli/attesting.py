"""What `readiness attest` asks, refuses and shows."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from readiness.cli.asking import Questions, line, tell
from readiness.cli.guests import maybe_of_a_plugin
from readiness.cli.output import ascii_only, say, width
from readiness.cli.output import write as write_out
from readiness.composition import all_checks, terminal_page
from readiness.config import Configuration, load, unknown_check, validate_checks
from readiness.config.attesting import SECTION, Addition, addition
from readiness.config.kinds import TEXT
from readiness.config.origin import BadValueError
from readiness.config.rewriting import content, rewrite, target
from readiness.config.rules import attestation as attestation_rule
from readiness.errors import ConfigurationError
from readiness.model.check import Check
from readiness.model.settings import Attestation
from readiness.model.words import Phase
from readiness.text import printable

VALID = timedelta(days=14)
"""For how long an attestation counts where nobody says: the tick of a box is somebody's to change."""
SUBJECTS: Mapping[Phase, tuple[str, ...]] = {
    Phase.DEFENDER: (),
    Phase.SITE: ("site", "collection"),
    Phase.ATTACH: (),
    Phase.COLLECTIONS: ("collection",),
    Phase.RIGHTS: ("administrator",),
    Phase.POLICY: ("collection",),
}
"""Of what the checks of a phase may speak one by one."""
EVERY = {"collection": "every collection of the roll-out", "site": "every site", "administrator": "every administrator"}
_NEEDED = ("statement", "by")

Given = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Book:
    """The configuration file that is written."""

    configuration: Configuration
    environ: Mapping[str, str]
    path: Path
    """As it was named."""
    file: Path
    """Where that leads."""
    mark: bytes
    text: str


def opened(path: Path | None, environ: Mapping[str, str]) -> Book:
    """The configuration file, known to load and to be writable.

    Raises:
        ConfigurationError: there is none, it does not load, or cannot be written.
    """
    configuration = load(path, environ, connecting=False)
    if configuration.path is None:
        raise ConfigurationError("no configuration file to write into: readiness init writes one, --config names one")
    validate_checks(configuration, {check.id: check.phase for check in all_checks()}, maybe_of_a_plugin)
    file = target(configuration.path)
    return Book(configuration, environ, configuration.path, file, *content(file))


def attestable(name: str) -> Check:
    """The check of this id, which an attestation can answer.

    Raises:
        ConfigurationError: there is none, or nothing can be attested of it.
    """
    known = {check.id: check for check in all_checks()}
    words = unknown_check(name, {check.id: check.phase for check in known.values()})
    if words is not None:
        raise ConfigurationError(f"{words}{maybe_of_a_plugin()}")
    if known[name].phase is Phase.CONNECTION:
        raise ConfigurationError(
            f'"{name}" cannot be attested: it says what the scan can see, and where it sees nothing, nothing is known'
        )
    return known[name]


def may_ask(*, no_input: bool) -> bool:
    """Whether a person can be asked."""
    streams = (sys.stdin, sys.stderr)
    return not no_input and all(stream is not None and stream.isatty() for stream in streams)


def must_be_enough(given: Given, *, yes: bool, asked: bool) -> None:
    """Where nobody can be asked, everything is given.

    Raises:
        ConfigurationError: something is missing; it lists the options.
    """
    missing = [f"--{name}" for name in _NEEDED if given[name] is None] + ([] if yes else ["--yes"])
    if missing and not asked:
        raise ConfigurationError(f"nobody can be asked here (no terminal, or --no-input): add {', '.join(missing)}")


def with_subject(check: Check, given: Given) -> Given:
    """What is given, and of which collection, site or administrator it is: asked for where nothing says it."""
    kinds = SUBJECTS.get(check.phase, ())
    if not kinds or any(given[kind] is not None for kind in EVERY):
        return given
    return {**given, kinds[0]: line(f"For which {kinds[0]}? Enter alone: {EVERY[kinds[0]]}") or None}


def usable(book: Book, check: Check, given: Given, expires: date | None, today: date) -> dict[str, Any]:
    """The keys as given, of an attestation that can have an effect.

    Raises:
        ConfigurationError: it could have none, or the rules of the configuration refuse it.
    """
    values: dict[str, Any] = {name: _text(name, value) for name, value in given.items() if value is not None}
    _must_have_subject(check, values)
    until = expires or today + VALID
    if until < today:
        raise ConfigurationError(f"--expires {until}: is over already (today is {today}, UTC): it would never count")
    _must_be_new(book, check, values, today)
    values |= {"check": check.id, "on": today, "expires": until}
    for key, words in attestation_rule(Attestation(**{"statement": "", "by": "", **values})):
        raise ConfigurationError(f"--{key}: {words}")
    return values


def completed(book: Book, values: Mapping[str, Any]) -> Attestation:
    """The attestation, with what was not given asked for."""
    found = dict(values)
    for name in _NEEDED:
        if name not in found:
            found[name] = Questions(book.path.parent).ask(SECTION, name, needed=True)
    return Attestation(**found)


def _text(name: str, value: str) -> str:
    try:
        text: str | None = TEXT.read(value, Path())
    except BadValueError as error:
        raise ConfigurationError(f"--{name}: {error}") from None
    if not text:
        raise ConfigurationError(f"--{name}: is empty")
    return text


def _must_have_subject(check: Check, values: Mapping[str, Any]) -> None:
    kinds = SUBJECTS.get(check.phase, ()) if _is_ours(check) else tuple(EVERY)
    for kind in EVERY:
        if kind in values and kind not in kinds:
            only = f"it speaks of each {' and '.join(kinds)}" if kinds else "it speaks of the estate as a whole"
            raise ConfigurationError(f'--{kind}: "{check.id}" has no verdict for a {kind}: {only}')


def _is_ours(check: Check) -> bool:
    return getattr(check.function, "__module__", "").startswith("checks.")


def _must_be_new(book: Book, check: Check, values: Mapping[str, Any], today: date) -> None:
    """Refuse what another attestation says already: of two, only the first counts."""
    for index, other in enumerate(book.configuration.judging.attestations):
        subject = {kind: getattr(other, kind) for kind in EVERY if getattr(other, kind) is not None}
        same = all(str(values.get(kind, "")).casefold() == name.casefold() for kind, name in subject.items())
        if other.check == check.id and same and today <= other.expires:
            where = book.configuration.origin.where((SECTION, index))
            raise ConfigurationError(
                f"{where}: attests this already, until {other.expires}; to renew it, take that block out first"
            )


def warn(book: Book, values: Mapping[str, Any]) -> None:
    """Say what may be meant otherwise: only a scan knows which name goes with which id."""
    scope = book.configuration.judging.scope
    for kind, names in (("collection", scope.collections), ("administrator", scope.administrators)):
        name = str(values.get(kind, "")).casefold()
        if name and names and not any(fnmatchcase(name, pattern.casefold()) for pattern in names):
            tell(
                f'Warning: [scope] {kind}s does not name "{printable(values[kind])}" so: the attestation counts only '
                "if that is the id or the name of one that is named there"
            )


def show(check: Check, given: Given) -> None:
    """Say what is attested, and where to look."""
    page = terminal_page()(width(), colour=False, ascii_only=ascii_only())
    remediation = check.remediation
    subject = next((f"{kind} {given[kind]}" for kind in EVERY if given[kind]), None)
    every = " and ".join(EVERY[kind] for kind in SUBJECTS.get(check.phase, ()))
    page.blank()
    page.put(f"You attest of {printable(subject) if subject else every or 'the whole estate'} that this holds:")
    page.blank()
    page.put(printable(check.title), indent=2)
    page.blank()
    page.put("Where to look, and what must be so there:")
    for number, step in enumerate(remediation.steps, start=1):
        page.lead(f"  {number}.", printable(step.text), indent=5)
        if step.where:
            page.put(f"where: {printable(step.where)}", indent=5)
    if remediation.verify:
        page.put(f"to see: {printable(remediation.verify)}", indent=5)
    page.blank()
    page.put(
        "It answers the check where that is manual or unknown, never a fail, until it expires. "
        f"How the check is judged: readiness explain {check.id}"
    )
    page.blank()
    write_out(page.text(), err=True)


def addition_to(book: Book, made: Attestation) -> Addition:
    """The file with the attestation in it, known to load.

    Raises:
        ConfigurationError: it cannot be added, or the file would not load with it.
    """
    found = addition(book.text, made)
    with tempfile.TemporaryDirectory(prefix="readiness-attest-") as folder:
        trial = Path(folder) / book.file.name
        trial.write_bytes(book.mark + found.text.encode())
        loaded = load(trial, book.environ, connecting=False).judging.attestations
    if loaded != (*book.configuration.judging.attestations, made):
        raise ConfigurationError("with the attestation the file would say something else; nothing was written")
    return found


def preview(book: Book, added: Addition) -> None:
    """Show what will be written, and where."""
    say("", err=True)
    tell(f"{printable(str(book.path))}, from line {added.line}:")
    say("\n".join(f"  {line}" for line in added.added.strip().replace("\r\n", "\n").split("\n")), err=True)


def write(book: Book, added: Addition) -> None:
    """Write the file, and say what comes next."""
    rewrite(book.file, book.mark + book.text.encode(), book.mark + added.text.encode())
    say(f"wrote {book.path}, from line {added.line}")
