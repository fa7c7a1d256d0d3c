"""The WMI namespaces of the simulated provider: what a query finds, and what role-based access hides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from readiness.errors import ConfigurationError
from readiness.lab import wql
from readiness.lab.classes import Instance, WmiClass, classes, instance
from readiness.lab.methods import Methods
from readiness.lab.moments import settled
from readiness.lab.scenario import Scenario

INVALID_NAMESPACE = 0x8004100E
INVALID_CLASS = 0x80041010
INVALID_QUERY = 0x80041017
INVALID_METHOD = 0x8004102E
NOT_FOUND = 0x80041002

_ROOT = r"root\sms"


class WmiError(Exception):
    """What WMI answers instead of rows.

    Attributes:
        hresult: the WBEM error code.
    """

    def __init__(self, hresult: int, words: str) -> None:
        super().__init__(words)
        self.hresult = hresult


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of a query. `columns` is `None` for `SELECT *`: whole instances, not fragments."""

    cls: WmiClass
    columns: tuple[str, ...] | None
    rows: tuple[Instance, ...]


class Wmi:
    """All instances of a scenario, with moments settled at `now`."""

    def __init__(self, scenario: Scenario, now: datetime) -> None:
        self._scenario = scenario
        self.site_namespace = rf"{_ROOT}\site_{scenario.site.code}"
        self._site = self.site_namespace.lower()
        self._rows = {name.lower(): self._load(name, rows, now) for name, rows in scenario.wmi.items()}
        self._methods = Methods(scenario)
        self._visible = {name.lower(): keys for name, keys in scenario.visible.items()}

    def query(self, namespace: str, text: str) -> Found:
        """Rows that `text` finds, lazy columns null.

        Raises:
            WmiError: wrong namespace, class or query.
        """
        try:
            query = wql.parse(text)
        except wql.NotUnderstoodError as error:
            raise WmiError(INVALID_QUERY, f"invalid query: {error}") from error
        return self.find(namespace, query)

    def find(self, namespace: str, query: wql.Query) -> Found:
        """As `query`, for one that is taken apart already."""
        self._check(namespace)
        cls = self._class(namespace, query.cls)
        columns = tuple(self._column(cls, name) for name in query.columns) if query.columns else None
        where = [[(self._column(cls, name), value) for name, value in term] for term in query.where]
        rows = (row for row in self._seen(cls) if all(any(_equal(row.cells[n], v) for n, v in t) for t in where))
        return Found(cls, columns, tuple(_without_lazy(row) for row in rows))

    def keys(self, name: str) -> tuple[str, ...]:
        """The key columns of a class of the site. Raises `WmiError` where there is no such class."""
        return self._class(self.site_namespace, name).keys

    def get(self, namespace: str, name: str, selectors: Mapping[str, str]) -> Instance:
        """The instance with these keys, lazy columns filled.

        Raises:
            WmiError: wrong namespace or class, or no such instance that the account may see.
            KeyError: the selectors are not the keys of the class.
        """
        self._check(namespace)
        cls = self._class(namespace, name)
        wanted = {key.lower(): value for key, value in selectors.items()}
        if wanted.keys() != {key.lower() for key in cls.keys}:
            raise KeyError(cls.name)
        for row in self._seen(cls):
            if all(_equal(str(row.cells[key]), wanted[key.lower()]) for key in cls.keys):
                return row
        raise WmiError(NOT_FOUND, "not found")

    def invoke(self, namespace: str, name: str, method: str, arguments: Mapping[str, str]) -> Mapping[str, object]:
        """The out-parameters of a static method, `ReturnValue` among them: as the scenario says, or else our own.

        Raises:
            WmiError: wrong namespace or class, or a method that the class does not have or that would write.
        """
        self._check(namespace)
        found = self._methods.result(name, method, arguments)
        if found is not None and namespace.lower() == self._site:
            return found  # of classes too that have nothing but methods for us
        raise WmiError(INVALID_METHOD, f"invalid method {self._class(namespace, name).name}.{method}")

    def _load(self, name: str, rows: list[dict[str, Any]], now: datetime) -> tuple[Instance, ...]:
        cls = classes().get(name.lower())
        if cls is None or cls.embedded:
            raise ConfigurationError(f"scenario {self._scenario.name}: the lab has no class {name!r}")
        try:
            loaded = [_row(cls, row, self._scenario.build, now) for row in rows]
        except ConfigurationError as error:
            raise ConfigurationError(f"scenario {self._scenario.name}: {error}") from error
        return tuple(loaded)

    def _check(self, namespace: str) -> None:
        if namespace.lower() not in (_ROOT, self._site):
            raise WmiError(INVALID_NAMESPACE, f"invalid namespace {namespace}")

    def _class(self, namespace: str, name: str) -> WmiClass:
        cls = classes().get(name.lower())
        home = self._site if cls is None or cls.namespace == "site" else _ROOT
        if cls is None or cls.embedded or namespace.lower() != home:
            raise WmiError(INVALID_CLASS, f"invalid class {name}")
        return cls

    def _column(self, cls: WmiClass, name: str) -> str:
        for column in cls.columns_at(self._scenario.build):
            if column.lower() == name.lower():
                return column
        raise WmiError(INVALID_QUERY, f"{cls.name} has no column {name}")

    def _seen(self, cls: WmiClass) -> tuple[Instance, ...]:
        rows = self._rows.get(cls.name.lower(), ())
        keys = self._visible.get(cls.name.lower())
        return rows if keys is None else tuple(row for row in rows if row.key in keys)


def _row(cls: WmiClass, row: dict[str, Any], build: int, now: datetime) -> Instance:
    complete = settled({**cls.defaults, **row}, now)
    return instance(cls, cast("dict[str, Any]", complete), build)


def _without_lazy(row: Instance) -> Instance:
    if not row.cls.lazy:
        return row
    return Instance(row.cls, {n: None if n in row.cls.lazy else v for n, v in row.cells.items()})


def _equal(value: object, wanted: wql.Literal) -> bool:
    """WMI compares text without regard to case."""
    if isinstance(value, str) and isinstance(wanted, str):
        return value.casefold() == wanted.casefold()
    return value == wanted
