"""WS-Man answers, as a server writes them: the shapes of the captured fixtures in the reference."""

from __future__ import annotations

import re

NAMESPACES = (
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" '
    'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" '
    'xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" '
    'xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/sms/site_P01/SMS_Thing"'
)


def message_id(request: bytes) -> str:
    """The `MessageID` of a request."""
    found = re.search(rb"<a:MessageID>([^<]*)</a:MessageID>", request)
    assert found
    return found[1].decode()


def action(request: bytes) -> str:
    """The last word of the action of a request."""
    found = re.search(rb"<a:Action[^>]*>[^<]*/([A-Za-z]+)</a:Action>", request)
    assert found
    return found[1].decode()


def envelope(request: bytes, body: str, relates_to: str | None = None) -> bytes:
    """An answer to `request`; `relates_to` makes it lie about which one."""
    related = message_id(request) if relates_to is None else relates_to
    return (
        f"<s:Envelope {NAMESPACES}><s:Header><a:RelatesTo>{related}</a:RelatesTo></s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fragment(cells: str) -> str:
    """One row of chosen columns."""
    return f"<w:XmlFragment>{cells}</w:XmlFragment>"


def first_page(items: str, context: str = "") -> str:
    """The body of an Enumerate's answer; with a context, more is to come."""
    end = "" if context else "<w:EndOfSequence/>"
    return (
        f"<n:EnumerateResponse><n:EnumerationContext>{context}</n:EnumerationContext>"
        f"<w:Items>{items}</w:Items>{end}</n:EnumerateResponse>"
    )


def next_page(items: str, context: str = "", last: bool = True) -> str:
    """The body of a Pull's answer."""
    end = "<n:EndOfSequence/>" if last else ""
    stated = f"<n:EnumerationContext>{context}</n:EnumerationContext>" if context else ""
    return f"<n:PullResponse>{stated}<n:Items>{items}</n:Items>{end}</n:PullResponse>"


def wsman_fault(code: int, inner: str = "") -> str:
    """A fault in the form `WSManFault`."""
    return (
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>went wrong</s:Text></s:Reason>"
        f'<s:Detail><f:WSManFault Code="{code}" Machine="cm01"><f:Message>machine says no{inner}</f:Message>'
        "</f:WSManFault></s:Detail></s:Fault>"
    )


def wmi_fault(hresult: int) -> str:
    """A fault in the form `MSFT_WmiError`."""
    name = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError"
    return (
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>went wrong</s:Text></s:Reason>"
        f'<s:Detail><e:MSFT_WmiError xmlns:e="{name}"><e:CIMStatusCode>3</e:CIMStatusCode>'
        f"<e:Message>WMI says no</e:Message><e:MessageID>HRESULT 0x{hresult:08x}</e:MessageID>"
        f"<e:error_Code>{hresult}</e:error_Code></e:MSFT_WmiError></s:Detail></s:Fault>"
    )
