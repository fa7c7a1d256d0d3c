"""`[tenant]` and `[site]`: what identifies them, what this version supports, and what keeps a password safe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness.config import Cloud, Configuration, clouds, clouds_of, site_certificate, site_password
from readiness.errors import ConfigurationError

Load = Callable[..., Configuration]
Refusal = Callable[..., str]


def test_every_cloud_has_hosts() -> None:
    """https origins without a final slash."""
    assert set(clouds()) == set(Cloud)
    hosts = [host for pair in clouds().values() for host in (pair.login, pair.graph)]
    assert all(host.startswith("https://") and host.count("/") == 2 for host in hosts)


@pytest.mark.parametrize(
    ("cloud", "login", "graph"),
    [
        ("public", "login.microsoftonline.com", "graph.microsoft.com"),
        ("usgov", "login.microsoftonline.us", "graph.microsoft.us"),
        ("usdod", "login.microsoftonline.us", "dod-graph.microsoft.us"),
        ("china", "login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"),
    ],
)
def test_a_cloud_decides_both_hosts(loaded: Load, tenant: str, cloud: str, login: str, graph: str) -> None:
    """As "National cloud deployments" has them; China's sign-in host as MSAL has it."""
    settings = loaded(f'{tenant}cloud = "{cloud}"\n').tenant
    assert settings is not None
    assert (settings.login_origin, settings.graph_origin) == (f"https://{login}", f"https://{graph}")


def test_a_tenant_s_instance_tells_its_cloud() -> None:
    """GCC High and DoD sign in at one host, under one name."""
    assert clouds_of("microsoftonline.com") == (Cloud.PUBLIC,)
    assert clouds_of("microsoftonline.us") == (Cloud.USGOV, Cloud.USDOD)
    assert clouds_of("partner.microsoftonline.cn") == (Cloud.CHINA,)
    assert clouds_of("elsewhere.test") == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('auth = "certificate"', 'certificate: missing; auth "certificate" needs it'),
        ('auth = "negotiat"', 'auth: unknown value "negotiat"; did you mean "negotiate"?'),
        ('transport = "winrs"', 'transport: unknown value "winrs"; did you mean "winrm"?'),
        ('auth = "basic"', 'username: missing; auth "basic" needs it'),
        ('site_code = "P0"', "site_code: expected three letters or digits, such as P01"),
        ("port = 0", "port: expected a whole number from 1 to 65535"),
        ("port = true", "port: expected a whole number without quotes, found true or false"),
        ("port = 5986.0", "port: expected a whole number without quotes, found a number"),
        ("edr_flag_mask = -1", "edr_flag_mask: expected a whole number from 0 to 4294967295"),
        (
            'hierarchy_id = "P01"',
            "hierarchy_id: expected a GUID such as 6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f, without braces",
        ),
        ('password = "hunter2"', "password: unknown key; no secret is written in the file: did you mean password_env?"),
    ],
)
def test_site_keys(refused: Refusal, site: str, line: str, message: str) -> None:
    """What is wrong is named with what would be right."""
    expected = "line 1" if ": missing" in message else "line 3"
    assert refused(f"{site}{line}\n") == f"readiness.toml, {expected}: [site] {message}"


def test_basic_never_goes_over_http(refused: Refusal, site: str) -> None:
    """The password would cross the network unprotected."""
    text = site + 'username = "a"\nauth = "basic"\nscheme = "http"\n'
    assert refused(text) == (
        'readiness.toml, line 5: [site] scheme: "http" with auth "basic" would send the password unprotected; '
        'use "https"'
    )


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            'scheme = "http"',
            'scheme: "http" does not go with transport "adminservice", which answers over https only; leave it out',
        ),
        (
            'username = "a"\nauth = "basic"',
            'auth: transport "adminservice" does not take "basic"; use "negotiate" or "kerberos"',
        ),
        (
            'certificate = "a.pfx"\nauth = "certificate"',
            'auth: transport "adminservice" does not take "certificate"; use "negotiate" or "kerberos"',
        ),
    ],
)
def test_what_does_not_go_with_the_administration_service(
    refused: Refusal, site: str, lines: str, message: str
) -> None:
    text = f'{site}transport = "adminservice"\n{lines}\n'
    assert refused(text).endswith(f"[site] {message}")
    over_it = f'{site}{lines}\n[scan]\ntransport = "adminservice"\n'
    assert refused(over_it).endswith(f"[site] {message}")


