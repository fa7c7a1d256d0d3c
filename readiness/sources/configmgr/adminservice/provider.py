r"""The SMS Provider over the administration service: `https://<server>/AdminService/wmi/<Class>`.

The service has the namespace of its own site only. `root\sms`, where `SMS_ProviderLocation` says which site a provider
is for, is not on its route: `SMS_Identification` says the same of the one provider that answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from readiness.sources.configmgr.adminservice import odata
from readiness.sources.configmgr.adminservice.answers import instance_of, output_of
from readiness.sources.configmgr.adminservice.faults import ServiceFault
from readiness.sources.configmgr.adminservice.line import Line
from readiness.sources.configmgr.adminservice.listing import Listing, Pages
from readiness.sources.configmgr.columns import joined
from readiness.sources.configmgr.getters import require_getter
from readiness.sources.configmgr.pool import WORKERS, Gate, Lines
from readiness.sources.configmgr.provider import Answer, Row, Value
from readiness.sources.configmgr.target import Target
from readiness.sources.configmgr.wql import call, portions, select, select_instance
from readiness.sources.deadline import Deadline
from readiness.sources.exchange import Limits
from readiness.sources.failures import GuardRefusal

AnyOf = tuple[str, Sequence[str | int]]


class AdminServiceProvider:
    """A `Provider` over the administration service. For any number of threads. Nothing is sent before a question."""

    def __init__(
        self,
        target: Target,
        deadline: Deadline,
        *,
        limits: Limits | None = None,
        pages: Pages | None = None,
        workers: int = WORKERS,
    ) -> None:
        self.target = target
        self.identity = target.identity
        """As whom the server is asked: the user name, or "current logon"."""
        self._pages = pages or Pages()
        gate = Gate(deadline)
        own_limits = limits or Limits()
        self._lines = Lines(lambda: Line(target, deadline, own_limits, gate), gate, workers, deadline)

    def __repr__(self) -> str:
        return f"AdminServiceProvider({self.target!r})"

    @property
    def simulated(self) -> bool:
        """Whether any answer came from the simulated estate."""
        return self._lines.simulated

    def rows(
        self,
        namespace: str,
        cls: str,
        columns: Sequence[str],
        where: Mapping[str, Value] | None = None,
        *,
        any_of: AnyOf | None = None,
        optional: Sequence[str] = (),
    ) -> Answer:
        """See `Provider.rows`. Where a column is unknown, all columns are asked for, and the rows tell which is."""
        if (namespace.lower(), cls) == (r"root\sms", "SMS_ProviderLocation"):
            return self._location(columns, where)
        _require_site(namespace)
        names = (*columns, *optional)
        wql = select(cls, names, where, any_of)
        try:
            answer = self._ask(cls, names, where, any_of, wql)
        except ServiceFault as fault:
            if not optional or not _may_be_a_column(fault):
                raise
            answer = self._ask(cls, None, where, any_of, wql)
            return replace(answer, missing=_absent(answer.rows, optional))
        return replace(answer, missing=_absent(answer.rows, optional) if answer.rows else frozenset())

    def instance(self, namespace: str, cls: str, keys: Mapping[str, str | int]) -> Answer:
        """See `Provider.instance`. The service says 404 for an unknown class as for a missing instance."""
        _require_site(namespace)
        wql, path = select_instance(cls, keys), odata.instance_path(cls, keys)

        def read(line: Line) -> Answer:
            try:
                rows = instance_of(line.get(path, "instance"), line.where, cls)
            except ServiceFault as fault:
                if fault.status != 404:
                    raise
                rows = []
            return Answer(rows, wql, None, line.clock_skew_seconds)

        return self._lines.read(read)

    def invoke(self, namespace: str, cls: str, method: str, arguments: Mapping[str, str]) -> Answer:
        """See `Provider.invoke`."""
        _require_site(namespace)
        require_getter(cls, method, arguments)
        path = odata.method_path(cls, method)

        def read(line: Line) -> Answer:
            row = output_of(line.call(path, arguments), line.where, f"{cls}.{method}")
            return Answer([row], call(cls, method, arguments), None, line.clock_skew_seconds)

        return self._lines.read(read)

    def close(self) -> None:
        """Close the connections."""
        self._lines.close()

    def _ask(
        self,
        cls: str,
        columns: Sequence[str] | None,
        where: Mapping[str, Value] | None,
        any_of: AnyOf | None,
        wql: str,
    ) -> Answer:
        parts = [(any_of[0], values) for values in portions(any_of[1])] if any_of else [None]
        return joined([self._list(cls, _pager(cls, columns, where, part, self._pages.top), wql) for part in parts], wql)

    def _list(self, cls: str, path_at: Callable[[int], str], wql: str) -> Answer:
        def read(line: Line) -> Answer:
            rows = Listing(line, cls, path_at, self._pages).read()
            return Answer(rows, wql, None, line.clock_skew_seconds)

        return self._lines.read(read)

    def _location(self, columns: Sequence[str], where: Mapping[str, Value] | None) -> Answer:
        """The rows of `SMS_ProviderLocation` that are for the local site: the provider that answers, and no other."""
        if where != {"ProviderForLocalSite": True}:
            raise GuardRefusal(r"root\sms SMS_ProviderLocation of other sites over the administration service")
        names = ("ThisSiteCode", "SMSProviderServer")
        wql = select("SMS_Identification", names)
        answer = self._ask("SMS_Identification", names, None, None, wql)
        rows = [_provider_location(row) for row in answer.rows]
        absent = [column for column in columns for row in rows if column not in row]
        if absent:
            raise GuardRefusal(f"SMS_ProviderLocation.{absent[0]} over the administration service")
        return replace(answer, rows=rows)


def _provider_location(row: Row) -> Row:
    code, machine = row.text("ThisSiteCode"), row.text("SMSProviderServer")
    cells = {
        "Machine": machine,
        "SiteCode": code,
        "NamespacePath": rf"\\{machine}\root\sms\site_{code}",
        "ProviderForLocalSite": True,
    }
    return Row("SMS_ProviderLocation", cells.items())


def _pager(
    cls: str, columns: Sequence[str] | None, where: Mapping[str, Value] | None, any_of: AnyOf | None, top: int
) -> Callable[[int], str]:
    return lambda skip: odata.rows_path(cls, columns, where, any_of, top, skip)


def _may_be_a_column(fault: ServiceFault) -> bool:
    """How the service refuses an unknown column in `$select` is not documented: any of these may be it."""
    return fault.unknown == "column" or fault.status in (400, 404, 500)


def _absent(rows: Sequence[Row], optional: Sequence[str]) -> frozenset[str]:
    return frozenset(column for column in optional if not any(column in row for row in rows))


def _require_site(namespace: str) -> None:
    if not odata.SITE_NAMESPACE.fullmatch(namespace):
        raise GuardRefusal(
            f"the namespace {namespace!r:.80} over the administration service, which has its site's only"
        )
