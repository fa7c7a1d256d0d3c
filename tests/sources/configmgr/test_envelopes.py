"""Our envelopes: in the form of the reference, and only ones that read."""

from __future__ import annotations

from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring

from readiness.sources.configmgr import wsman
from readiness.sources.configmgr.envelopes import Envelope, Heading, require_read_only
from readiness.sources.failures import GuardRefusal

HEADING = Heading("https://cm01:5986/wsman", 60)
NAMESPACE = r"root\sms\site_P01"
ALL = [
    HEADING.enumerate_wql(NAMESPACE, "SELECT A FROM B WHERE C = '<&\"'"),
    HEADING.pull(NAMESPACE, "uuid:1</n:EnumerationContext>"),
    HEADING.release(NAMESPACE, "uuid:1"),
    HEADING.get(NAMESPACE, "SMS_X", {"ID": "P01<'\">", "N": 5}),
    HEADING.invoke(NAMESPACE, "SMS_Collection", "GetServicePartners", {"CollectionID": "P01<'\">"}),
    HEADING.invoke(NAMESPACE, "SMS_Identification", "GetSiteID", {}),
]
INVOKE = ALL[4].body


def header(envelope: Envelope, name: str) -> str:
    for element in fromstring(envelope.body).iter():
        if wsman.local(element.tag) == name:
            return element.text or ""
    raise AssertionError(name)


@pytest.mark.parametrize("envelope", ALL, ids=lambda e: e.action.rpartition("/")[2])
def test_each_envelope_says_what_the_protocol_wants(envelope: Envelope) -> None:
    assert header(envelope, "To") == "https://cm01:5986/wsman"
    assert header(envelope, "Action") == envelope.action
    assert header(envelope, "MessageID") == envelope.message_id
    assert header(envelope, "OperationTimeout") == "PT60.000S"
    assert header(envelope, "MaxEnvelopeSize") == "512000"
    assert header(envelope, "ResourceURI").startswith(f"{wsman.WMI}/root/sms/site_P01/")
    require_read_only(envelope.body)


def test_texts_arrive_as_they_are() -> None:
    """Escaped, so that no name becomes markup."""
    assert header(ALL[0], "Filter") == "SELECT A FROM B WHERE C = '<&\"'"
    assert header(ALL[1], "EnumerationContext") == "uuid:1</n:EnumerationContext>"
    assert header(ALL[3], "Selector") == "P01<'\">"


def test_each_message_has_a_name_of_its_own() -> None:
    assert len({envelope.message_id for envelope in ALL}) == len(ALL)


@pytest.mark.parametrize(
    "action",
    [
        "http://schemas.xmlsoap.org/ws/2004/09/transfer/Put",
        "http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete",
        "http://schemas.xmlsoap.org/ws/2004/09/transfer/Create",
        "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/Command",
        f"{wsman.WMI}/root/sms/site_P01/SMS_Collection/ModifyServicePartners",
        "",
    ],
)
def test_what_does_not_only_read_is_refused(action: str) -> None:
    body = ALL[0].body.replace(wsman.ENUMERATE.encode(), action.encode())
    with pytest.raises(GuardRefusal):
        require_read_only(body)


def test_a_call_is_written_as_ws_management_wants_it() -> None:
    """The action is the class and the method, the arguments stand in the namespace of the class."""
    uri = f"{wsman.WMI}/root/sms/site_P01/SMS_Collection"
    assert ALL[4].action == f"{uri}/GetServicePartners"
    assert header(ALL[4], "ResourceURI") == uri
    given = fromstring(INVOKE).find(f".//{{{uri}}}GetServicePartners_INPUT/{{{uri}}}CollectionID")
    assert given is not None
    assert given.text == "P01<'\">"


