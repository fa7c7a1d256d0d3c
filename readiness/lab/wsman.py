"""The WS-Man service in front of the provider: sign-in, encryption, and the actions that read."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from readiness.lab import envelopes, sealing, soap_faults
from readiness.lab.classes import Instance
from readiness.lab.envelopes import ENUMERATION, TRANSFER, WMI, Envelope
from readiness.lab.faults import Faults
from readiness.lab.login import Admission, Door
from readiness.lab.methods import writes
from readiness.lab.scenario import Fault, Scenario
from readiness.lab.server import Request, Response
from readiness.lab.wmi import Found, Wmi, WmiError

ENVELOPE_CHARACTERS = 512_000
"""How large an answer is at most: `MaxEnvelopeSizekb` of a server that nobody configured, 500."""
_ENVELOPE_OVERHEAD = 2_000
_SOAP_TYPE = ("Content-Type", "application/soap+xml;charset=UTF-8")


class SoapFaultError(Exception):
    """A fault of the service itself, by its WSManFault code."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(slots=True)
class Enumeration:
    """An open enumeration: what is left of it."""

    found: Found
    namespace: str
    left: tuple[Instance, ...]
    used: float


class WsMan:
    """Answers every request of the site's port.

    Args:
        encrypted: the port is plain http, so only sealed messages are taken.
        characters: how large an answer is at most; a smaller one makes more pages.
    """

    def __init__(
        self,
        scenario: Scenario,
        wmi: Wmi,
        door: Door,
        faults: Faults,
        *,
        encrypted: bool,
        characters: int = ENVELOPE_CHARACTERS,
    ) -> None:
        self._machine = scenario.site.server
        self._idle_seconds = scenario.site.context_seconds
        self._wmi = wmi
        self._door = door
        self._faults = faults
        self._encrypted = encrypted
        self._characters = characters
        self._classes: dict[str, str] = {}
        self._open: dict[str, Enumeration] = {}
        self._lock = threading.Lock()
        self._actions: dict[str, Callable[[Envelope], str]] = {
            f"{ENUMERATION}/Enumerate": self._enumerate,
            f"{ENUMERATION}/Pull": self._pull,
            f"{ENUMERATION}/Release": self._release,
            f"{TRANSFER}/Get": self._get,
        }

    def __call__(self, request: Request) -> Response:
        if request.target.partition("?")[0].rstrip("/").lower() != "/wsman":
            return Response("wsman", 404, summary="no such path")
        if request.method != "POST":
            return Response("wsman", 405, headers=(("Allow", "POST"),), summary="no such method")
        admitted = self._door.admit(request)
        return admitted if isinstance(admitted, Response) else self._converse(request, admitted)

    def _converse(self, request: Request, admitted: Admission) -> Response:
        """Serve an admitted request. An empty one only signs in, which is how clients begin before they encrypt."""
        if not request.body:
            return Response("wsman", 200, headers=admitted.headers, summary="sign-in", leg=admitted.leg)
        sealed = request.headers.get("Content-Type", "").lower().startswith("multipart/encrypted")
        if not sealed and self._encrypted:
            # As Windows does while AllowUnencrypted is false.
            return Response("wsman", 500, headers=admitted.headers, summary="unencrypted", leg=admitted.leg)
        context = admitted.context if sealed else None
        try:
            body = request.body if context is None else sealing.unseal(context, request.body)
            envelope = envelopes.read(body)
        except ValueError:
            return Response("wsman", 400, headers=admitted.headers, summary="not understood", leg=admitted.leg)
        status, answer = self._answer(envelope)
        said = Response("wsman", status, answer, admitted.headers, self._summary(envelope), admitted.leg)
        if context is None:
            return replace(said, headers=(*said.headers, _SOAP_TYPE))
        kind = ("Content-Type", sealing.CONTENT_TYPE)
        return replace(said, headers=(*said.headers, kind), seal=partial(sealing.seal, context))

    def _answer(self, asked: Envelope) -> tuple[int, bytes]:
        """HTTP status and envelope. A fault is always a 500."""
        try:
            action = self._actions.get(asked.action, self._invoke if _getter(asked) else _refuse)
            return 200, envelopes.answer(f"{asked.action}Response", asked.message_id, action(asked))
        except SoapFaultError as fault:
            body = soap_faults.wsman_fault(fault.code, str(fault), self._machine)
            return 500, envelopes.answer(soap_faults.WSMAN_ACTION, asked.message_id, body)
        except WmiError as error:
            body = soap_faults.wmi_fault(error.hresult, str(error))
            return 500, envelopes.answer(soap_faults.ADDRESSING_ACTION, asked.message_id, body)

    def _enumerate(self, asked: Envelope) -> str:
        namespace, cls = _place(asked.resource)
        if cls != "*":
            raise SoapFaultError(soap_faults.URI_MUST_END_IN_STAR, "the resource URI of a query ends in *")
        if asked.filter_dialect != envelopes.WQL_DIALECT or not asked.filter:
            raise SoapFaultError(soap_faults.SCHEMA_VALIDATION, "only WQL filters are understood")
        found = self._wmi.query(namespace, asked.filter)
        self._fail(found.cls.name)
        enumeration = Enumeration(found, namespace, found.rows, time.monotonic())
        if not asked.optimize:
            return f"<n:EnumerateResponse>{self._context(enumeration)}</n:EnumerateResponse>"
        page = self._page(enumeration, asked)
        context = self._context(enumeration) if enumeration.left else "<n:EnumerationContext/>"
        end = "" if enumeration.left else "<w:EndOfSequence/>"
        return f"<n:EnumerateResponse>{context}<w:Items>{page}</w:Items>{end}</n:EnumerateResponse>"

    def _pull(self, asked: Envelope) -> str:
        enumeration = self._take(asked.context)
        self._fail(enumeration.found.cls.name)
        page = self._page(enumeration, asked)
        context = self._context(enumeration, asked.context) if enumeration.left else ""
        end = "" if enumeration.left else "<n:EndOfSequence/>"
        return f"<n:PullResponse>{context}<n:Items>{page}</n:Items>{end}</n:PullResponse>"

    def _release(self, asked: Envelope) -> str:
        self._take(asked.context)
        return ""

    def _get(self, asked: Envelope) -> str:
        namespace, cls = _place(asked.resource)
        self._fail(cls)
        try:
            return envelopes.whole(self._wmi.get(namespace, cls, asked.selectors), namespace)
        except KeyError as error:
            raise SoapFaultError(soap_faults.UNEXPECTED_SELECTORS, f"not the keys of {error.args[0]}") from error

    def _invoke(self, asked: Envelope) -> str:
        namespace, cls = _place(asked.resource)
        self._fail(cls)
        result = self._wmi.invoke(namespace, cls, _getter(asked), asked.arguments)
        return envelopes.output(namespace, cls, _getter(asked), result)

    def _page(self, enumeration: Enumeration, asked: Envelope) -> str:
        """The next rows, as many as asked for and as the answer may hold; they leave the enumeration."""
        room = min(asked.max_envelope_size, self._characters) - _ENVELOPE_OVERHEAD
        rows = enumeration.left[: max(asked.max_elements, 1)]
        taken: list[str] = []
        for item in envelopes.items(enumeration.found, rows, enumeration.namespace):
            room -= len(item)
            if room < 0:
                break
            taken.append(item)
        if rows and not taken:
            raise SoapFaultError(soap_faults.ENVELOPE_TOO_LARGE, "an item is larger than MaxEnvelopeSize")
        enumeration.left = enumeration.left[len(taken) :]
        return "".join(taken)

    def _context(self, enumeration: Enumeration, known: str = "") -> str:
        """Keep the enumeration for the next Pull, and name it."""
        name = known or f"uuid:{str(uuid.uuid4()).upper()}"
        enumeration.used = time.monotonic()
        with self._lock:
            self._open[name] = enumeration
            self._classes[name] = enumeration.found.cls.name
        return f"<n:EnumerationContext>{envelopes.xml_text(name)}</n:EnumerationContext>"

    def _take(self, name: str) -> Enumeration:
        with self._lock:
            enumeration = self._open.pop(name, None)
        if enumeration is None or time.monotonic() - enumeration.used > self._idle_seconds:
            raise SoapFaultError(soap_faults.ENUMERATION_CLOSED, "the enumeration context is not valid")
        return enumeration

    def _summary(self, asked: Envelope) -> str:
        """What the journal says of a request: the question, the method and its arguments, or the page of what class."""
        action = asked.action.rpartition("/")[2]
        cls = asked.resource.rpartition("/")[2]
        if _getter(asked):
            return " ".join([f"{cls}.{action}", *(f"{name}={value}" for name, value in asked.arguments.items())])
        match action:
            case "Enumerate":
                return asked.filter
            case "Pull" | "Release":
                return f"{action} {self._classes.get(asked.context, 'of nothing')}"
            case "Get":
                return " ".join([action, cls, *(f"{name}={value}" for name, value in asked.selectors.items())])
        return f"refused: {action} {cls}"

    def _fail(self, cls: str) -> None:
        """Let the fault happen that the scenario declares for the class, if it does."""
        fault: Fault | None = self._faults.take("wsman", cls)
        if fault is None:
            return
        if fault.hresult is not None:
            raise WmiError(fault.hresult, "declared by the scenario")
        raise SoapFaultError(fault.code or soap_faults.ACCESS_DENIED, "declared by the scenario")


def _refuse(asked: Envelope) -> str:
    """Whatever is not reading: Put, Create, Delete, Subscribe, methods that write."""
    raise SoapFaultError(soap_faults.ACTION_NOT_SUPPORTED, f"the action {asked.action} is not supported")


def _place(resource: str) -> tuple[str, str]:
    r"""Namespace (`root\sms\site_P01`) and class of a resource URI."""
    path = resource.removeprefix(WMI)
    namespace, _, cls = path.rpartition("/")
    if path == resource or not namespace or not cls:
        raise SoapFaultError(soap_faults.INVALID_RESOURCE_URI, "the resource URI names no WMI class")
    return namespace.replace("/", "\\"), cls


def _getter(asked: Envelope) -> str:
    """The method that an Invoke calls: its action is the resource URI and the name. Empty if it is none that reads."""
    known = asked.resource.startswith(WMI) and asked.action.startswith(f"{asked.resource}/")
    method = asked.action.removeprefix(f"{asked.resource}/") if known else ""
    return "" if writes(method) else method
