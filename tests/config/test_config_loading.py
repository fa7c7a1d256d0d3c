"""A whole file, the defaults, and where the file is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from readiness.config import (
    Cloud,
    Configuration,
    ScanSettings,
    Scheme,
    SiteAuth,
    SiteSettings,
    SiteTransport,
    TenantAuth,
    TenantSettings,
    client_certificate,
    load,
    require_half,
)
from readiness.config.schema import SECTIONS
from readiness.errors import ConfigurationError
from readiness.model.settings import (
    Attestation,
    Calibration,
    Change,
    JudgingSettings,
    OperatingModel,
    Policy,
    Rollout,
    Scope,
    Stage,
    Waiver,
)
from readiness.model.words import FailOn
from tests.keys import PASSWORD, pair

Load = Callable[..., Configuration]

CONTRACT = """\
[tenant]                                  # leave the section out to skip the cloud half
id = "contoso.onmicrosoft.com"            # tenant GUID or verified domain
cloud = "public"                          # public | usgov | usdod | china
client_id = "00000000-0000-0000-0000-000000000000"
auth = "certificate"                      # device-code | interactive | client-secret | certificate | managed-identity
client_secret_env = "READINESS_CLIENT_SECRET"
certificate = "readiness.pfx"             # PFX, or PEM with key and certificate
certificate_password_env = "READINESS_PFX_PASSWORD"
federated_token_file = "/var/run/token"   # workload-identity
authority = "https://localhost:8443"
graph = "https://localhost:8443"          # optional: another Graph host
ca_bundle = "ca.pem"                      # optional: certificate authorities for both

[site]                                    # leave the section out to skip the on-premises half
server = "cm01.contoso.com"               # a server with the SMS Provider, of the top-level site
site_code = "P01"                         # optional: asked from the provider
transport = "winrm"                       # winrm | adminservice
auth = "negotiate"
username = "CONTOSO\\\\svc-readiness"       # optional where the current logon is used
password_env = "READINESS_SITE_PASSWORD"
scheme = "https"
port = 5986
ca_bundle = "ca.pem"
edr_flag_mask = 0                         # optional: see check collections-enabled; 0: not calibrated
hierarchy_id = ""                         # optional: the hierarchy as Graph names it, where several share a tenant

[scope]
collections = ["P0100021", "All Windows Servers - EDR"]
groups = []                                               # optional: Entra groups for the Intune side
administrators = ["admin@contoso.com"]
operating_model = "tenant-attach"                         # optional: tenant-attach | co-management

[rollout]
stage = "planned"                                         # planned | running | done

[policy]
fail_on = "blocker"
max_evidence_age = "24h"
valid_for = "24h"
min_eligible = 0.95

[change]                                  # optional header of the report
ticket = "CHG0031337"
window_start = 2026-12-01T20:00:00Z
window_end = 2026-12-01T23:00:00Z
approver = "..."

[[waiver]]
check = "site-version-supported"
collection = "P0100021"                   # optional; or site = "P01", or administrator = "admin@contoso.com"
requested_by = "Ann"
reason = "Upgrade is CHG0031400"
approved_by = "Bob"
ticket = "CHG0031400"
expires = 2026-12-31                      # required; the whole day, UTC