def test_a_certificate_needs_https_and_no_password(loaded: Load, refused: Refusal, folder: Path, site: str) -> None:
    """The account that it is mapped to may be named all the same; nothing is asked of its password's variable."""
    lines = 'auth = "certificate"\ncertificate = "svc.pfx"\ncertificate_password_env = "PFX"\nusername = "a"\n'
    assert refused(f'{site}{lines}scheme = "http"\n').endswith('scheme: "http" has no certificates; use "https"')
    assert refused(site + lines).endswith("no such file: svc.pfx")
    (folder / "svc.pfx").write_text("nothing", encoding="utf-8")
    configuration = loaded(site + lines)
    assert configuration.site is not None
    assert configuration.site.certificate is not None
    assert site_password(configuration, {}) is None
    with pytest.raises(ConfigurationError, match="environment variable PFX is not set"):
        site_certificate(configuration, {})
    with pytest.raises(ConfigurationError, match=r"\[site\] certificate: holds no|is neither"):
        site_certificate(configuration, {"PFX": "x"})


@pytest.mark.parametrize("auth", ["negotiate", "kerberos", "ntlm"])
def test_http_goes_with_message_encryption(loaded: Load, site: str, auth: str) -> None:
    """Negotiate and NTLM seal each message."""
    assert loaded(site + f'auth = "{auth}"\nscheme = "http"\n').site is not None


@pytest.mark.parametrize(
    ("server", "advice"),
    [
        ("cm01.contoso.com:5986", '; the port goes under port; did you mean "cm01.contoso.com"?'),
        (
            "https://cm01.contoso.com:5986/wsman",
            '; the scheme goes under scheme; did you mean "cm01.contoso.com"?',
        ),
        ("cm01.contoso.com/wsman", '; did you mean "cm01.contoso.com"?'),
        (
            "svc:hunter2@cm01",
            "; the account goes under username, and the name of the variable with its password under password_env",
        ),
        ("cm 01", ""),
        ("fe80::1%/@evil", "; the account goes under username, and the name of the variable with its password under "),
        ("-cm01", ""),
        ("a" * 254, ""),
    ],
)
def test_server_is_a_host_name_only(refused: Refusal, server: str, advice: str) -> None:
    """Scheme, port and account have keys of their own; an account is never repeated."""
    message = refused(f'[site]\nserver = "{server}"\n')
    assert message.startswith(f"readiness.toml, line 2: [site] server: expected a host name only{advice}")
    assert "hunter2" not in message


@pytest.mark.parametrize("server", ["cm01", "cm_01.contoso.com.", "10.0.0.5", "fd00::5", "[fd00::5]"])
def test_server_may_be_an_address(loaded: Load, server: str) -> None:
    """Names of all sorts, IPv4, and IPv6 with or without brackets."""
    settings = loaded(f'[site]\nserver = "{server}"\n').site
    assert settings is not None
    assert settings.server == server.strip("[]")


def test_site_code_is_upper_case(loaded: Load, site: str) -> None:
    """As Configuration Manager writes it."""
    settings = loaded(site + 'site_code = "p01"\n').site
    assert settings is not None
    assert settings.site_code == "P01"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('cloud = "usgv"', 'cloud: unknown value "usgv"; did you mean "usgov"?'),
        ('auth = "interactiv"', 'auth: unknown value "interactiv"; did you mean "interactive"?'),
        ('auth = "device-cod"', 'auth: unknown value "device-cod"; did you mean "device-code"?'),
        ('auth = "client_secret"', 'auth: unknown value "client_secret"; did you mean "client-secret"?'),
        (
            'client_secret = "hunter2"',
            "client_secret: unknown key; no secret is written in the file: did you mean client_secret_env?",
        ),
        ("client-id = 1", "client-id: unknown key; did you mean client_id?"),
        (
            'authority = "http://localhost"',
            "authority: expected https://HOST or https://HOST:PORT, without a path or an account",
        ),
        (
            'graph = "https://localhost:8443/v1.0"',
            "graph: expected https://HOST or https://HOST:PORT, without a path or an account; "
            "did you mean https://localhost:8443?",
        ),
        (
            'graph = "https://u:hunter2@localhost"',
            "graph: expected https://HOST or https://HOST:PORT, without a path or an account",
        ),
        (
            'graph = "https://localhost:99999"',
            "graph: expected https://HOST or https://HOST:PORT, without a path or an account",
        ),
        (
            'graph = "https://loc alhost"',
            "graph: expected https://HOST or https://HOST:PORT, without a path or an account",
        ),
    ],
)
def test_tenant_keys(refused: Refusal, tenant: str, line: str, message: str) -> None:
    """Nearest words, secrets in the wrong place, and origins of hosts."""
    assert refused(f"{tenant}{line}\n") == f"readiness.toml, line 4: [tenant] {message}"


