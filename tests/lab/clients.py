"""Real clients against the lab: requests with MSAL for the cloud, requests with pypsrp's sign-in for the site."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import msal
import requests
from defusedxml.ElementTree import fromstring
from pypsrp.negotiate import HTTPNegotiateAuth

from readiness.lab import Lab

NAMES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "n": "http://schemas.xmlsoap.org/ws/2004/09/enumeration",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
    "e": "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError",
    "cim": "http://schemas.dmtf.org/wbem/wscim/1/common",
}
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/sms/site_P01/"


def session(lab: Lab, folder: Path) -> requests.Session:
    """A session that trusts the lab's authority, and nothing that the environment says."""
    made = requests.Session()
    made.trust_env = False
    (folder / "ca.pem").write_bytes(lab.ca_pem)
    made.verify = str(folder / "ca.pem")
    return made


class Cloud:
    """An application that signs in with its client secret."""

    def __init__(self, lab: Lab, web: requests.Session) -> None:
        self._lab = lab
        self._web = web

    def sign_in(self, *, tenant: str = "", client: str = "", secret: str = "", scope: str = "") -> dict[str, Any]:
        """What MSAL answers: a token, or the error of the token endpoint."""
        known = self._lab.scenario.tenant
        application = msal.ConfidentialClientApplication(
            client or known.client_id,
            client_credential=secret or known.client_secret,
            authority=f"{self._lab.graph_origin}/{tenant or known.id}",
            instance_discovery=False,
            http_client=self._web,
        )
        result = application.acquire_token_for_client([scope or f"{self._lab.graph_origin}/.default"])
        assert isinstance(result, dict)
        return result

    def signed_in(self) -> Cloud:
        self._web.headers["Authorization"] = f"Bearer {self.sign_in()['access_token']}"
        return self

    def get(self, path: str) -> requests.Response:
        address = path if path.startswith("https:") else f"{self._lab.graph_origin}/{path}"
        return self._web.get(address, timeout=10)

    def batch(self, *members: Mapping[str, Any], version: str = "v1.0") -> requests.Response:
        return self.send("POST", f"{version}/$batch", {"requests": list(members)})

    def send(self, method: str, path: str, content: Any = None) -> requests.Response:
        return self._web.request(method, f"{self._lab.graph_origin}/{path}", json=content, timeout=10)


class Site:
    """A WS-Man client that writes its envelopes itself."""

    def __init__(self, lab: Lab, web: requests.Session, auth: object = None) -> None:
        account = lab.scenario.site
        web.auth = auth or HTTPNegotiateAuth(account.username, account.password, auth_provider="ntlm")  # type: ignore[assignment]
        self._address = f"https://localhost:{lab.site_port}/wsman"
        self._web = web

    def post(self, envelope: str) -> requests.Response:
        headers = {"Content-Type": "application/soap+xml;charset=UTF-8"}
        return self._web.post(self._address, envelope.encode(), headers=headers, timeout=10)

    def ask(self, envelope: str) -> Element:
        """The body of the answer, whatever its status."""
        body = fromstring(self.post(envelope).content).find("s:Body", NAMES)
        assert body is not None
        return body

    def query(self, wql: str, most: int = 500, resource: str = f"{WMI}*", size: int = 512_000) -> Element:
        return self.ask(enumerate_envelope(wql, most, resource, size))

    def pull(self, context: str, most: int = 500) -> Element:
        inner = f"<n:EnumerationContext>{context}</n:EnumerationContext><n:MaxElements>{most}</n:MaxElements>"
        return self.ask(envelope_of(f"{ENUMERATION}/Pull", f"{WMI}*", f"<n:Pull>{inner}</n:Pull>"))

    def release(self, context: str) -> Element:
        inner = f"<n:Release><n:EnumerationContext>{context}</n:EnumerationContext></n:Release>"
        return self.ask(envelope_of(f"{ENUMERATION}/Release", f"{WMI}*", inner))

    def invoke(self, cls: str, method: str, **arguments: str) -> dict[str, str | None]:
        """The out-parameters; those that are null are None."""
        given = "".join(f"<i:{name}>{value}</i:{name}>" for name, value in arguments.items())
        inner = f'<i:{method}_INPUT xmlns:i="{WMI}{cls}">{given}</i:{method}_INPUT>'
        body = self.ask(envelope_of(f"{WMI}{cls}/{method}", f"{WMI}{cls}", inner))
        found = body.find(f"{{{WMI}{cls}}}{method}_OUTPUT")
        assert found is not None, wmi_message_id(body)
        return {cell.tag.rpartition("}")[2]: None if cell.get(NIL) else cell.text for cell in found}

    def get(self, cls: str, **keys: str) -> Element:
        selectors = "".join(f'<w:Selector Name="{name}">{value}</w:Selector>' for name, value in keys.items())
        selector_set = f"<w:SelectorSet>{selectors}</w:SelectorSet>"
        return self.ask(envelope_of(f"{TRANSFER}/Get", f"{WMI}{cls}", "", selector_set))


def enumerate_envelope(wql: str, most: int = 500, resource: str = f"{WMI}*", size: int = 512_000) -> str:
    inner = (
        f"<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>{most}</w:MaxElements>"
        '<w:Filter Dialect="http://schemas.microsoft.com/wbem/wsman/1/WQL">'
        f"{wql}</w:Filter></n:Enumerate>"
    )
    return envelope_of(f"{ENUMERATION}/Enumerate", resource, inner, size=size)


def envelope_of(action: str, resource: str, body: str, selectors: str = "", size: int = 512_000) -> str:
    names = " ".join(f'xmlns:{prefix}="{NAMES[prefix]}"' for prefix in "sanw")
    return (
        f"<s:Envelope {names}><s:Header><a:To>https://localhost/wsman</a:To>"
        f'<w:ResourceURI s:mustUnderstand="true">{resource}</w:ResourceURI>'
        f'<a:Action s:mustUnderstand="true">{action}</a:Action>'
        f"<w:MaxEnvelopeSize>{size}</w:MaxEnvelopeSize><a:MessageID>uuid:{uuid.uuid4()}</a:MessageID>"
        f"<w:OperationTimeout>PT60S</w:OperationTimeout>{selectors}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )


def texts(body: Element, column: str) -> list[str | None]:
    """Values of a column in all fragments of an answer."""
    return [fragment.findtext(column) for fragment in body.iterfind(".//w:XmlFragment", NAMES)]


def context_of(body: Element) -> str:
    return body.findtext(".//n:EnumerationContext", "", NAMES)


def wsman_code(body: Element) -> str | None:
    """Code of a WSManFault."""
    fault = body.find(".//f:WSManFault", NAMES)
    return None if fault is None else fault.get("Code")


def wmi_message_id(body: Element) -> str | None:
    """MessageID of a MSFT_WmiError, such as `HRESULT 0x80041010`."""
    return body.findtext(".//e:MSFT_WmiError/e:MessageID", None, NAMES)
