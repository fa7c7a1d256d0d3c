"""Secrets come from the environment, and appear nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.config import Configuration, SiteSettings, client_secret, load, redacted, secret, site_password
from readiness.errors import ConfigurationError

Load = Callable[..., Configuration]
Refusal = Callable[..., str]


def test_secrets_are_what_the_variables_hold(loaded: Load, tenant: str, site: str) -> None:
    """As they are, and None where none is needed."""
    configuration = loaded(tenant + site + 'username = "a"\npassword_env = "PW"\n')
    environ = {"READINESS_CLIENT_SECRET": " s ", "PW": "p"}
    assert (client_secret(configuration, environ), site_password(configuration, environ)) == (" s ", "p")
    assert site_password(loaded(site), environ) is None
    assert (client_secret(loaded(site), environ), site_password(Configuration(), environ)) == (None, None)


@pytest.mark.parametrize("environ", [{}, {"PW": ""}, {"PW": " \n"}])
def test_missing_secret_names_variable_and_key(loaded: Load, site: str, folder: Path, environ: dict[str, str]) -> None:
    """Not set and empty are the same."""
    configuration = loaded(site + 'username = "a"\npassword_env = "PW"\n')
    with pytest.raises(ConfigurationError) as caught:
        site_password(configuration, environ)
    assert str(caught.value) == (
        f"{folder}/readiness.toml, line 4: [site] password_env: environment variable PW is not set, or empty"
    )


def test_missing_secret_of_a_default_name(loaded: Load, tenant: str, folder: Path) -> None:
    """The line is that of the section."""
    with pytest.raises(ConfigurationError) as caught:
        client_secret(loaded(tenant), {})
    assert str(caught.value) == (
        f"{folder}/readiness.toml, line 1: [tenant] client_secret_env: "
        "environment variable READINESS_CLIENT_SECRET is not set, or empty"
    )


def test_key_that_names_no_variable(loaded: Load, tenant: str) -> None:
    """An optional `_env` key that was asked for."""
    settings = loaded(tenant).tenant
    assert settings is not None
    with pytest.raises(ConfigurationError, match=r"\[tenant\] certificate_password_env: missing; it names"):
        secret(settings, "certificate_password_env", {})


def test_name_that_could_be_the_secret_is_not_shown() -> None:
    """`Passw0rd` is a valid name for a variable, but nobody calls one so."""
    settings = SiteSettings("cm01", username="a", password_env="Passw0rd")
    with pytest.raises(ConfigurationError) as caught:
        secret(settings, "password_env", {})
    shown = [str(caught.value), repr(settings), str(redacted(Configuration(site=settings)))]
    assert "environment: [site] password_env: the environment variable that it names is not set, or empty" in shown[0]
    assert not any("Passw0rd" in text for text in shown)


@settings(deadline=None)
@given(text=st.text(alphabet="abcXYZ019~-._!$ %&/()=?\u00e4\u20ac", min_size=6, max_size=40))
def test_secret_in_place_of_a_name_is_never_repeated(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever was pasted, wherever it is refused or kept."""
    secret_text = f"{text}~9Q"
    for line in (f"password_env = '{secret_text}'", f"password = '{secret_text}'", f"server = 'u:{secret_text}@h'"):
        path = tmp_path_factory.getbasetemp() / "pasted.toml"
        path.write_text(f"[site]\n{line}\n", encoding="utf-8")
        with pytest.raises(ConfigurationError) as caught:
            load(path, {"READINESS_SITE_PASSWORD": secret_text})
        assert secret_text not in str(caught.value)


@settings(deadline=None)
@given(value=st.text(min_size=8, max_size=40).filter(lambda text: text.isprintable() and not text.isspace()))
def test_secret_of_a_variable_appears_nowhere(value: str) -> None:
    """Neither in what is loaded nor in the report's copy of it."""
    environ = {"READINESS_CLIENT_SECRET": f"{value}~9Q", "READINESS_SITE_PASWORD": f"{value}~9Q"}
    environ |= {"READINESS_TENANT_ID": "contoso.com", "READINESS_TENANT_CLIENT_ID": f"{0:08}-0000-0000-0000-{0:012}"}
    configuration = load(None, environ, cwd=Path("/nowhere"), user_dir=Path("/nowhere"))
    assert client_secret(configuration, environ) == f"{value}~9Q"
    assert not any(f"{value}~9Q" in text for text in (repr(configuration), str(redacted(configuration))))


def test_secret_in_place_of_a_name_says_what_belongs_there(refused: Refusal, site: str) -> None:
    """And not what was found."""
    assert refused(site + 'password_env = "hunter2!"\n') == (
        "readiness.toml, line 3: [site] password_env: expected the name of an environment variable "
        "(letters, digits, underscores); a secret is never written in the file"
    )
