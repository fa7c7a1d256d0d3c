"""Private certificate authorities, through the whole program: who decides whom we believe, over real TLS."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from readiness.config.trust import trust
from readiness.lab import Lab, load_scenario
from readiness.lab.estate import Transport
from tests.conftest import Estate, Program, Ran

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
FOLDERS = VARIABLES[:2]
"""Those that may name a folder, as for requests."""
BOTH = ("tenant-reachable", "site-reachable")
Scan = Callable[..., Ran]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(load_scenario("ready")) as lab:
        yield lab


@pytest.fixture(params=["winrm", "adminservice"])
def served(lab: Lab, tmp_path: Path, request: pytest.FixtureRequest) -> Estate:
    """An estate whose configuration names no authorities; `own.pem` holds those of the estate, `other.pem` others."""
    transport: Transport = request.param
    lab.write(tmp_path, transport)
    (tmp_path / "ca.pem").rename(tmp_path / "own.pem")
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    served = Estate(lab, tmp_path)
    served.config.write_text(re.sub(r"ca_bundle = .*\n", "", served.config.read_text("utf-8")), encoding="utf-8")
    return served


@pytest.fixture
def scan(program: Program, served: Estate) -> Scan:
    def run(*options: str, **bundles: str) -> Ran:
        """Scan the two connections only; a variable may name a bundle of the estate's folder."""
        named = {name: str(served.folder / file) for name, file in bundles.items()}
        only = ("--check", "tenant-reachable", "--check", "site-reachable", "--timeout", "20")
        given = ("scan", "--config", str(served.config), "--json", "--format", "none", *only, *options)
        return program(*given, variables={**served.secrets, **named})

    return run


def outcomes(ran: Ran) -> set[tuple[str, str | None]]:
    return {(ran.check(name)["outcome"], ran.check(name)["reason"]) for name in BOTH}


BELIEVED = {("pass", None)}
NOT_BELIEVED = {("unknown", "unreachable")}


def test_nobody_believes_a_private_authority_unasked(scan: Scan) -> None:
    ran = scan("--debug")
    assert outcomes(ran) == NOT_BELIEVED
    assert all("name it in ca_bundle" in ran.check(name)["summary"] for name in BOTH)
    assert ran.err.count("believed: the authorities of the operating system and of certifi") >= 2


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_of_the_environment_counts_where_no_bundle_is_set(variable: str, scan: Scan) -> None:
    ran = scan("--debug", **{variable: "own.pem"})
    assert outcomes(ran) == BELIEVED
    assert re.search(rf"believed: only the authorities in \S+own\.pem \({variable}\)", ran.err)


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_never_overrides_the_bundle(variable: str, scan: Scan) -> None:
    """In neither direction; the sign-in by MSAL included."""
    own = {"READINESS_TENANT_CA_BUNDLE": "own.pem", "READINESS_SITE_CA_BUNDLE": "own.pem"}
    assert outcomes(scan(**own, **{variable: "other.pem"})) == BELIEVED
    assert outcomes(scan(**own, **{variable: "no-such-file.pem"})) == BELIEVED
    other = dict.fromkeys(own, "other.pem")
    ran = scan("--debug", **other, **{variable: "own.pem"})
    assert outcomes(ran) == NOT_BELIEVED
    assert re.search(r"believed: only the authorities in \S+other\.pem \(ca_bundle\)", ran.err)


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_that_names_other_authorities_is_named(variable: str, scan: Scan) -> None:
    ran = scan(**{variable: "other.pem"})
    assert outcomes(ran) == NOT_BELIEVED
    assert all(f"(believed are only those in {variable})" in ran.check(name)["summary"] for name in BOTH)


def test_the_variables_have_an_order(scan: Scan) -> None:
    """That of requests; what speaks to OpenSSL comes last."""
    first = scan(REQUESTS_CA_BUNDLE="own.pem", CURL_CA_BUNDLE="other.pem", SSL_CERT_FILE="other.pem")
    assert outcomes(first) == BELIEVED
    assert outcomes(scan(REQUESTS_CA_BUNDLE="other.pem", CURL_CA_BUNDLE="own.pem")) == NOT_BELIEVED


def test_each_half_has_a_bundle_of_its_own(scan: Scan) -> None:
    ran = scan(READINESS_TENANT_CA_BUNDLE="own.pem", READINESS_SITE_CA_BUNDLE="other.pem")
    assert [ran.check(name)["outcome"] for name in BOTH] == ["pass", "unknown"]
    ran = scan(READINESS_SITE_CA_BUNDLE="own.pem", READINESS_TENANT_CA_BUNDLE="other.pem")
    assert [ran.check(name)["outcome"] for name in BOTH] == ["unknown", "pass"]


def spoilt(folder: Path) -> dict[str, str]:
    """Bundles that are none, by what is said of them."""
    made = trustme.CA()
    pem = made.cert_pem.bytes()
    contents = {
        "holds no certificates in PEM form": b"not a certificate",
        "holds no certificates": b"",
        "binary form (DER)": x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER),
        "UTF-16": pem.decode().encode("utf-16"),
        "holds a private key": pem + made.private_key_pem.bytes(),
        "certificates in PEM form": pem + pem[: len(pem) // 2],
    }
    names = {}
    for number, (words, content) in enumerate(contents.items()):
        (folder / f"{number}.pem").write_bytes(content)
        names[words] = f"{number}.pem"
    return {**names, "no such file": "nowhere.pem", "is a folder": "."}


@pytest.mark.parametrize("variable", ["READINESS_TENANT_CA_BUNDLE", "READINESS_SITE_CA_BUNDLE", *VARIABLES])
def test_a_bundle_that_is_none_reads_nothing(variable: str, scan: Scan, served: Estate) -> None:
    """Each spoilt bundle in its own words, in the configuration as in a variable; a key in it is not repeated."""
    before = len(served.lab.requests)
    for words, name in spoilt(served.folder).items():
        if words == "is a folder" and variable in FOLDERS:
            continue
        ran = scan(**{variable: name})
        assert ran.code == 2, (words, ran.err)
        assert words in ran.err
        assert f"environment variable {variable}: " in ran.err
        assert "BEGIN" not in ran.err.replace("-----BEGIN CERTIFICATE-----", "")
    assert len(served.lab.requests) == before


def test_a_folder_of_authorities_is_one_where_requests_takes_it_for_one(tmp_path: Path) -> None:
    assert trust(None, {"REQUESTS_CA_BUNDLE": str(tmp_path)}).bundle == tmp_path


def test_on_windows_a_variable_for_openssl_takes_nothing_from_the_store(tmp_path: Path) -> None:
    """Python adds it to the store of the machine, where administrators have put their authorities."""
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    named = {"SSL_CERT_FILE": str(tmp_path / "ca.pem")}
    assert trust(None, named, "win32").bundle is None
    assert trust(None, named, "linux").variable == "SSL_CERT_FILE"
