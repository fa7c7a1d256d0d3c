"""Four hundred nights over an estate that changes, by a clock that steps: told is what changed, once, and nothing else;
the history has every night in its order, with its trends, its missed nights, and no more than it should keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest

from readiness import composition, documents
from readiness.assessment import Question, Rules, assess
from readiness.cli.looking_back import Past, looked_back
from readiness.cli.runs import opened
from readiness.history.retention import Retention
from readiness.history.runs import Kind, new_run
from readiness.history.store import Store
from readiness.model.changes import Changed
from readiness.model.differences import Difference, Different
from readiness.model.notice import Message, NoticeKind
from readiness.model.reading import Evidence
from readiness.model.report import Report
from readiness.model.settings import Waiver
from readiness.model.words import Half, Reason
from readiness.notification.watching import news
from readiness.plugin import ThreatDefenseConnectors
from tests.nights import estates, story
from tests.nights.calendar import BACK, BEGIN, DAY, FORWARD, MISSED, NIGHTS, TWICE, moments
from tests.nights.story import CHAPTERS, GOOD, Expected, Picture
from tests.properties.estates import read

KEEP = timedelta(days=200)
HALF_WAY = 199
"""Until then nothing is older than what is kept."""
RULES = """as_of = 2027-06-01
[sources]
OURS = "our own"
[[release]]
name = "2603"
build = 9146
available = 2026-05-05
end_of_support = {ends}
end_computed = true
source = "OURS"
date = 2027-06-01
confidence = "high"
"""
TOLD = (Changed.DECISION, Changed.CHECK, Changed.COLLECTION, Changed.RULES, Changed.OVERLAY)
"""What the story speaks of. Subjects and what was observed follow from that, and come with it or not at all."""


@dataclass(frozen=True)
class Told:
    """What became of four hundred nights."""

    moments: list[datetime]
    expected: list[Expected]
    messages: list[Message | None]
    reports: list[str]
    """Their run ids."""
    states: list[str]
    half_way: Past
    at_the_end: Past


class Job:
    """The job, as it runs every night, without what connects."""

    def __init__(self, folder: Path, when: list[datetime]) -> None:
        self.store = Store(folder / "history.sqlite3")
        self.config = folder / "readiness.toml"
        self.config.write_text(f"[history]\npath = '{self.store.path}'\n", encoding="utf-8")
        self.moments = when
        self.rules = {"shipped": composition.rules(None)}
        for name, ends in (("other", "2027-11-05"), ("stricter", "2027-05-01")):
            laid = folder / name
            laid.mkdir()
            (laid / "releases.toml").write_text(RULES.format(ends=ends), encoding="utf-8")
            self.rules[name] = composition.rules(laid)
        last_day = story.waiver_ends(when).date()
        self.waiver = Waiver("collections-enabled", "Ann", "Bob", "the tick comes", last_day, collection=estates.PILOT)

    def night(self, number: int) -> tuple[Report, Message | None]:
        """Read, judge, keep, tell."""
        report = assess(self.evidence(number), self.question(number), self.moments[number])
        digest = documents.digest(documents.report_document(report))
        now = self.moments[number] + timedelta(minutes=1)
        assert self.store.add(new_run(report, Kind.SCAN, 0, now, digest=digest), Retention(KEEP, 2000))
        return report, news(self.store, report, now)

    def evidence(self, number: int) -> Evidence:
        """What is read on that night."""
        names = [one.name for one in story.chapters(number)]
        almost = "almost-ready" in names
        begin = self.moments[20] if almost else BEGIN
        found = estates.as_read("almost-ready" if almost else "ready", begin, self.moments[number])
        if number >= story.RENEWED:
            found = estates.renewed(BEGIN + timedelta(days=2000))(found)
        for name in names:
            if name in self.changes:
                found = self.changes[name](found)
        return found

    @property
    def changes(self) -> dict[str, estates.Change]:
        return {
            "no site": estates.without(Half.SITE, Reason.UNREACHABLE),
            "silent": estates.silent_since(self.moments[69]),
            "no right": estates.without(ThreatDefenseConnectors, Reason.MISSING_PERMISSION),
            "no pilot": estates.without_pilot,
            "unticked": estates.unticked,
            "disconnected": estates.disconnected,
        }

    def question(self, number: int) -> Question:
        """What is judged on that night, and by what."""
        settings = read("ready").settings
        settings = replace(settings, scope=replace(settings.scope, collections=("*EDR",)))
        if any(one.name == "unticked" for one in story.chapters(number)) and number >= story.WAIVED:
            settings = replace(settings, waivers=(self.waiver,))
        asked = {
            "scope": {"collections": ["*EDR"]},
            "tenant": {"id": "contoso.onmicrosoft.com"},
            "site": {"server": "localhost"},
        }
        return Question(
            composition.all_checks(), settings, self.rules_of(number), asked, composition.guide,
            composition.rights_used, composition.plugins_used(),
        )  # fmt: skip

    def rules_of(self, number: int) -> Rules:
        names = {one.picture.get("rules", "shipped") for one in story.chapters(number)}
        return self.rules[next(iter(names - {"shipped"}), "shipped")]

    def back(self, night: int) -> Past:
        """What `readiness history` says after that night."""
        now = self.moments[night] + timedelta(hours=1)
        return looked_back(self.store, opened(self.config, {}), ["*"], 0, now)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All of the nights, one after the other."""
    when = moments()
    job = Job(tmp_path_factory.mktemp("nights"), when)
    ids, states, messages = [], [], []
    half_way = None
    for number in range(NIGHTS):
        report, message = job.night(number)
        ids.append(report.run.id)
        states.append(report.decision.state.value)
        messages.append(message)
        if number == HALF_WAY:
            half_way = job.back(number)
    assert half_way is not None
    return Told(when, list(story.expected(when)), messages, ids, states, half_way, job.back(NIGHTS - 1))


