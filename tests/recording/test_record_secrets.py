"""What a server says of secrets unasked is in no recording, and in no map of its aliases."""

from __future__ import annotations

import json

import pytest

from readiness.aliases import Aliases
from readiness.recording.bodies import redacted_json, text
from readiness.recording.fields import GONE
from readiness.recording.xml import redacted_xml

SECRET = "s3cret-of-the-attach-application"
NAMES = ["SecretKey", "secretkey", "secretText", "password", "client_secret", "access_token"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "inside",
    [SECRET, f"<part>{SECRET}</part>", f"<part of='{SECRET}'/>"],
    ids=["text", "element", "attribute"],
)
def test_a_field_for_a_secret_is_empty_in_xml(name: str, inside: str) -> None:
    aliases = Aliases()
    column = f"<p:{name} at='{SECRET}'>{inside}</p:{name}>"
    row = f"<p:SMS_AAD_Application_Ex xmlns:p='urn:p'>{column}<p:ID>7</p:ID></p:SMS_AAD_Application_Ex>"
    found = redacted_xml(aliases, "", row.encode())
    assert found is not None
    aliases.settle(found)
    assert (SECRET in found, f":{name}>{GONE}</" in found, ":ID>7</" in found) == (False, True, True)
    assert SECRET not in str(list(aliases.pairs()))


@pytest.mark.parametrize("name", NAMES)
def test_a_field_for_a_secret_is_empty_in_json_and_in_xml_within_it(name: str) -> None:
    aliases = Aliases()
    inner = f"<DCM><{name}>{SECRET}</{name}></DCM>"
    rows = {"value": [{name: SECRET, "ID": 7, "SDMPackageXML": inner, "Note": json.dumps({name: SECRET})}]}
    found = json.dumps(redacted_json(aliases, "SMS_AAD_Application_Ex", rows))
    assert (SECRET in found, found.count(GONE)) == (False, 3)
    aliases.settle(found)
    assert GONE in text(aliases, "", "sdmpackagexml", inner)
    assert SECRET not in str(list(aliases.pairs()))
