"""Signing in to the simulated Entra ID with real MSAL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness.lab import Lab
from readiness.lab.scenario import Fault

from .clients import Cloud, session
from .conftest import changed


@pytest.mark.parametrize("tenant", ["8d3c0f52-6a4e-4b3f-9f0e-2d1c5a7b9e10", "contoso.onmicrosoft.com", "Contoso.com"])
def test_signs_in_by_id_and_by_any_verified_domain(cloud: Cloud, tenant: str) -> None:
    answer = cloud.sign_in(tenant=tenant)

    assert answer["token_source"] == "identity_provider"
    assert answer["expires_in"] == 3599


def test_an_unknown_tenant_is_refused_at_discovery(cloud: Cloud) -> None:
    """MSAL turns the 400 of discovery into a ValueError."""
    with pytest.raises(ValueError, match="tenant"):
        cloud.sign_in(tenant="nope.example")

    answer = cloud.get("nope.example/v2.0/.well-known/openid-configuration")
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_tenant"
    assert answer.json()["error_codes"] == [90002]


@pytest.mark.parametrize(
    ("wrong", "number"),
    [
        ({"secret": "wrong"}, 7000215),
        ({"client": "00000000-0000-0000-0000-000000000000"}, 700016),
        ({"scope": "https://graph.microsoft.com/.default"}, 500011),
    ],
)
def test_wrong_credentials_are_refused_by_number(cloud: Cloud, wrong: dict[str, str], number: int) -> None:
    answer = cloud.sign_in(**wrong)

    assert "access_token" not in answer
    assert answer["error_codes"] == [number]
    assert answer["error_description"].startswith(f"AADSTS{number}: ")


@pytest.mark.parametrize(
    ("tenant", "number"), [({"client_secret_expired": True}, 7000222), ({"consent": False}, 65001)]
)
def test_a_scenario_may_expire_the_secret_or_withhold_consent(
    start: Callable[..., Lab], tmp_path: Path, tenant: dict[str, Any], number: int
) -> None:
    lab = start(changed("ready", tenant=tenant))
    with session(lab, tmp_path) as web:
        assert Cloud(lab, web).sign_in()["error_codes"] == [number]


def test_a_scenario_may_make_the_sign_in_fail_for_a_while(start: Callable[..., Lab], tmp_path: Path) -> None:
    fault = Fault(server="entra", path="*/token", status=503, retry_after=1, times=1)
    lab = start(changed("ready", fault=[fault]))
    with session(lab, tmp_path) as web:
        address = f"{lab.graph_origin}/{lab.scenario.tenant.id}/oauth2/v2.0/token"
        first = web.post(address, timeout=10)

        assert (first.status_code, first.headers["Retry-After"]) == (503, "1")
        assert "access_token" in Cloud(lab, web).sign_in()


def test_no_secret_and_no_token_is_in_the_journal(lab: Lab, cloud: Cloud) -> None:
    token = cloud.sign_in()["access_token"]

    assert [exchange.server for exchange in lab.requests] == ["entra", "entra"]
    assert token not in repr(lab.requests)
    assert lab.scenario.tenant.client_secret not in repr(lab.requests)
