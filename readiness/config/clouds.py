"""The clouds that a tenant can live in, and their hosts: dated data, in `clouds.toml` beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path


class Cloud(StrEnum):
    """`[tenant] cloud`. GCC is part of the public cloud."""

    PUBLIC = "public"
    USGOV = "usgov"
    USDOD = "usdod"
    CHINA = "china"


@dataclass(frozen=True, slots=True)
class CloudHosts:
    """Where a cloud signs people in, and where its Microsoft Graph answers: https origins without a final slash."""

    login: str
    graph: str
    instance: str
    """`cloud_instance_name`, as the discovery document of its tenants has it."""
    sub_scope: str | None = None
    """`tenant_region_sub_scope` there, where it alone tells clouds of one instance apart."""


@cache
def clouds() -> Mapping[Cloud, CloudHosts]:
    """The hosts of every cloud. Read when they are needed: `--help` does not pay for it."""
    import tomllib

    document = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {Cloud(name): CloudHosts(**hosts) for name, hosts in document["cloud"].items()}


def clouds_of(instance: str) -> tuple[Cloud, ...]:
    """The clouds whose tenants name this instance: GCC High and DoD share theirs."""
    return tuple(cloud for cloud, hosts in clouds().items() if hosts.instance == instance)
