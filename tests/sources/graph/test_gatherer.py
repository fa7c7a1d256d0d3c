"""Questions of concurrent readers travel together, and nobody waits for ever."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.model.words import Reason
from readiness.sources.deadline import Deadline
from readiness.sources.graph.gather import Gatherer, Later
from tests.sources.graph.conftest import PatientDeadline, at_once

Outcome = str | Later[str] | BaseException


class Server:
    """Answers each question with itself in capitals, and keeps the batches."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def __call__(self, questions: Sequence[str], _attempt: int) -> list[Outcome]:
        self.batches.append(sorted(questions))
        return [question.upper() for question in questions]


@pytest.fixture
def server() -> Server:
    return Server()


def gatherer(send: Callable[[Sequence[str], int], Sequence[Outcome]], seconds: float = 20) -> Gatherer[str, str]:
    return Gatherer(send, Deadline(seconds), group=lambda question: question[0], limit=20)


def run(gathering: Gatherer[str, str], *readers: Callable[[], Any], workers: int = 32) -> list[Any]:
    """Run the readers as the collector does: `workers` threads that take one after the other."""
    gathering.expect(len(readers), workers)
    waiting = list(enumerate(readers))
    outcomes: list[Any] = [None] * len(readers)
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                if not waiting:
                    return
                index, reader = waiting.pop(0)
            outcomes[index] = _outcome(gathering, reader)

    for failure in at_once([work] * min(workers, len(readers))):
        assert failure is None
    return outcomes


def _outcome(gathering: Gatherer[str, str], reader: Callable[[], Any]) -> Any:
    try:
        with gathering.reader():
            return reader()
    except Exception as error:
        return error


def asker(gathering: Gatherer[str, str], *questions: str) -> Callable[[], list[str]]:
    return lambda: [gathering.ask(question) for question in questions]


def test_questions_of_concurrent_readers_travel_together(server: Server) -> None:
    gathering = gatherer(server)
    assert run(gathering, *(asker(gathering, f"a{n}") for n in range(5))) == [[f"A{n}"] for n in range(5)]
    assert server.batches == [["a0", "a1", "a2", "a3", "a4"]]


def test_each_group_travels_alone(server: Server) -> None:
    gathering = gatherer(server)
    run(gathering, *(asker(gathering, name) for name in ("a1", "b1", "a2", "b2")))
    assert sorted(server.batches) == [["a1", "a2"], ["b1", "b2"]]


def test_a_batch_holds_no_more_than_its_limit(server: Server) -> None:
    gathering = gatherer(server)
    run(gathering, *(asker(gathering, f"a{n:02}") for n in range(45)), workers=64)
    assert sorted(map(len, server.batches)) == [5, 20, 20]


def test_every_round_travels_together(server: Server) -> None:
    """The second questions too: who is answered first waits for those whose answers are under way."""
    for _ in range(5):
        server.batches.clear()
        gathering = gatherer(server)
        run(gathering, *(asker(gathering, f"a{n}", f"b{n}", f"a{n}x") for n in range(4)))
        rounds = [sorted(name + suffix for name in "0123") for name, suffix in (("a", ""), ("b", ""), ("a", "x"))]
        expected = [[f"{group}{n}" for n in names] for group, names in zip("aba", rounds, strict=True)]
        assert server.batches == expected


def test_more_readers_than_workers(server: Server) -> None:
    """The next reader may start when one has ended; its question is waited for."""
    gathering = gatherer(server)
    outcomes = run(gathering, *(asker(gathering, f"a{n}") for n in range(10)), workers=3)
    assert outcomes == [[f"A{n}"] for n in range(10)]
    assert sum(map(len, server.batches)) == 10
    assert max(map(len, server.batches)) == 3


def test_a_reader_that_ends_without_asking_holds_nobody_up(server: Server) -> None:
    gathering = gatherer(server)
    assert run(gathering, asker(gathering, "a"), lambda: "nothing to ask") == [["A"], "nothing to ask"]


