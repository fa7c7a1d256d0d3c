"""What the readers of the on-premises half share: where the site is, and answers that several of them need."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar, cast

from readiness.errors import SourceError
from readiness.model.facts import Fact, SiteProvider
from readiness.model.words import Reason
from readiness.sources.configmgr.provider import Answer, Provider, Value
from readiness.sources.reader import Finding
from readiness.text import one_line

ROOT = r"root\sms"
READ_ONLY_ANALYST = "Read-only Analyst, scope All"
T = TypeVar("T")
F = TypeVar("F", bound=Fact)


class _Once(Generic[T]):
    """Learned once, by whoever asks first; everybody else waits for it, and is handed the failure too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: Exception | None = None
        self._learned: list[T] = []

    def get(self, learn: Callable[[], T]) -> T:
        with self._lock:
            if self._failed is not None:
                raise self._failed
            if not self._learned:
                try:
                    self._learned.append(learn())
                except Exception as error:
                    self._failed = error
                    raise
            return self._learned[0]


class SiteSession:
    """What a reader of the on-premises half is given. The provider's site is found once, by whoever asks first.

    Args:
        site_code: the site that must be the provider's, or None to take the one it names.
        account: the account as it signs in, or None for the current logon.
        targets: names, ids and globs of the collections of the roll-out.
    """

    def __init__(
        self,
        provider: Provider,
        server: str,
        site_code: str | None,
        account: str | None,
        targets: Sequence[str] = (),
    ) -> None:
        self.provider = provider
        self.account = account
        self.targets = tuple(targets)
        self._server = server
        self._site_code = site_code
        self._lock = threading.Lock()
        self._shared: dict[Hashable, _Once[Any]] = {}

    def once(self, key: Hashable, learn: Callable[[], T]) -> T:
        """What `learn` gives, which is called once for this key; a failure is handed to all who ask.

        Whoever asks while it is being learned waits. What is learned may ask for other keys, but never in a circle:
        everything asks for the location, the devices ask for the sites and the collections, and nothing asks back.

        Raises:
            SourceError: and whatever else `learn` raised.
        """
        with self._lock:
            shared = self._shared.setdefault(key, _Once[Any]())
        return cast("T", shared.get(learn))

    def location(self) -> Finding[SiteProvider]:
        """Which site the provider is for.

        Raises:
            SourceError: not reachable, refused, no SMS Provider, or not of the configured site.
        """
        return self.once("location", self._locate)

    def rows(
        self,
        cls: str,
        columns: Sequence[str],
        where: Mapping[str, Value] | None = None,
        *,
        any_of: tuple[str, Sequence[str | int]] | None = None,
        optional: Sequence[str] = (),
    ) -> Answer:
        """Rows of a class in the namespace of the site; see `Provider.rows`."""
        namespace = self.location().value.namespace
        return self.provider.rows(namespace, cls, columns, where, any_of=any_of, optional=optional)

    def instance(self, cls: str, keys: Mapping[str, str | int]) -> Answer:
        """One instance, lazy columns filled."""
        return self.provider.instance(self.location().value.namespace, cls, keys)

    def invoke(self, cls: str, method: str, arguments: Mapping[str, str]) -> Answer:
        """What a method that only reads says; see `Provider.invoke`."""
        return self.provider.invoke(self.location().value.namespace, cls, method, arguments)

    def _locate(self) -> Finding[SiteProvider]:
        try:
            columns = ("Machine", "SiteCode", "NamespacePath", "ProviderForLocalSite")
            answer = self.provider.rows(ROOT, "SMS_ProviderLocation", columns, {"ProviderForLocalSite": True})
        except SourceError as error:
            if error.reason in (Reason.WRONG_TARGET, Reason.UNSUPPORTED_VERSION):
                raise self._no_provider(str(error)) from error
            raise
        local = [row for row in answer.rows if row.flag("ProviderForLocalSite")]
        codes = {row.text("SiteCode").upper() for row in local}
        code = self._choose(codes)
        machines = tuple(row.text("Machine") for row in local if row.text("SiteCode").upper() == code)
        # Where a site has several providers, WinRM lists them all: the one that was asked is meant, as far as its name
        # tells.
        machine = next((name for name in machines if name.casefold() == self._server.casefold()), machines[0])
        return finding(SiteProvider(code, machine, rf"{ROOT}\site_{code}", machines), answer)

    def _choose(self, codes: set[str]) -> str:
        if not codes:
            raise self._no_provider("it names no site that it provides")
        named = one_line(", ".join(sorted(codes)))
        if self._site_code is not None and self._site_code.upper() not in codes:
            raise SourceError(
                Reason.WRONG_TARGET,
                f"{self._server} provides site {named}, not {self._site_code}: "
                "correct [site] site_code, or leave it out",
            )
        if len(codes) > 1 and self._site_code is None:
            raise SourceError(
                Reason.WRONG_TARGET,
                f"{self._server} provides several sites ({named}): set site_code",
            )
        code = self._site_code.upper() if self._site_code else codes.pop()
        if not (len(code) == 3 and code.isalnum() and code.isascii()):
            raise SourceError(Reason.BAD_ANSWER, f"{self._server} names the site {code!r:.20}, which is no site code")
        return code

    def _no_provider(self, words: str) -> SourceError:
        return SourceError(
            Reason.WRONG_TARGET,
            f"{self._server} answers, but is no SMS Provider ({words}): name one that is in [site] server",
        )


def each_once(cls: str, items: tuple[T, ...], key: Callable[[T], object]) -> tuple[T, ...]:
    """Two rows with one key are no answer to build on."""
    if len({key(item) for item in items}) != len(items):
        raise SourceError(Reason.BAD_ANSWER, f"the provider answered {cls} with the same key twice")
    return items


def finding(value: F, answer: Answer) -> Finding[F]:
    """The fact, proven by the answer that it was made of."""
    return Finding(value, len(answer.rows), answer.query, answer.request_id, answer.clock_skew_seconds)
