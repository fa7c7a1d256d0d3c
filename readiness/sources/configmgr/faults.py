"""Faults: what the server says when it does not answer, in both of its forms (reference: configmgr.md Q7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element

from readiness.model.words import Reason
from readiness.sources.configmgr.causes import LEVEL, MACHINE, NAMESPACE_RIGHT
from readiness.sources.configmgr.provider import ProviderFault, Unknown
from readiness.sources.configmgr.wsman import SOAP, local
from readiness.text import one_line


class Meaning(NamedTuple):
    """What a code means to us: the reason of the contract, and what a person reads."""

    reason: Reason
    words: str


_ACCESS = Meaning(
    Reason.ACCESS_DENIED,
    "the account may not read there: it must be in Remote Management Users (or Administrators) and in SMS Admins "
    f"on this server. For {MACHINE}: put it into the first (it counts from its next logon); the second it joins as an "
    "administrative user of the site",
)
_WMI = Meaning(Reason.ACCESS_DENIED, f"{NAMESPACE_RIGHT.told('')}; {LEVEL}")
_NAMESPACE = Meaning(
    Reason.WRONG_TARGET,
    "the WMI namespace does not exist there: wrong site code, or a server without the SMS Provider",
)
_SCHEMA = Meaning(Reason.UNSUPPORTED_VERSION, "this release of Configuration Manager does not know what was asked for")
_SLOW = Meaning(Reason.TIMED_OUT, "the server gave up before the answer was ready; try again later")
_QUOTA = Meaning(Reason.THROTTLED, "a quota of the server is used up; try again when it is less busy")

MEANINGS: dict[int, Meaning] = {
    5: _ACCESS,
    0x80070005: _ACCESS,
    0x80041003: _WMI,  # WBEM_E_ACCESS_DENIED
    2150859012: _ACCESS,  # the WMI service denied access
    2150859013: _ACCESS,  # the WMI provider denied access
    2150859014: _ACCESS,  # connecting to WMI was denied
    0x8004100E: _NAMESPACE,  # WBEM_E_INVALID_NAMESPACE
    2150858752: _NAMESPACE,  # the resource was not found; on a Get: the instance
    2150858754: _NAMESPACE,  # invalid resource URI
    0x80041010: _SCHEMA,  # WBEM_E_INVALID_CLASS
    0x80041017: _SCHEMA,  # WBEM_E_INVALID_QUERY: an unknown column
    0x8004102E: _SCHEMA,  # WBEM_E_INVALID_METHOD
    0x8004102F: _SCHEMA,  # WBEM_E_INVALID_METHOD_PARAMETERS
    2150858793: _SLOW,
    2150859046: _SLOW,
    0x80041069: _SLOW,  # WBEM_E_TIMED_OUT
    2150858815: _QUOTA,
    2150859174: _QUOTA,
    2150859175: _QUOTA,
    2150859176: _QUOTA,
    2150859240: _QUOTA,
    0x8004106C: _QUOTA,  # WBEM_E_QUOTA_VIOLATION
}
"""Codes of WS-Management (decimal, as the reference lists them) and of WMI (HRESULT)."""

NOT_FOUND = frozenset({0x80041002, 2150858752})
"""WBEM_E_NOT_FOUND, and WS-Management's own: on a Get, that there is no such instance."""


UNKNOWN: dict[int, Unknown] = {
    0x80041010: "class",
    0x80041017: "column",
    0x8004102E: "method",
    0x8004102F: "method",
}
"""What a release does not know, by the code with which it says so ([MS-WMI] 2.2.11)."""


class WsManFault(ProviderFault):
    """The server answered with a SOAP fault.

    Attributes:
        code: the most telling of its codes, as an unsigned number; 0 where it names none.
        codes: all of them, the outermost first.
        words: the server's own sentence, made printable.
    """

    def __init__(self, codes: tuple[int, ...], words: str, where: str) -> None:
        known = [code for code in codes if code in MEANINGS]
        # The innermost says what happened; those around it, that something did.
        self.code = known[-1] if known else codes[-1] if codes else 0
        self.codes = codes
        self.words = words
        self.unknown = UNKNOWN.get(self.code)
        meaning = MEANINGS.get(self.code, Meaning(Reason.BAD_ANSWER, "the server could not answer"))
        number = f"{self.code} (0x{self.code:08X})" if self.code else "none"
        said = f": {words}" if words else ""
        super().__init__(meaning.reason, f"{where}: {meaning.words}; fault code {number}{said}")

    @property
    def not_found(self) -> bool:
        """Whether, after a Get, this says only that there is no such instance."""
        return bool(NOT_FOUND.intersection(self.codes)) and self.code in NOT_FOUND


def fault_in(body: Element, where: str) -> WsManFault | None:
    """The fault in a SOAP body, if it holds one; `where` names the server."""
    fault = body.find(f"{{{SOAP}}}Fault")
    if fault is None:
        return None
    detail = fault.find(f"{{{SOAP}}}Detail")
    codes = tuple(_codes(fault if detail is None else detail))
    return WsManFault(codes, _words(fault), where)


def _codes(detail: Element) -> Iterator[int]:
    for element in detail.iter():
        name = local(element.tag)
        text = element.text or ""
        if name == "WSManFault":
            yield from _numbers(element.get("Code", ""))
        elif name in ("error_Code", "StatusCode"):
            yield from _numbers(text)
        elif name == "MessageID":
            yield from _numbers("".join(re.findall(r"^HRESULT (0x[0-9a-fA-F]{1,8})$", text.strip())))


def _numbers(text: str) -> Iterator[int]:
    if re.fullmatch(r"0x[0-9a-fA-F]{1,8}|-?[0-9]{1,10}", text.strip()):
        code = int(text, 0) if "x" in text else int(text)
        if code:
            yield code & 0xFFFFFFFF


def _words(fault: Element) -> str:
    """The most telling sentence: the innermost message, or else the reason."""
    messages = [e.text or "" for e in fault.iter() if local(e.tag) in ("Text", "Message")]
    said = [text for text in messages if text.strip()]
    return one_line(said[-1], 300) if said else ""