def became(one: Different) -> tuple[str, str]:
    """What became of something, in the words of the story."""
    if one.what is Changed.OVERLAY:
        return one.name, "gone" if one.after is None else one.after.split()[0]
    if one.what is Changed.RULES:
        return one.id, one.after or ""
    if one.after is None:
        return one.id, "gone"
    return one.id, one.after.split(",")[0] if one.what is Changed.COLLECTION else one.after


def news_of(told: Told, night: int) -> Expected:
    """What was told on a night. Rules are called as the story calls them."""
    message = told.messages[night]
    if message is None:
        return Expected(frozenset(), frozenset(), ending=False)
    rules = next((one.picture["rules"] for one in story.chapters(night) if "rules" in one.picture), "shipped")
    found = {became(one) for one in message.differences if one.what in TOLD}
    found = {(id_, rules) if id_ == "rules" else (id_, word) for id_, word in found}
    over = {one.name if one.name.startswith("waiver of") else one.id for one in message.recovered}
    return Expected(frozenset(found), frozenset(over), ending=bool(message.ending))


def test_told_is_exactly_what_changed(told: Told) -> None:
    """Night by night: what the story says, and not one thing more."""
    wrong = []
    for night in range(1, NIGHTS):
        found, expected = news_of(told, night), told.expected[night]
        if found != expected:
            apart = (sorted(found.became - expected.became), sorted(expected.became - found.became))
            wrong.append((night, *apart, sorted(found.over ^ expected.over), found.ending))
    assert wrong == []


def test_the_first_night_says_that_the_watch_begins_and_most_nights_say_nothing(told: Told) -> None:
    assert told.messages[0] is not None
    assert told.messages[0].kind is NoticeKind.BEGUN
    silent = [night for night in range(1, NIGHTS) if told.messages[night] is None]
    assert silent == [night for night in range(1, NIGHTS) if told.expected[night].nothing]
    assert len(silent) > NIGHTS * 0.9


