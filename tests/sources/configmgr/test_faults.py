"""Faults in both forms: what each code means to the reading, and that the code is shown."""

from __future__ import annotations

import pytest
from defusedxml.ElementTree import fromstring

from readiness.model.words import Reason
from readiness.sources.configmgr.faults import WsManFault, fault_in
from readiness.sources.configmgr.wsman import SOAP
from tests.servers.soap import NAMESPACES, wmi_fault, wsman_fault


def fault(text: str) -> WsManFault:
    body = fromstring(f"<s:Body {NAMESPACES}>{text}</s:Body>")
    found = fault_in(body, "cm01:5986")
    assert found is not None
    return found


REASONS = [
    (5, Reason.ACCESS_DENIED),
    (0x80041003, Reason.ACCESS_DENIED),
    (2150859012, Reason.ACCESS_DENIED),
    (2150859013, Reason.ACCESS_DENIED),
    (2150859014, Reason.ACCESS_DENIED),
    (0x8004100E, Reason.WRONG_TARGET),
    (2150858754, Reason.WRONG_TARGET),
    (0x80041010, Reason.UNSUPPORTED_VERSION),
    (0x80041017, Reason.UNSUPPORTED_VERSION),
    (2150858793, Reason.TIMED_OUT),
    (2150859046, Reason.TIMED_OUT),
    (2150858815, Reason.THROTTLED),
    (2150859174, Reason.THROTTLED),
    (2150859240, Reason.THROTTLED),
    (2150858759, Reason.BAD_ANSWER),
    (2150858755, Reason.BAD_ANSWER),
    (4711, Reason.BAD_ANSWER),
]


@pytest.mark.parametrize(("code", "reason"), REASONS)
@pytest.mark.parametrize("form", [wsman_fault, wmi_fault])
def test_a_code_means_the_same_in_both_forms(form: object, code: int, reason: Reason) -> None:
    found = fault(form(code))  # type: ignore[operator]
    assert (found.code, found.reason) == (code, reason)
    assert str(code) in str(found)
    assert f"0x{code:08X}" in str(found)
    assert "cm01:5986" in str(found)


def test_the_innermost_known_code_says_what_happened() -> None:
    """WinRM wraps what the WMI provider said in a code of its own."""
    inner = '<f:WSManFault Code="2147749904" Machine="cm01"><f:Message>no class</f:Message></f:WSManFault>'
    inner = f"<f:ProviderFault>{inner}</f:ProviderFault>"
    found = fault(wsman_fault(2150858755, inner))
    assert (found.code, found.codes) == (0x80041010, (2150858755, 0x80041010))
    assert found.words == "no class"
    assert found.reason is Reason.UNSUPPORTED_VERSION


def test_signed_codes_are_the_same_codes() -> None:
    text = wmi_fault(0x8004100E).replace(str(0x8004100E), str(0x8004100E - 2**32))
    assert fault(text).reason is Reason.WRONG_TARGET


@pytest.mark.parametrize("text", ["<s:Fault/>", "<s:Fault><s:Detail><f:WSManFault Code='x'/></s:Detail></s:Fault>"])
def test_a_fault_without_a_code_is_a_bad_answer(text: str) -> None:
    found = fault(text)
    assert (found.code, found.reason) == (0, Reason.BAD_ANSWER)


def test_hostile_words_are_printable() -> None:
    text = wsman_fault(4711).replace("machine says no", "red &#x9b;31m\nSECOND LINE " + "x" * 9999)
    assert str(fault(text)).isprintable()
    assert len(str(fault(text))) < 600


def test_only_a_missing_instance_is_not_found() -> None:
    """An invalid namespace, wrapped in the code for "not found", is no empty answer."""
    assert fault(wmi_fault(0x80041002)).not_found
    assert fault(wsman_fault(2150858752)).not_found
    assert not fault(wsman_fault(5)).not_found
    wrapped = wsman_fault(2150858752, '<f:WSManFault Code="2147749902"/>')
    assert not fault(wrapped).not_found


@pytest.mark.parametrize(
    ("code", "unknown"), [(0x80041010, "class"), (0x80041017, "column"), (0x8004102E, "method"), (5, None)]
)
def test_what_a_release_does_not_know_is_told_apart(code: int, unknown: str | None) -> None:
    assert fault(wmi_fault(code)).unknown == unknown


def test_no_fault_is_none() -> None:
    assert fault_in(fromstring(f'<s:Body xmlns:s="{SOAP}"/>'), "cm01") is None
