"""The names of WS-Management that we speak: namespaces, actions ([MS-WSMV], DSP0226)."""

from __future__ import annotations

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
MICROSOFT = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
CIM = "http://schemas.dmtf.org/wbem/wscim/1/common"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi"
WQL_DIALECT = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
ANONYMOUS = f"{ADDRESSING}/role/anonymous"

ENUMERATE = f"{ENUMERATION}/Enumerate"
PULL = f"{ENUMERATION}/Pull"
RELEASE = f"{ENUMERATION}/Release"
GET = f"{TRANSFER}/Get"

READING = frozenset({ENUMERATE, PULL, RELEASE, GET})
"""All that we ever ask of a server: property 2 of the architecture."""

MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
"""What stands in `Authorization` where the client's certificate signs it in (DSP0226)."""

PATH = "/wsman"
"""Where WinRM listens."""


def local(tag: str) -> str:
    """The name of an element or attribute without its namespace."""
    return tag.rpartition("}")[2]


def namespace(tag: str) -> str:
    """The namespace of an element; empty where it has none."""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""