def test_no_message_comes_twice(told: Told) -> None:
    keys = [message.key for message in told.messages if message is not None]
    assert len(keys) == len(set(keys))


def test_no_clock_is_news(told: Told) -> None:
    """Neither the week back, nor the month forward, the second run in a night, the missed ones, nor the leap day."""
    leap = next(n for n, moment in enumerate(told.moments) if (moment.month, moment.day) == (2, 29))
    assert told.moments[BACK] < told.moments[BACK - 5]
    assert told.moments[FORWARD] - told.moments[FORWARD - 1] > timedelta(days=30)
    for night in (91, TWICE, TWICE + 1, 150, BACK, FORWARD, leap, leap + 1):
        assert told.messages[night] is None


def test_rules_and_rights_never_read_as_broken(told: Told) -> None:
    """Nor as repaired, where nobody repaired anything."""
    for night in (100, 130, 140, 145):
        message = told.messages[night]
        assert message is not None
        kinds = {one.difference for one in message.differences}
        assert not kinds & {Difference.BROKEN, Difference.DEGRADED, Difference.REPAIRED}
    stricter = told.messages[140]
    assert stricter is not None
    assert Difference.JUDGED in {one.difference for one in stricter.differences}
    assert stricter.worse


def test_every_night_is_in_the_history_in_its_order(told: Told) -> None:
    """In the order in which they were kept, whatever the clock said."""
    assert told.half_way.number == HALF_WAY + 1
    assert [run.id for run in told.half_way.runs] == told.reports[HALF_WAY::-1]
    assert [run.judged for run in told.half_way.runs] == [
        moment.replace(microsecond=0) for moment in told.moments[HALF_WAY::-1]
    ]


def test_the_nights_without_a_run_are_known(told: Told) -> None:
    for past, last in ((told.half_way, HALF_WAY), (told.at_the_end, NIGHTS - 1)):
        first = last + 1 - past.number
        assert past.every is not None
        assert abs(past.every - DAY) < timedelta(hours=1)
        between = {night: number for night, number in MISSED.items() if first < night <= last}
        assert {one.before: one.number for one in past.missed} == {
            told.moments[night].replace(microsecond=0): number for night, number in between.items()
        }


def test_kept_is_what_is_not_too_old(told: Told) -> None:
    newest = told.moments[-1]
    kept = [id_ for id_, moment in zip(told.reports, told.moments, strict=True) if newest - moment <= KEEP]
    assert 100 < len(kept) < 200
    assert [run.id for run in told.at_the_end.runs] == kept[::-1]
    assert told.at_the_end.number == len(kept)


def words(told: Told, check: str, nights: range) -> list[str]:
    """What the story says that a check came to."""
    pictures: Iterator[Picture] = (story.picture(night, told.moments) for night in nights)
    return [found.get(check, GOOD.get(check, "pass")).partition(" ")[0].rstrip(":") for found in pictures]


def test_the_trend_of_every_check_is_that_of_the_story(told: Told) -> None:
    """Every outcome of every night that is kept; since when, and how often it changed."""
    for past, last in ((told.half_way, HALF_WAY), (told.at_the_end, NIGHTS - 1)):
        nights = range(last + 1 - past.number, last + 1)
        assert len(past.trends) > 30
        for trend in past.trends:
            said = words(told, trend.check, nights)
            assert [outcome.value if outcome else None for outcome in trend.outcomes] == said, trend.check
            runs = [len(list(same)) for _, same in groupby(said)]
            assert trend.changes == len(runs) - 1
            assert trend.since == told.moments[nights[-runs[-1]]].replace(microsecond=0), trend.check


def test_the_story_tells_of_everything_that_it_should() -> None:
    """Otherwise all of this would prove little."""
    happened = {one.name for one in CHAPTERS}
    assert happened >= {"no site", "silent", "no right", "no pilot", "stricter rules", "unticked", "almost-ready"}
