"""What the console calls its places: texts for remediations, narrowed to the build of the site that was read.

A check writes the long text, which names every era, as a literal; `at` keeps what the console of this site says.
The same texts stand, dated and with their sources, in `knowledge/console.toml`.
"""

from __future__ import annotations

from dataclasses import replace

from checks import knowledge
from readiness.plugin import Hierarchy, Remediation, Step

CLOUD_ATTACH = "Administration > Overview > Cloud Services > Cloud Attach (up to release 2103: Co-management)"
"""The node of the co-management and tenant attach settings."""
CONFIGURE = "Configure Cloud Attach (up to release 2103: Configure co-management)"
"""The button of the ribbon that opens the wizard."""
WIZARD = (
    "Cloud Attach Configuration Wizard (from release 2111 choose Customize settings; "
    "up to 2103: Co-management Configuration Wizard)"
)
UPLOAD = "Upload to Microsoft Endpoint Manager admin center"
"""The box on the wizard's first page, and on the tab Configure upload."""
UPLOAD_TAB = f"{CLOUD_ATTACH} > CoMgmtSettingsProd > Properties > Configure upload"
CLOUD_SYNC = (
    "Make this collection available to assign Endpoint security policies from Microsoft Endpoint Manager admin center "
    "(release 2002: to assign Microsoft Defender ATP policies in Intune; newest: from Microsoft Intune admin center)"
)
"""The box on the tab Cloud Sync of a collection."""
CLOUD_SYNC_TAB = "Assets and Compliance > Device Collections > the collection > Properties > Cloud Sync"


def at(remediation: Remediation, hierarchy: Hierarchy | None) -> Remediation:
    """The same steps, with the names that the console of the provider's site has.

    Unchanged where no hierarchy was read, or where the site's build is no release that is known.
    """
    names = _names(hierarchy)
    if not names:
        return remediation
    return replace(
        remediation,
        steps=tuple(_step(step, names) for step in remediation.steps),
        verify=_named(remediation.verify, names),
        rollback=_named(remediation.rollback, names),
    )


def _names(hierarchy: Hierarchy | None) -> dict[str, str]:
    """What the console of the provider's site says for each text."""
    site = hierarchy.provider_site if hierarchy is not None else None
    return {} if site is None else dict(knowledge.console(site.build))


def _step(step: Step, names: dict[str, str]) -> Step:
    where = _named(step.where, names) if step.where is not None else None
    return replace(step, text=_named(step.text, names), where=where)


def _named(text: str, names: dict[str, str]) -> str:
    for long, short in names.items():
        text = text.replace(long, short)
    return text
