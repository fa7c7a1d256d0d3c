"""One name, one alias, in the form of the name; and nothing of the name in it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.aliases import Aliases, Category, shaped
from readiness.recording.bodies import redacted_json
from readiness.recording.exchanges import kept_headers
from readiness.recording.places import place, schema, wql
from readiness.recording.sentences import own_words
from readiness.recording.xml import redacted_xml

FORMS = {
    "6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f": r"a11a5000-0000-4000-8000-[0-9a-f]{12}",
    "cm01.corp.fabrikam.com": r"host-\d\.domain-\d\.domain-\d\.example|domain-\d\.domain-\d\.domain-\d\.example",
    "fabrikam.com": r"domain-\d\.example",
    "fabrikam.onmicrosoft.com": r"domain-\d\.onmicrosoft\.com",
    "jane.doe@fabrikam.com": r"user-\d@domain-\d\.example",
    r"FABRIKAM\jane": r"DOMAIN-\d\\USER-\d",
    r"\\cm01.fabrikam.com\root\sms\site_FAB": r"\\\\host-\d\.domain-\d\.example\\root\\sms\\site_Z01",
    "FAB0002A": r"Z0100001",
    "10.20.30.40": r"198\.18\.0\.1",
    "fe80::1234": r"2001:db8::1",
    "S-1-5-21-1004336348-1177238915-682003330-1104": r"S-1-5-21-1-1-1-1",
    "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B": r"0{39}1",
    "https://cm01.fabrikam.com:8443": r"https://host-\d\.domain-\d\.example:8443",
    "6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f_1": r"a11a5000-0000-4000-8000-[0-9a-f]{12}_1",
    "Pilot of Fabrikam": r"TEXT-1",
}


@pytest.mark.parametrize("name", FORMS)
def test_an_alias_has_the_form_of_its_name(name: str) -> None:
    aliases = Aliases()
    alias = aliases.settle(shaped(aliases, name))
    assert re.fullmatch(FORMS[name], alias)
    assert aliases.settle(shaped(aliases, name.swapcase())) == alias


@pytest.mark.parametrize(
    "text", ["", "SMS00001", "SMS0001R", "62e90394-69f5-4237-9190-012177145e10", "2026-11-23T10:00:00Z", "S-1-5-18"]
)
def test_what_is_the_same_everywhere_stays(text: str) -> None:
    assert shaped(Aliases(), text) == text


def test_names_that_lie_in_each_other_still_do() -> None:
    """A server, its domain, a person in it and a collection of its site stay together."""
    aliases = Aliases()
    server, domain, person = (
        aliases.settle(shaped(aliases, name)) for name in ("cm01.fabrikam.com", "FABRIKAM.com", "jane@fabrikam.com")
    )
    assert server.endswith(f".{domain}")
    assert person.endswith(f"@{domain}")
    first, second = (aliases.settle(shaped(aliases, name)) for name in ("FAB00014", "FAB00015"))
    assert first[:3] == second[:3]
    assert first != second


def test_numbers_follow_the_order_of_settling_and_the_first_category_that_fits() -> None:
    aliases = Aliases()
    one, other = aliases.name("one"), aliases.name("other")
    assert aliases.name("ONE", Category.COLLECTION) == one
    assert aliases.settle(f"{other} {one}") == "TEXT-1 COLL-1"
    assert dict(aliases.pairs()) == {"TEXT-1": "other", "COLL-1": "one"}


def test_an_alias_is_nobodys_name() -> None:
    aliases = Aliases()
    there, here = aliases.name("TEXT-1"), aliases.name("x")
    assert aliases.settle(f"{there} {here}") == "TEXT-2 TEXT-3"


# Whatever names an estate has: letters that stand in no alias and in no word of Microsoft's tell them apart.

LETTERS = "äöüßжшяαωλ漢字"
STARTS = st.sampled_from(["", "a ", "x@", "SMS", "<b>", "' or '", '"', "\\", "%41", "{", "⟦0⟧"])
NAMES = st.builds("".join, st.tuples(STARTS, st.text(LETTERS, min_size=3)))
FIELDS = st.sampled_from(
    ["Name", "displayName", "SiteCode", "RoleName", "message", "@odata.type", "code", "userPrincipalName", "unheardOf",
     "settingDefinitionId", "Version", "DeviceOS", "MoreInfoLink", "SDMPackageXML", "directoryScopeId", "ComponentName"]
)  # fmt: skip


def _nowhere(name: str, text: str) -> bool:
    return not set(LETTERS) & set(text) and json.dumps(name)[1:-1] not in text


@given(name=NAMES, field=FIELDS, entity=st.sampled_from(["SMS_Site", "SMS_CM_UpdatePackages", "users", ""]))
def test_no_name_in_any_field_of_json_stays(name: str, field: str, entity: str) -> None:
    aliases = Aliases()
    document: Any = {field: name, "value": [{field: [name, {name: name}]}], "inner": json.dumps({field: name})}
    made = redacted_json(aliases, entity, document)
    assert _nowhere(name, aliases.settle(json.dumps(made, ensure_ascii=False)))


@given(name=st.text(LETTERS + "<>&'\" ", min_size=3), field=st.sampled_from(["Name", "SiteName", "Text", "RelatesTo"]))
def test_no_name_in_any_element_or_attribute_of_xml_stays(name: str, field: str) -> None:
    from html import escape

    text = escape(name)
    data = f'<E xmlns:p="http://x/{escape(name.strip())}"><p:{field} a="{text}">{text}</p:{field}></E>'
    aliases = Aliases()
    made = redacted_xml(aliases, "SMS_Site", data.encode())
    assert made is not None
    assert not set(LETTERS) & set(aliases.settle(made))


@given(name=st.text(LETTERS + "'\\\"%/?&# ", min_size=3).filter(lambda text: set(text) & set(LETTERS)))
def test_no_name_in_a_question_stays(name: str) -> None:
    from urllib.parse import quote

    from readiness.sources.configmgr.wql import literal
    from readiness.sources.graph.values import equal

    aliases = Aliases()
    said = (
        wql(aliases, f"SELECT Name FROM SMS_Collection WHERE Name = {literal(name)}"),  # noqa: S608 - a text
        place(aliases, f"/v1.0/users/{quote(name, safe='')}?$select=id&{equal(displayName=name)}"),
        place(aliases, f"/beta/deviceManagement/intents/{quote(name, safe='')}/settings?$skiptoken={quote(name)}"),
    )
    assert not set(LETTERS) & set(aliases.settle(" ".join(said)))


def test_the_fields_that_decide_keep_their_words() -> None:
    aliases = Aliases()
    document = {
        "@odata.type": "#microsoft.graph.groupAssignmentTarget",
        "partnerState": "enabled",
        "settingDefinitionId": "device_vendor_msft_windowsadvancedthreatprotection_configurationtype",
        "technologies": "mdm,microsoftSense",
        "error": {"code": "Forbidden", "message": "Jane lacks DeviceManagementConfiguration.Read.All"},
    }
    made = json.loads(aliases.settle(json.dumps(redacted_json(aliases, "x", document), ensure_ascii=False)))
    assert {name: made[name] for name in document if name != "error"} == {
        name: one for name, one in document.items() if name != "error"
    }
    assert made["error"] == {"code": "Forbidden", "message": "TEXT-1 DeviceManagementConfiguration.Read.All"}


NAMES_LIKE_WORDS = {
    "a server like a built-in id": ("SMSSQL01", "SMS_R_System", "Name"),
    "a server like one, in a field nobody knows": ("SMSDB042", "x", "unheardOf"),
    "a schema of somebody's": ("https://schemas.acme.com/secret", "x", "unheardOf"),
    "a name and a password before a server": ("http://acme:12345@host/", "x", "unheardOf"),
    "an option of an address": ("https://x.example/list?acme&$acme=1", "x", "@odata.nextLink"),
    "a page at a sign-in host": ("https://login.microsoftonline.com/acme", "SMS_CM_UpdatePackages", "MoreInfoLink"),
    "a type of somebody's": ("#acme.com", "x", "@odata.type"),
    "a server where a code is": ("acme.com", "x", "code"),
    "a setting of a template that was brought along": (
        "device_vendor_msft_policy_config_acmeapp~policy~acme_proxy", "x", "settingDefinitionId",
    ),
    "a path to a namespace in capitals": ("\\\\ACME01\\ROOT\\SMS\\Site_ACM", "x", "NamespacePath"),
    "JSON in a text": ('{"inner": {"Name": "acme"}}', "x", "message"),
    "base64": ("YWNtZTphY21l", "x", "unheardOf"),
}  # fmt: skip


@pytest.mark.parametrize("what", NAMES_LIKE_WORDS)
def test_a_name_that_looks_like_a_word_of_microsofts_becomes_an_alias(what: str) -> None:
    name, entity, field = NAMES_LIKE_WORDS[what]
    aliases = Aliases()
    made = aliases.settle(json.dumps(redacted_json(aliases, entity, name, field), ensure_ascii=False))
    assert re.search(r"acm|SMSSQL01|SMSDB042|12345|YWNt", made, re.IGNORECASE) is None


def test_fields_that_a_customer_added_are_not_named() -> None:
    """What a customer added has `_` in its name; what Graph, the site and a sign-in host say by themselves stays."""
    aliases = Aliases()
    made = redacted_json(aliases, "users", {"extension_0a_acmeBadge": 1, "acme_courses": 2, "CI_ID": 3, "error_uri": 4})
    assert (
        aliases.settle(json.dumps(made, ensure_ascii=False)) == '{"TEXT-1": 1, "TEXT-2": 2, "CI_ID": 3, "error_uri": 4}'
    )


def test_a_site_code_in_a_schema_is_aliased_in_any_case() -> None:
    aliases = Aliases()
    said = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/sms/Site_ACM/SMS_Site"
    assert aliases.settle(schema(aliases, said)).endswith("root/sms/site_Z01/SMS_Site")


def test_headers_stay_in_the_forms_of_their_standards_only() -> None:
    kept = {"Content-Type": "text/html; charset=utf-8", "Date": "Mon, 23 Nov 2026 16:41:23 GMT", "Retry-After": "120"}
    assert set(kept_headers(kept)) == {"content-type", "date", "retry-after"}
    odd = {"Content-Type": "text/html; profile=acme", "Date": "at ACME", "Retry-After": "ACME", "Via": "proxy.acme.com"}
    assert kept_headers(odd) == {}


def test_secrets_are_not_even_aliased() -> None:
    made = redacted_json(Aliases(), "SMS_AAD_Application_Ex", {"SecretKey": "abc", "secretText": "abc"})
    assert set(made.values()) == {"(not recorded)"}


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("cm01:5986 refused the connection", "host-1:5986 refused the connection"),
        ("the name CM01 is not known here", "the name host-1 is not known here"),
        ("through the proxy gate:8080", "through the proxy host-1:8080"),
        ("10.1.2.3:443 did not finish within 0.5 seconds", "198.18.0.1:443 did not finish within 0.5 seconds"),
        ("[fe80::12]:443 is not trusted", "[2001:db8::1]:443 is not trusted"),
        ("sends us on to portal, and was not followed", "sends us on to host-1, and was not followed"),
        ("as FABRIKAM\\jane at cm01.fabrikam.com", "as DOMAIN-1\\USER-1 at host-1.domain-2.example"),
        ("name it in ca_bundle; use https", "name it in ca_bundle; use https"),
        ("only those in REQUESTS_CA_BUNDLE)", "only those in REQUESTS_CA_BUNDLE)"),
        ("/home/jane/ca.pem or C:\\Users\\jane\\ca.pem", "TEXT-1 or TEXT-2"),
    ],
)
def test_a_sentence_of_ours_names_nobody(words: str, made: str) -> None:
    aliases = Aliases()
    assert aliases.settle(own_words(aliases, words, "cm01")) == made