[[attestation]]                           # a person saw what no interface shows
check = "collections-enabled"
collection = "P0100021"
statement = "Cloud Sync tab: box ticked"
by = "..."
on = 2026-11-23
expires = 2026-12-07
"""


@pytest.mark.usefixtures("bundle")
def test_example_of_the_contract_loads_whole(loaded: Load, folder: Path) -> None:
    """Every key of the contract is read into its own type, and its certificate opens."""
    application = pair()
    application.written(folder)
    found = client_certificate(loaded(CONTRACT), {"READINESS_PFX_PASSWORD": PASSWORD})
    assert found.pem.encode() == application.pem_certificate
    assert loaded(CONTRACT) == Configuration(
        path=folder / "readiness.toml",
        tenant=TenantSettings(
            id="contoso.onmicrosoft.com",
            client_id="00000000-0000-0000-0000-000000000000",
            cloud=Cloud.PUBLIC,
            auth=TenantAuth.CERTIFICATE,
            client_secret_env="READINESS_CLIENT_SECRET",
            certificate=folder / "readiness.pfx",
            certificate_password_env="READINESS_PFX_PASSWORD",
            federated_token_file=Path("/var/run/token"),
            authority="https://localhost:8443",
            graph="https://localhost:8443",
            ca_bundle=folder / "ca.pem",
        ),
        site=SiteSettings(
            server="cm01.contoso.com",
            site_code="P01",
            transport=SiteTransport.WINRM,
            auth=SiteAuth.NEGOTIATE,
            username="CONTOSO\\svc-readiness",
            password_env="READINESS_SITE_PASSWORD",
            scheme=Scheme.HTTPS,
            port=5986,
            ca_bundle=folder / "ca.pem",
            edr_flag_mask=0,
            hierarchy_id=None,
        ),
        scan=ScanSettings(),
        judging=JudgingSettings(
            scope=Scope(
                collections=("P0100021", "All Windows Servers - EDR"),
                administrators=("admin@contoso.com",),
                operating_model=OperatingModel.TENANT_ATTACH,
            ),
            rollout=Rollout(Stage.PLANNED),
            policy=Policy(FailOn.BLOCKER, timedelta(hours=24), timedelta(hours=24), 0.95),
            change=Change(
                ticket="CHG0031337",
                window_start=datetime(2026, 12, 1, 20, tzinfo=UTC),
                window_end=datetime(2026, 12, 1, 23, tzinfo=UTC),
                approver="...",
            ),
            waivers=(
                Waiver(
                    check="site-version-supported",
                    collection="P0100021",
                    requested_by="Ann",
                    reason="Upgrade is CHG0031400",
                    approved_by="Bob",
                    ticket="CHG0031400",
                    expires=date(2026, 12, 31),
                ),
            ),
            attestations=(
                Attestation(
                    check="collections-enabled",
                    collection="P0100021",
                    statement="Cloud Sync tab: box ticked",
                    by="...",
                    on=date(2026, 11, 23),
                    expires=date(2026, 12, 7),
                ),
            ),
        ),
    )


@pytest.mark.usefixtures("bundle")
def test_example_of_the_contract_as_it_stands_names_one_person_twice(loaded: Load, folder: Path) -> None:
    """It shows "..." as requester and as approver of its waiver, which the contract itself forbids."""
    pair().written(folder)
    with pytest.raises(ConfigurationError) as caught:
        loaded(CONTRACT.replace('"Ann"', '"..."').replace('"Bob"', '"..."'))
    assert caught.value.diagnostics() == (
        f"{folder}/readiness.toml, line 53: [[waiver]] approved_by: is who requested it; "
        "another person must approve a waiver"
    )


def test_what_calibrates_a_check_stands_in_the_site_and_reaches_the_judging(loaded: Load, site: str) -> None:
    """Checks see no access settings: what they need of `[site]` is handed over."""
    guid = "6f1d2c3b-4a59-4e8d-8c7b-0a1b2c3d4e5f"
    found = loaded(f'{site}edr_flag_mask = 4\nhierarchy_id = "{guid}"\n')
    assert found.judging.calibration == Calibration(edr_flag_mask=4, hierarchy_id=guid)
    assert loaded(site).judging.calibration == Calibration()


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_every_field_of_the_settings_has_a_kind(name: str) -> None:
    """The schema and the dataclasses do not drift apart."""
    section = SECTIONS[name]
    assert set(section.kinds) == {field.name for field in fields(section.becomes)}


def test_scan_holds_the_options_under_their_names(loaded: Load, folder: Path) -> None:
    """Options may be written as on the command line or with underscores."""
    scan = loaded("""\
