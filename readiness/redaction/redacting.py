"""Redaction: evidence and configuration with aliases in place of names, before anything is judged or rendered.

What is judged knows no name, so no verdict, plan, error or file name can hold one, in whatever format.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from readiness import documents
from readiness.aliases import Aliases
from readiness.aliases.table import PATTERNS, folded
from readiness.config import Configuration
from readiness.evidence.parts import ordered, value_of
from readiness.model.facts import Collections
from readiness.model.reading import Evidence
from readiness.model.settings import JudgingSettings
from readiness.model.targets import resolve_targets
from readiness.redaction.guests import redactable
from readiness.redaction.telling import Telling
from readiness.redaction.treatments import Treat, asked, kept, told
from readiness.redaction.walking import walked

GLOB_SIGNS = frozenset("*?[")
USUAL_FILE = "readiness.toml"
_ATOM = "|".join(f"(?:{pattern})" for pattern in PATTERNS.values())
ALIAS = re.compile(
    rf"(?:https://)?(?:{_ATOM})(?:[.@\\:_ ](?:{_ATOM}|onmicrosoft\.(?:com|us)|[0-9]{{1,5}}))*", re.IGNORECASE
)
"""What an alias looks like, and names that are made of several."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """Evidence and configuration without names."""

    evidence: Evidence
    configuration: Configuration


def redact(
    evidence: Evidence, configuration: Configuration, aliases: Aliases, mark: str | None, *, keep_targets: bool = False
) -> Redacted:
    """Evidence and configuration with aliases for every name.

    Aliases are numbered in the order in which names stand in the configuration, then in the evidence.

    Args:
        aliases: extended by the names that it does not know.
        mark: of the aliases; None: it is derived from what comes out.
        keep_targets: the names of the collections of the roll-out stay.
    """
    evidence = redactable(replace(evidence, readings=ordered(evidence.readings)), walked)
    configuration = without_globs(configuration, evidence)
    names = targets_of(configuration.judging, evidence) if keep_targets else ()
    speaker = _Speaker(aliases, names)
    for whole in (configuration.tenant, configuration.site, configuration.scan, configuration.judging, evidence):
        if whole is not None:
            walked(whole, speaker.learn)
    speaker.listen()
    changed = _configuration(configuration, speaker)
    made = walked(evidence, speaker.say)
    mark = mark or hashlib.sha256(documents.canonical(documents.plain(made))).hexdigest()[:16]
    return Redacted(replace(made, redacted=mark), changed)


def redact_configuration(configuration: Configuration, aliases: Aliases) -> Configuration:
    """The configuration alone, for evidence that is redacted by these aliases already."""
    speaker = _Speaker(aliases, ())
    speaker.listen()
    return _configuration(configuration, speaker)


def names_in(configuration: Configuration) -> bool:
    """Whether a configuration holds anything that is neither an alias nor would stay."""
    found: list[str] = []

    def look(treat: Treat, target: bool, text: str) -> str:  # noqa: ARG001 - see `walking.Say`
        if treat(Aliases(), text) != text and not ALIAS.fullmatch(text):
            found.append(text)
        return text

    for whole in (configuration.tenant, configuration.site, configuration.scan, configuration.judging):
        if whole is not None:
            walked(whole, look)
    return bool(found)


def _configuration(configuration: Configuration, speaker: _Speaker) -> Configuration:
    path = configuration.path
    return replace(
        configuration,
        path=type(path)(speaker.name(path)) if path is not None and path.name != USUAL_FILE else path,
        tenant=walked(configuration.tenant, speaker.say) if configuration.tenant else None,
        site=walked(configuration.site, speaker.say) if configuration.site else None,
        scan=walked(configuration.scan, speaker.say),
        judging=walked(configuration.judging, speaker.say),
        warnings=(),
    )


class _Speaker:
    """Says what stands for a text. It first learns all names, so that sentences can be searched for them."""

    def __init__(self, aliases: Aliases, targets: Iterable[str]) -> None:
        self._aliases = aliases
        self._targets = {folded(name) for name in targets}
        self._stands: dict[tuple[Treat, str], str] = {}
        self._said: dict[tuple[Treat, str], str] = {}
        self._named = dict.fromkeys(targets, "")
        self._texts: set[str] = set()
        self._telling: Telling | None = None

    def learn(self, treat: Treat, target: bool, text: str) -> str:
        """Take note of a name; its alias is not numbered yet."""
        if treat is told or treat is asked:
            self._texts.add(text)
        elif treat is not kept and (treat, text) not in self._stands:
            stands = self._stands[treat, text] = treat(self._aliases, text)
            if stands != text and not self._stays(target, text):
                self._named.setdefault(text, stands)
        return text

    def listen(self) -> None:
        """From now on all names are known."""
        known = {name: stands or name for name, stands in self._named.items()}
        self._telling = Telling(self._aliases, known, self._texts)

    def say(self, treat: Treat, target: bool, text: str) -> str:
        """What takes the place of a text."""
        if self._stays(target, text):
            return text
        said = self._said.get((treat, text))
        if said is None:
            said = self._said[treat, text] = self._aliases.settle(self._unsettled(treat, text))
        return said

    def name(self, path: PurePath) -> str:
        """What stands for the name of a file."""
        return self._aliases.settle(self._aliases.name(path.name))

    def _unsettled(self, treat: Treat, text: str) -> str:
        if self._telling is None:
            raise RuntimeError("names are said before all of them are known")
        if treat is told:
            return self._telling.told(text)
        if treat is asked:
            return self._telling.asked(text)
        return self._stands.get((treat, text)) or treat(self._aliases, text)

    def _stays(self, target: bool, text: str) -> bool:
        return target and bool(self._targets) and folded(text) in self._targets


def targets_of(judging: JudgingSettings, evidence: Evidence) -> tuple[str, ...]:
    """The names of the collections of the roll-out, as the site has them; as configured where it has none such."""
    found = value_of(evidence, Collections)
    known = found.collections if found is not None else ()
    targets = resolve_targets(judging.scope.collections, known) if known else ()
    settled = [target.name for target in targets if target.collection is not None]
    named = {target.named for target in targets if target.collection is not None}
    return tuple(dict.fromkeys((*settled, *(one for one in judging.scope.collections if one not in named))))


def without_globs(configuration: Configuration, evidence: Evidence) -> Configuration:
    """The configuration with the ids that globs stand for in this evidence: an alias fits no glob."""
    judging = configuration.judging
    found = value_of(evidence, Collections)
    names = judging.scope.collections
    if found is None or not any(map(is_glob, names)):
        return configuration
    settled = tuple(dict.fromkeys(one for name in names for one in _settled(name, found)))
    return replace(configuration, judging=replace(judging, scope=replace(judging.scope, collections=settled)))


def is_glob(name: str) -> bool:
    """Whether a name may stand for several collections."""
    return bool(set(name) & GLOB_SIGNS)


def _settled(name: str, found: Collections) -> Sequence[str]:
    if not is_glob(name):
        return (name,)
    targets = resolve_targets((name,), found.collections)
    return [one.collection.id for one in targets if one.collection is not None] or (name,)