@pytest.mark.parametrize(
    ("cls", "method", "arguments"),
    [
        ("SMS_Collection", "ModifyServicePartners", {"CollectionID": "P0100021", "ServicePartners": "0"}),
        ("SMS_CoMgmtConfigs", "AddTenantCollectionMapping", {"TenantID": "t", "CollectionSiteID": "P0100021"}),
        ("SMS_CoMgmtConfigs", "RemoveTenantCollectionMapping", {"TenantID": "t"}),
        ("SMS_Collection", "getservicepartners", {"CollectionID": "P0100021"}),
        ("SMS_Collection", "GetSiteID", {}),
        ("SMS_Collection", "GetServicePartners", {}),
        ("SMS_Collection", "GetServicePartners", {"CollectionID": "P0100021", "ServicePartners": "1"}),
        ("SMS_Identification", "GetSiteID", {"More": "x"}),
    ],
)
def test_what_is_no_listed_getter_is_never_written(cls: str, method: str, arguments: dict[str, str]) -> None:
    with pytest.raises(GuardRefusal):
        HEADING.invoke(NAMESPACE, cls, method, arguments)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"GetServicePartners", b"ModifyServicePartners"),
        (b"/GetServicePartners", b"/ModifyServicePartners"),
        (b"GetServicePartners_INPUT", b"ModifyServicePartners_INPUT"),
        (b"SMS_Collection</w:ResourceURI>", b"SMS_Other</w:ResourceURI>"),
        (b"SMS_Collection/GetServicePartners<", b"SMS_Other/GetServicePartners<"),
        (b"root/sms/site_P01", b"root/cimv2"),
        (b"root/sms/site_P01", b"root/sms/site_P01/x"),
        (b"<w:ResourceURI ", b"<w:ResourceURI>x</w:ResourceURI><w:ResourceURI "),
        (b"</i:CollectionID>", b"</i:CollectionID><i:ServicePartners>1</i:ServicePartners>"),
        (b"</i:CollectionID>", b"</i:CollectionID><i:CollectionID>P0100022</i:CollectionID>"),
        (b"</i:CollectionID>", b"<i:x/></i:CollectionID>"),
        (b"</i:CollectionID>", b"</i:CollectionID><ServicePartners>1</ServicePartners>"),
        (b"<s:Body>", b"<s:Body><x/>"),
    ],
)
def test_a_call_that_is_not_exactly_a_listed_one_is_refused(old: bytes, new: bytes) -> None:
    """Class and method in resource, action and body must all be the same, and the arguments no others."""
    require_read_only(INVOKE)
    assert old in INVOKE
    with pytest.raises(GuardRefusal):
        require_read_only(INVOKE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<a:Action ", b"<a:Action>http://x/Put</a:Action><a:Action "),
        (b"<s:Body>", b"<s:Body/><s:Body>"),
        (b"<s:Envelope ", b'<!DOCTYPE x [<!ENTITY a "b">]><s:Envelope '),
        (b"</s:Envelope>", b""),
        (b"2003/05/soap-envelope", b"2003/05/other"),
    ],
)
def test_a_message_that_could_be_read_two_ways_is_refused(old: bytes, new: bytes) -> None:
    with pytest.raises(GuardRefusal):
        require_read_only(ALL[0].body.replace(old, new))


def test_the_libraries_are_loaded_only_when_asked_for() -> None:
    """`--help` and `assess` never pay for winrm and requests."""
    import subprocess
    import sys

    folder = Path(wsman.__file__).parent
    lazy = {"transport", "signin", "encryption"}  # what a provider loads when it first connects
    names = [f"readiness.sources.configmgr.{p.stem}" for p in folder.glob("*.py") if p.stem not in lazy]
    script = f"import sys, importlib\nfor n in {names!r}: importlib.import_module(n.removesuffix('.__init__'))\n"
    script += "from readiness.sources.configmgr.winrm import connect\nfrom readiness.sources.deadline import Deadline\n"
    script += "connect('cm01', deadline=Deadline(1))\n"
    script += "print({m.partition('.')[0] for m in sys.modules} & {'winrm', 'requests', 'pypsrp', 'urllib3', 'spnego'})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "set()"
