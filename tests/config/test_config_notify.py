"""`[notify]`: who hears of it; every slip with its place, and never a secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from readiness.config import Configuration, SmtpSecurity, load, redacted
from readiness.connecting import notifiers
from readiness.errors import ConfigurationError
from readiness.sources.deadline import Deadline

MAIL = 'mail_to = ["a@contoso.test"]\nmail_from = "b@contoso.test"\nsmtp = "smtp.contoso.test"\n'
SECRET = "s3cret-that-nobody-may-see"
Read = Callable[..., Configuration]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def call(text: str, **environ: str) -> Configuration:
        path = tmp_path / "readiness.toml"
        path.write_text(f"[notify]\n{text}", encoding="utf-8")
        return load(path, environ)

    return call


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("timeout = 5\n", "line 1: [notify] webhook_env: missing; nobody would hear of anything"),
        ('webhook = "https://x"\n', "line 2: [notify] webhook: unknown key; did you mean webhook_env?"),
        (f'webhook_env = "https://contoso.test/{SECRET}"\n', "webhook_env: expected the name of an environment"),
        ('mail_to = ["a@contoso.test"]\n', "[notify] mail_from: missing; mail_to needs it"),
        ('smtp = "smtp.contoso.test"\n', "[notify] mail_to: missing; smtp needs it"),
        (MAIL.replace("a@contoso.test", "Ann <a@contoso.test>"), "mail_to: expected an e-mail address"),
        (MAIL.replace("a@contoso.test", "a@contoso.test\\nBcc: x@evil.test"), "mail_to: contains a control character"),
        (MAIL.replace("b@contoso.test", "b.@contoso.test"), "mail_from: expected an e-mail address"),
        (MAIL.replace('["a@', '["a@contoso.test", "a@'), 'mail_to: names "a@contoso.test" twice'),
        (f'{MAIL}smtp_security = "none"\n', 'smtp_security: unknown value "none"; valid are "starttls", "tls"'),
        (f"{MAIL}smtp_port = 0\n", "smtp_port: expected a whole number from 1"),
        (f'{MAIL}smtp_password = "{SECRET}"\n', "smtp_password: unknown key; did you mean smtp_password_env?"),
        ('webhook_env = "U"\n[history]\nenabled = false\n', "[history] enabled: [notify] tells what changed"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_key(read: Read, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read(text)
    assert words in str(error.value)
    assert SECRET not in str(error.value)


def test_the_usual_port_is_that_of_the_way(read: Read) -> None:
    plain, implicit, own = (
        read(f"{MAIL}{more}").notify for more in ("", 'smtp_security = "tls"\n', "smtp_port = 25\n")
    )
    assert plain is not None
    assert implicit is not None
    assert own is not None
    assert [one.port for one in (plain, implicit, own)] == [587, 465, 25]
    assert plain.smtp_security is SmtpSecurity.STARTTLS


def test_it_changes_no_report(read: Read) -> None:
    """Who is told is no part of what is judged, and mail addresses are no part of a report."""
    found = redacted(read(MAIL))
    assert "notify" not in found
    assert "contoso.test" not in str(found)


def test_variables_may_set_it(read: Read) -> None:
    given = {"TO": "a@contoso.test, b@contoso.test", "FROM": "c@contoso.test"}
    variables = {f"READINESS_NOTIFY_MAIL_{name}": value for name, value in given.items()}
    found = read("", READINESS_NOTIFY_SMTP="smtp.contoso.test", **variables)
    assert found.notify is not None
    assert found.notify.mail_to == ("a@contoso.test", "b@contoso.test")


@pytest.mark.parametrize(
    ("text", "environ", "words"),
    [
        ('webhook_env = "U"\n', {}, "line 2: [notify] webhook_env: environment variable U is not set, or empty"),
        ('teams_env = "U"\n', {"U": SECRET}, "[notify] teams_env: the variable that it names holds no address"),
        ('teams_env = "U"\n', {"U": f"http://contoso.test/{SECRET}"}, "holds an address without https"),
        ('teams_env = "U"\n', {"U": f"http://169.254.169.254/{SECRET}"}, "holds an address without https"),
        ('teams_env = "U"\n', {"U": f"https://a:{SECRET}@contoso.test/"}, "holds no address"),
        ('webhook_env = "U"\n', {"U": f"https://contoso.test/{SECRET}\nHost: x"}, "holds no address"),
        ('webhook_env = "U"\n', {"U": f"https://GRAPH.microsoft.com./{SECRET}"}, "is a host of the tenant or the site"),
        (f'{MAIL}smtp_username = "svc"\n', {}, "environment variable READINESS_SMTP_PASSWORD is not set"),
        ('also = ["pager"]\n', {}, "[notify] also: there is no notifier 'pager'"),
        ('webhook_env = "U"\nca_bundle = "no.pem"\n', {"U": "https://contoso.test"}, "[notify] ca_bundle: "),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_before_anything_is_asked(
    read: Read, text: str, environ: dict[str, str], words: str
) -> None:
    tenant = '[tenant]\nid = "contoso.onmicrosoft.com"\nclient_id = "6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f"\n'
    with pytest.raises(ConfigurationError) as error:
        notifiers(read(f"{text}{tenant}", **environ), environ, Deadline(5))
    assert words in str(error.value)
    assert SECRET not in str(error.value)


def test_each_channel_is_there_that_is_named(read: Read) -> None:
    environ = {"U": f"https://contoso.test/{SECRET}", "T": f"https://contoso.test:443/{SECRET}?sig={SECRET}"}
    found = notifiers(read(f'webhook_env = "U"\nteams_env = "T"\n{MAIL}'), environ, Deadline(5))
    assert list(found) == ["webhook", "teams", "mail"]
    assert SECRET not in repr(found)
