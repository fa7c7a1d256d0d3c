"""What readers share: asked once, by several threads, whatever comes of it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import Answer
from readiness.sources.configmgr.readers import READERS
from tests.sources.configmgr.estate import Provider, session

WORKERS = 4


class Slow(Provider):
    """Answers once all workers have asked for something, or soon after."""

    def __init__(self) -> None:
        super().__init__()
        self.barrier = threading.Event()

    def rows(self, *arguments: object, **named: object) -> Answer:
        self.barrier.wait(0.01)
        return super().rows(*arguments, **named)  # type: ignore[arg-type]


@pytest.mark.parametrize("order", [1, -1])
def test_all_readers_on_four_workers_end_and_ask_each_question_once(order: int) -> None:
    provider = Slow()
    given = session(provider)
    with ThreadPoolExecutor(WORKERS) as workers:
        found = list(workers.map(lambda reader: reader.read(given), READERS[::order], timeout=10))
    assert len(found) == len(READERS)
    questions = [asked for asked in provider.asked if "(" not in asked]
    assert sorted(questions) == sorted(set(questions))


def test_a_failure_is_handed_to_everybody_who_waits() -> None:
    given = session(Provider())
    asked: list[int] = []

    def learn() -> str:
        asked.append(1)
        threading.Event().wait(0.02)
        raise SourceError(Reason.THROTTLED, "busy")

    def ask(_: int) -> Reason | None:
        try:
            given.once("key", learn)
        except SourceError as error:
            return error.reason
        return None

    with ThreadPoolExecutor(WORKERS) as workers:
        assert set(workers.map(ask, range(8), timeout=10)) == {Reason.THROTTLED}
    assert asked == [1]


def test_keys_are_learned_apart() -> None:
    given = session(Provider())
    assert [given.once(key, lambda key=key: key) for key in ("a", "b", "a")] == ["a", "b", "a"]  # type: ignore[misc]