def test_a_reader_that_raises_holds_nobody_up(server: Server) -> None:
    def broken() -> None:
        raise KeyError("broken")

    gathering = gatherer(server)
    asked, raised = run(gathering, asker(gathering, "a"), broken)
    assert asked == ["A"]
    assert isinstance(raised, KeyError)


def test_a_reader_that_raises_after_its_first_answer_holds_nobody_up(server: Server) -> None:
    gathering = gatherer(server)

    def broken() -> None:
        gathering.ask("a")
        raise KeyError("broken")

    assert run(gathering, broken, asker(gathering, "a1", "a2"))[1] == ["A1", "A2"]


def test_a_question_from_nowhere_is_sent_at_once(server: Server) -> None:
    """Who is no expected reader need not wait for any."""
    assert gatherer(server).ask("a") == "A"


@pytest.mark.parametrize("error", [SourceError(Reason.UNREACHABLE, "gone"), RuntimeError("a bug"), KeyboardInterrupt()])
def test_a_send_that_raises_wakes_everybody(error: BaseException) -> None:
    def broken(_questions: Sequence[str], _attempt: int) -> list[Outcome]:
        raise error

    gathering = gatherer(broken)
    gathering.expect(2, 2)
    assert at_once([asker(gathering, "a1"), asker(gathering, "a2")]) == [error, error]


def test_an_answer_too_few_wakes_everybody() -> None:
    """A bug of ours must not look like an answer."""
    gathering = gatherer(lambda _questions, _attempt: ["only one"])
    outcomes = run(gathering, asker(gathering, "a1"), asker(gathering, "a2"))
    assert all(isinstance(outcome, RuntimeError) for outcome in outcomes)


def test_one_question_may_fail_alone() -> None:
    gathering = gatherer(lambda asked, _attempt: [ValueError() if name == "a1" else name for name in asked])
    failed, answered = run(gathering, asker(gathering, "a1"), asker(gathering, "a2"))
    assert isinstance(failed, ValueError)
    assert answered == ["a2"]


