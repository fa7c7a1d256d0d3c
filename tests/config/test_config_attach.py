"""`[attach]`: ticket systems, and what signs in to them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from readiness.config import Configuration, jira_sign_in, load, redacted, servicenow_sign_in
from readiness.errors import ConfigurationError

SNOW = 'servicenow = "https://contoso.service-now.com"\n'
JIRA = 'jira = "https://jira.contoso.com/jira/"\n'


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], Configuration]:
    def call(text: str) -> Configuration:
        path = tmp_path / "readiness.toml"
        path.write_text(f"[attach]\n{text}", encoding="utf-8")
        return load(path, {})

    return call


Read = Callable[[str], Configuration]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SNOW, "servicenow_username: missing; servicenow needs it, or servicenow_token_env"),
        (
            f'{SNOW}servicenow_username = "u"\nservicenow_token_env = "T"\n',
            "line 4: [attach] servicenow_token_env: only one of",
        ),
        ('jira = "https://contoso.atlassian.net"\n', "jira_username: missing; Jira Cloud needs it"),
        ('servicenow = "http://contoso.test"\n', "servicenow: expected https://HOST"),
        ('servicenow = "https://contoso.test/x"\n', "servicenow: expected https://HOST"),
        ('jira = "https://u:p@contoso.test"\n', "jira: expected https://HOST"),
        ('jira = "https://contoso.test/a/../b"\n', "jira: expected https://HOST or https://HOST/PATH"),
        ('jira = "https://contoso.test/jira?x=1"\n', "jira: expected https://HOST or https://HOST/PATH"),
        ('servicenow_table = "sys_user;x"\n', "servicenow_table: expected the name of a table"),
        ('servicenow_pasword_env = "X"\n', "did you mean servicenow_password_env?"),
        ('token = "x"\n', "no secret is written in the file"),
        ("timeout = 0\n", "timeout: expected more than 0"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(read: Read, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read(text)
    assert words in str(error.value)


def test_servicenow_signs_in_by_password_or_token(read: Read) -> None:
    by_password = read(f'{SNOW}servicenow_username = "svc"\n')
    found = servicenow_sign_in(by_password, {"READINESS_SERVICENOW_PASSWORD": "pä:ss"})
    assert base64.b64decode(found.authorization.removeprefix("Basic ")).decode() == "svc:pä:ss"
    by_token = read(f'{SNOW}servicenow_token_env = "MY_TOKEN"\n')
    assert servicenow_sign_in(by_token, {"MY_TOKEN": " t0ken\n"}).authorization == "Bearer t0ken"


def test_jira_signs_in_as_cloud_or_data_center_has_it(read: Read) -> None:
    center = jira_sign_in(read(JIRA), {"READINESS_JIRA_TOKEN": "pat"})
    assert (center.address, center.authorization) == ("https://jira.contoso.com/jira", "Bearer pat")
    cloud = read('jira = "https://contoso.atlassian.net"\njira_username = "a@contoso.com"\n')
    basic = jira_sign_in(cloud, {"READINESS_JIRA_TOKEN": "api"}).authorization
    assert base64.b64decode(basic.removeprefix("Basic ")).decode() == "a@contoso.com:api"


def test_what_is_missing_is_told_without_any_secret(read: Read) -> None:
    with pytest.raises(ConfigurationError, match=r"\[attach\] jira: missing"):
        jira_sign_in(read(""), {})
    with pytest.raises(ConfigurationError, match="READINESS_JIRA_TOKEN is not set"):
        jira_sign_in(read(JIRA), {})
    with pytest.raises(ConfigurationError, match="holds a sign that no token has") as error:
        jira_sign_in(read(JIRA), {"READINESS_JIRA_TOKEN": "to\nken"})
    assert "ken" not in str(error.value).replace("token", "").replace("jira_token_env", "")


def test_neither_repr_nor_report_shows_what_signs_in(read: Read) -> None:
    configuration = read(f'{SNOW}servicenow_username = "svc"\nservicenow_password_env = "hunter2"\n')
    sign_in = servicenow_sign_in(configuration, {"hunter2": "s3cret"})
    assert "s3cret" not in repr(sign_in)
    assert sign_in.authorization not in repr(sign_in)
    assert "hunter2" not in repr(configuration)
    assert "attach" not in redacted(configuration)