[scan]
check = ["site-*"]
skip = ["site-known-defects"]
tag = ["article"]
collection = ["P0100021"]
format = ["html"]
output = "out"
fail-on = "advisory"
quiet = true
json = true
no-color = true
no_input = true
debug = true
timeout = 90
save-evidence = "evidence.json"
log_file = "/var/log/readiness.log"
transport = "winrm"
""")
    assert scan.scan == ScanSettings(
        check=("site-*",),
        skip=("site-known-defects",),
        tag=("article",),
        collection=("P0100021",),
        format=("html",),
        output=folder / "out",
        fail_on=FailOn.ADVISORY,
        quiet=True,
        json=True,
        no_color=True,
        no_input=True,
        debug=True,
        timeout=90.0,
        save_evidence=folder / "evidence.json",
        log_file=Path("/var/log/readiness.log"),
        transport=SiteTransport.WINRM,
    )
    assert scan.judging.policy.fail_on is FailOn.ADVISORY


def test_option_overrides_policy_but_a_variable_overrides_both(loaded: Load) -> None:
    """`fail_on` has two places; the nearer one wins."""
    text = '[policy]\nfail_on = "unknown"\n[scan]\nfail_on = "advisory"\n'
    assert loaded(text).judging.policy.fail_on is FailOn.ADVISORY
    assert loaded(text, {"READINESS_POLICY_FAIL_ON": "blocker"}).judging.policy.fail_on is FailOn.BLOCKER
    assert loaded(text, {"READINESS_SCAN_FAIL_ON": "blocker"}).judging.policy.fail_on is FailOn.BLOCKER


def test_tenant_knows_its_hosts(loaded: Load, tenant: str) -> None:
    """The cloud gives the hosts, and `authority` and `graph` replace them."""
    government = loaded(tenant + 'cloud = "usdod"\n').tenant
    assert government is not None
    assert government.login_origin == "https://login.microsoftonline.us"
    assert government.graph_origin == "https://dod-graph.microsoft.us"
    private = loaded(tenant + 'authority = "https://[::1]:8443"\ngraph = "https://localhost"\n').tenant
    assert private is not None
    assert private.login_origin == "https://[::1]:8443"
    assert private.graph_origin == "https://localhost"


def test_port_follows_the_scheme(loaded: Load, site: str) -> None:
    """5985 for http, 5986 for https, as written otherwise."""
    ports = [loaded(site + more).site for more in ("", 'scheme = "http"\n', 'scheme = "http"\nport = 80\n')]
    assert [settings.port for settings in ports if settings] == [5986, 5985, 80]


def test_port_follows_the_transport(loaded: Load, site: str) -> None:
    """443 for the administration service, wherever the transport is said; a port that is written stays."""
    texts = (
        f'{site}transport = "adminservice"\n',
        f'{site}[scan]\ntransport = "adminservice"\n',
        f'{site}port = 8443\n[scan]\ntransport = "adminservice"\n',
        f'{site}transport = "adminservice"\n[scan]\ntransport = "winrm"\n',
    )
    found = [loaded(text).site for text in texts]
    assert [(settings.transport, settings.port) for settings in found if settings] == [
        ("adminservice", 443),
        ("adminservice", 443),
        ("adminservice", 8443),
        ("winrm", 5986),
    ]


def test_a_variable_for_the_transport_overrides_any_file(loaded: Load, site: str) -> None:
    text = f'{site}[scan]\ntransport = "adminservice"\n'
    found = loaded(text, {"READINESS_SITE_TRANSPORT": "winrm"}).site
    assert found is not None
    assert (found.transport, found.port) == ("winrm", 5986)


def test_no_file_is_no_configuration(loaded: Load, folder: Path) -> None:
    """Nothing found and nothing set: the caller can tell, and tells where to go."""
    configuration = loaded()
    assert configuration == Configuration()
    assert not configuration.has_half
    with pytest.raises(ConfigurationError) as caught:
        require_half(configuration, user_dir=folder)
    assert caught.value.diagnostics() == (
        f"no configuration: there is no readiness.toml here, nor {folder}/readiness.toml\n"
        "write readiness.toml (readiness init asks for what it needs), or name one with --config FILE\n"
        "to look around without any, run: readiness scan --demo"
    )


def test_file_without_halves_has_nothing_to_read(loaded: Load, site: str) -> None:
    """A file with neither half is a configuration, but not one to scan with."""
    with pytest.raises(ConfigurationError, match=r"readiness\.toml: has neither a \[tenant\] nor a \[site\] section"):
        require_half(loaded("[scope]\ngroups = []\n"))
    require_half(loaded(site))


def test_file_is_found_by_name_then_here_then_in_the_users_folder(folder: Path, site: str) -> None:
    """`--config` wins over the working directory, which wins over the user's directory."""
    users, here, named = folder.parent / "user" / "readiness.toml", folder / "readiness.toml", folder / "other.toml"
    users.write_text(site.replace("cm01", "users"), encoding="utf-8")
    found = []
    for path in (None, None, Path("other.toml")):
        configuration = load(path, {}, cwd=folder, user_dir=users.parent)
        found.append((configuration.path, configuration.site.server if configuration.site else None))
        here.write_text(site.replace("cm01", "here"), encoding="utf-8")
        named.write_text(site.replace("cm01", "named"), encoding="utf-8")
    assert found == [
        (users, "users.contoso.com"),
        (here, "here.contoso.com"),
        (named, "named.contoso.com"),
    ]


def test_users_folder_is_the_platforms(monkeypatch: pytest.MonkeyPatch, folder: Path, site: str) -> None:
    """Without `user_dir` the platform's configuration directory is asked, and without `cwd` the process."""
    users = folder / "config" / "readiness" / "readiness.toml"
    users.parent.mkdir(parents=True)
    users.write_text(site, encoding="utf-8")
    monkeypatch.setattr("platformdirs.user_config_path", lambda name, **_: folder / "config" / name)
    monkeypatch.chdir(folder)
    assert load(None, {}).path == users


def test_paths_are_relative_to_the_file_or_for_variables_to_the_working_directory(folder: Path) -> None:
    """The same text means what its author could see."""
    (folder / "etc").mkdir()
    (folder / "etc" / "readiness.toml").write_text('[scan]\noutput = "out"\nlog_file = "log"\n', encoding="utf-8")
    scan = load(Path("etc/readiness.toml"), {"READINESS_SCAN_LOG_FILE": "log"}, cwd=folder).scan
    assert (scan.output, scan.log_file) == (folder / "etc" / "out", folder / "log")