def test_no_thread_left_is_everybodys_error_and_not_a_wait(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "gathered questions":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    gathering = gatherer(server)
    outcomes = run(gathering, asker(gathering, "a1"), asker(gathering, "a2"))
    assert [str(outcome) for outcome in outcomes] == ["can't start new thread"] * 2


def test_the_deadline_ends_the_wait_for_readers_that_never_come(server: Server) -> None:
    """Two are expected, one comes."""
    gathering = gatherer(server, seconds=0.1)
    gathering.expect(2, 2)
    with pytest.raises(SourceError, match="deadline") as caught:
        gathering.ask("a")
    assert caught.value.reason is Reason.TIMED_OUT
    assert server.batches == []


def test_what_was_given_up_is_not_sent_later(server: Server) -> None:
    gathering = gatherer(server, seconds=0.05)
    gathering.expect(2, 2)
    with pytest.raises(SourceError):
        gathering.ask("a1")
    with gathering.reader(), gathering.reader():
        pass
    assert server.batches == []


def test_the_deadline_ends_the_wait_for_a_send_that_hangs() -> None:
    hanging = threading.Event()

    def hang(questions: Sequence[str], _attempt: int) -> list[Outcome]:
        hanging.wait(10)
        return list(questions)

    gathering = gatherer(hang, seconds=0.1)
    outcomes = run(gathering, asker(gathering, "a1"), asker(gathering, "a2"))
    hanging.set()
    assert [outcome.reason for outcome in outcomes] == [Reason.TIMED_OUT] * 2


def test_cancelling_ends_every_wait(server: Server) -> None:
    """Ctrl-C: nobody waits for the deadline."""
    deadline = Deadline(1000)
    gathering: Gatherer[str, str] = Gatherer(server, deadline)
    gathering.expect(2, 2)
    threading.Timer(0.05, deadline.cancel).start()
    (outcome,) = at_once([asker(gathering, "a")])
    assert isinstance(outcome, SourceError)


def test_who_is_put_off_does_not_hold_up_the_others() -> None:
    """One is to come back later: the others get their answers at once, and may ask and be answered again meanwhile."""
    done: Future[None] = Future()

    class Slow(Deadline):
        def wait(self, seconds: float) -> bool:
            done.result(10)
            return super().wait(0 * seconds)

    batches: list[list[str]] = []

    def send(questions: Sequence[str], attempt: int) -> list[Outcome]:
        batches.append(sorted(questions))
        return [Later(1.0, "too late") if name == "busy" and not attempt else name.upper() for name in questions]

    gathering: Gatherer[str, str] = Gatherer(send, Slow(20))

    def quick() -> list[str]:
        answers = asker(gathering, "q1", "q2")()
        done.set_result(None)
        return answers

    assert run(gathering, asker(gathering, "busy"), quick) == [["BUSY"], ["Q1", "Q2"]]
    assert batches == [["busy", "q1"], ["q2"], ["busy"]]


def test_who_is_put_off_beyond_the_deadline_gets_the_last_answer_at_once() -> None:
    deadline = PatientDeadline(10)
    later = {"far": 10.5, "near": 2.0}

    def send(questions: Sequence[str], attempt: int) -> list[Outcome]:
        return [name.upper() if attempt else Later(later[name], f"no {name}") for name in questions]

    gathering: Gatherer[str, str] = Gatherer(send, deadline)
    assert run(gathering, asker(gathering, "far"), asker(gathering, "near")) == [["no far"], ["NEAR"]]
    assert deadline.waits == [2.0]


def test_who_waits_for_one_that_is_put_off_is_sent_then() -> None:
    """The question was asked while the other one was under way, before it was known that it would take long."""
    asked, answered = threading.Event(), threading.Event()

    class Slow(Deadline):
        def wait(self, _seconds: float) -> bool:
            return answered.wait(10)

    def send(questions: Sequence[str], attempt: int) -> list[Outcome]:
        if questions == ["a"] and not attempt:
            asked.wait(10)
            return [Later(1.0, "too late")]
        return [name.upper() for name in questions]

    gathering: Gatherer[str, str] = Gatherer(send, Slow(20), group=lambda name: name[0])

    def quick() -> list[str]:
        gathering.ask("b1")
        threading.Timer(0.05, asked.set).start()
        answers = [gathering.ask("b2")]
        answered.set()
        return answers

    assert run(gathering, asker(gathering, "a"), quick) == [["A"], ["B2"]]


def test_a_pause_that_is_cancelled_gives_the_last_answer() -> None:
    class Cancelled(Deadline):
        def wait(self, _seconds: float) -> bool:
            return False

    gathering: Gatherer[str, str] = Gatherer(lambda asked, _attempt: [Later(5.0, "busy")] * len(asked), Cancelled(9))
    assert run(gathering, asker(gathering, "a")) == [["busy"]]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_readers_do_nobody_hangs(seed: int) -> None:
    """Readers that ask, ask again, end early, raise, are put off or refused, in every mixture: all of them end."""
    chance = random.Random(seed)  # noqa: S311 - a test's, not a secret's
    deadline = PatientDeadline()
    lock = threading.Lock()

    def send(questions: Sequence[str], attempt: int) -> list[Outcome]:
        with lock:
            draw = [chance.random() for _ in questions]
            if chance.random() < 0.05:
                raise ConnectionError("gone")
        return [_drawn(name, number, attempt) for name, number in zip(questions, draw, strict=True)]

    gathering: Gatherer[str, str] = Gatherer(send, deadline, group=lambda name: name[0], limit=7)

    def reader(number: int, questions: int) -> Callable[[], int]:
        def read() -> int:
            for n in range(questions):
                asked = [f"{'ab'[(number + n) % 2]}{number % 30}.{n}.{more}" for more in range(1 + number % 3)]
                for outcome in gathering.ask_all(asked):
                    if isinstance(outcome, BaseException):
                        raise outcome
            if number % 11 == 0:
                raise KeyError(number)
            return questions

        return read

    readers = [reader(number, chance.randrange(5)) for number in range(60)]
    outcomes = run(gathering, *readers, workers=chance.choice([1, 3, 32, 100]))
    assert all(isinstance(outcome, int | KeyError | ConnectionError | ValueError) for outcome in outcomes)


def _drawn(name: str, number: float, attempt: int) -> Outcome:
    if number < 0.05:
        return ValueError(name)
    return Later(0.001, "last") if number < 0.3 and attempt < 5 else name.upper()


def test_several_questions_of_one_reader_travel_together(server: Server) -> None:
    """And with those of the others, in every round."""
    gathering = gatherer(server)
    several = run(
        gathering,
        lambda: [gathering.ask_all(["a1", "a2"]), gathering.ask_all(["a5", "b1"])],
        asker(gathering, "a3", "a4"),
    )
    assert several == [[["A1", "A2"], ["A5", "B1"]], ["A3", "A4"]]
    assert sorted(server.batches) == [["a1", "a2", "a3"], ["a4", "a5"], ["b1"]]


def test_nothing_asked_is_answered_at_once(server: Server) -> None:
    gathering = gatherer(server)
    gathering.expect(2, 2)
    assert gathering.ask_all([]) == []


def test_one_of_several_may_fail() -> None:
    gathering = gatherer(lambda asked, _attempt: [ValueError() if name == "a1" else name for name in asked])
    failed, answered = gathering.ask_all(["a1", "a2"])
    assert isinstance(failed, ValueError)
    assert answered == "a2"


def test_the_same_question_is_sent_once(server: Server) -> None:
    gathering = gatherer(server)
    outcomes = run(gathering, asker(gathering, "a", "b1"), asker(gathering, "a", "b2"), asker(gathering, "a", "b1"))
    assert outcomes == [["A", "B1"], ["A", "B2"], ["A", "B1"]]
    assert server.batches == [["a"], ["b1", "b2"]]


def test_the_same_question_twice_by_one_reader_is_sent_once(server: Server) -> None:
    assert gatherer(server).ask_all(["a", "b", "a"]) == ["A", "B", "A"]
    assert server.batches == [["a"], ["b"]]


def test_who_joins_a_question_under_way_gets_its_answer() -> None:
    under_way, joined = threading.Event(), threading.Event()
    batches: list[list[str]] = []

    def slow(questions: Sequence[str], _attempt: int) -> list[Outcome]:
        batches.append(list(questions))
        under_way.set()
        joined.wait(10)
        return [name.upper() for name in questions]

    gathering: Gatherer[str, str] = Gatherer(slow, Deadline(20))

    def second() -> str:
        under_way.wait(10)
        threading.Timer(0.05, joined.set).start()
        return gathering.ask("a")

    assert at_once([lambda: gathering.ask("a"), second]) == ["A", "A"]
    assert batches == [["a"]]


def test_one_of_several_that_is_put_off_holds_up_its_reader_and_nobody_else() -> None:
    """The others go on meanwhile, in rounds of their own."""
    done: Future[None] = Future()

    class Slow(Deadline):
        def wait(self, _seconds: float) -> bool:
            done.result(10)
            return True

    batches: list[list[str]] = []

    def send(questions: Sequence[str], attempt: int) -> list[Outcome]:
        batches.append(sorted(questions))
        return [Later(1.0, "too late") if name == "busy" and not attempt else name.upper() for name in questions]

    gathering: Gatherer[str, str] = Gatherer(send, Slow(20))

    def quick() -> list[str]:
        answers = asker(gathering, "q1", "q2", "q3")()
        done.set_result(None)
        return answers

    assert run(gathering, lambda: gathering.ask_all(["busy", "free"]), quick) == [["BUSY", "FREE"], ["Q1", "Q2", "Q3"]]
    assert batches == [["busy", "free", "q1"], ["q2"], ["q3"], ["busy"]]


def test_what_one_of_two_gave_up_is_sent_for_the_other(server: Server) -> None:
    """A question that two asked stays, as long as one of them waits for it."""
    gathering = gatherer(server)
    gathering.expect(3, 3)
    slots = [gathering._slot("a1", reader) for reader in ("first", "second")]
    gathering._leave(slots[0], "first")
    assert gathering._waiting == [slots[0]]
    gathering._leave(slots[1], "second")
    assert gathering._waiting == []
    assert gathering._slot("a1", "third") is not slots[0]