@pytest.mark.parametrize("tenant_id", ["common", "contoso", "{6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f}", "a.b/c", "a@b.c"])
def test_tenant_is_a_guid_or_a_domain(refused: Refusal, tenant: str, tenant_id: str) -> None:
    """`common` is no tenant: a scan is of one."""
    assert refused(tenant.replace("contoso.onmicrosoft.com", tenant_id)) == (
        "readiness.toml, line 2: [tenant] id: expected the tenant's GUID, or a verified domain such as "
        "contoso.onmicrosoft.com"
    )


def test_guids_are_lower_case_and_origins_without_slash(loaded: Load, tenant: str) -> None:
    """One spelling each, so that they can be compared."""
    text = tenant.replace("contoso.onmicrosoft.com", "6F1D2C3B-4A59-4E8D-8C7B-0A1B2C3D4E5F")
    settings = loaded(text + 'graph = "https://LOCALHOST:8443/"\n').tenant
    assert settings is not None
    assert (settings.id, settings.graph) == ("6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f", "https://localhost:8443")


@pytest.mark.parametrize("key", ["id", "client_id"])
def test_tenant_keys_that_are_required(refused: Refusal, tenant: str, key: str) -> None:
    """Missing and empty are told apart; the line is that of the section, or of the key."""
    lines = tenant.splitlines(keepends=True)
    without = "".join(line for line in lines if not line.startswith(f"{key} "))
    assert refused("\n" + without) == (
        f"readiness.toml, line 2: [tenant] {key}: missing; it is required, here or as READINESS_TENANT_{key.upper()}"
    )
    assert refused(f'{without}{key} = ""\n') == (
        f"readiness.toml, line 3: [tenant] {key}: is empty; it is required, here or as READINESS_TENANT_{key.upper()}"
    )


def test_bundle_must_hold_certificates(refused: Refusal, loaded: Load, site: str, bundle: Path, folder: Path) -> None:
    """Missing, not PEM, a folder; and it is not looked at where nothing connects."""
    text = site + 'ca_bundle = "ca.pem"\n'
    assert loaded(text).site is not None
    where = "readiness.toml, line 3: [site] ca_bundle: "
    bundle.write_text("not a certificate", encoding="utf-8")
    assert refused(text) == f"{where}holds no certificates in PEM form (-----BEGIN CERTIFICATE-----): ca.pem"
    bundle.write_text("", encoding="utf-8")
    assert refused(text) == f"{where}holds no certificates in PEM form (-----BEGIN CERTIFICATE-----): ca.pem"
    bundle.unlink()
    assert refused(text) == f"{where}no such file: ca.pem"
    (folder / "ca.pem").mkdir()
    assert refused(text) == f"{where}is a folder, not a file: ca.pem"
    assert loaded(text, connecting=False).site is not None


def test_bundle_that_may_not_be_read(
    refused: Refusal, site: str, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's reason is passed on."""
    opened = Path.open

    def guarded(path: Path, mode: str = "r", **more: Any) -> object:
        if path == bundle:
            raise PermissionError(13, "Permission denied")
        return opened(path, mode, **more)

    monkeypatch.setattr(Path, "open", guarded)
    assert refused(site + 'ca_bundle = "ca.pem"\n') == (
        "readiness.toml, line 3: [site] ca_bundle: cannot be read (Permission denied): ca.pem"
    )
