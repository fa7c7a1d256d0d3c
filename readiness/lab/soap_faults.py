"""The two forms of a WS-Man fault: of the service itself, and of WMI behind it (reference: configmgr.md, Q7)."""

from __future__ import annotations

from readiness.lab.envelopes import xml_text

WSMAN_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
ADDRESSING_ACTION = "http://schemas.xmlsoap.org/ws/2004/08/addressing/fault"

ACCESS_DENIED = 5
INVALID_RESOURCE_URI = 2150858754
ENUMERATION_CLOSED = 2150858759
SCHEMA_VALIDATION = 2150858817
ENVELOPE_TOO_LARGE = 2150858823
ACTION_NOT_SUPPORTED = 2150858753
UNEXPECTED_SELECTORS = 2150858843
URI_MUST_END_IN_STAR = 2150859003


def wsman_fault(code: int, words: str, machine: str) -> str:
    """Body of a fault of the WS-Man service itself."""
    sender = "s:Sender" if code in (5, 2150858752, 2150858754, 2150858843, 2150859003) else "s:Receiver"
    subcode = _SUBCODES.get(code, "w:InternalError")
    return _fault(
        sender,
        subcode,
        words,
        f'<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code="{code}"'
        f' Machine="{xml_text(machine)}"><f:Message>{xml_text(words)}</f:Message></f:WSManFault>',
    )


def wmi_fault(hresult: int, words: str) -> str:
    """Body of a fault of WMI, passed on by the service."""
    uri = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError"
    status = _CIM_STATUS.get(hresult, 1)
    return _fault(
        "s:Sender",
        "a:DestinationUnreachable" if status == 3 else "w:InternalError",
        words,
        f'<p:MSFT_WmiError xmlns:p="{uri}" xmlns:x="http://www.w3.org/2001/XMLSchema" xsi:type="p:MSFT_WmiError_Type">'
        f'<p:CIMStatusCode xsi:type="x:unsignedInt">{status}</p:CIMStatusCode>'
        f"<p:Message>{xml_text(words)}</p:Message><p:MessageID>HRESULT 0x{hresult:08x}</p:MessageID>"
        f"<p:error_Category>0</p:error_Category><p:error_Code>{hresult}</p:error_Code>"
        "<p:error_Type>HRESULT</p:error_Type><p:error_WindowsErrorMessage/></p:MSFT_WmiError>",
    )


_SUBCODES = {
    5: "w:AccessDenied",
    2150858752: "w:InvalidSelectors",
    2150858754: "a:DestinationUnreachable",
    2150858759: "n:InvalidEnumerationContext",
    2150858793: "w:TimedOut",
    2150858817: "w:SchemaValidationError",
    2150858823: "w:EncodingLimit",
    2150858843: "w:InvalidSelectors",
    2150859003: "a:DestinationUnreachable",
    2150859174: "w:QuotaLimit",
}
_CIM_STATUS = {0x80041003: 2, 0x8004100E: 3, 0x80041010: 5, 0x80041002: 6, 0x80041017: 15}


def _fault(code: str, subcode: str, words: str, detail: str) -> str:
    return (
        f"<s:Fault><s:Code><s:Value>{code}</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{xml_text(words)}</s:Text></s:Reason>'
        f"<s:Detail>{detail}</s:Detail></s:Fault>"
    )
