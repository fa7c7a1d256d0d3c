"""A small collection is among the targets: what is tried on few devices first can be undone on few."""

from __future__ import annotations

from readiness.plugin import (
    Check,
    Level,
    Needs,
    Outcome,
    Owner,
    Phase,
    Remediation,
    Step,
    TargetDevices,
    Verdict,
)

MOST_DEVICES = 50
"""Of a pilot. A choice, not a rule of Microsoft's."""

CHECK = Check(
    id="example-pilot-first",
    title="A pilot is among the collections of the roll-out",
    phase=Phase.COLLECTIONS,
    level=Level.ADVISORY,
    needs=Needs.SITE,
    owner=Owner.CONFIGMGR_ADMIN,
    depends_on=("collections-exist",),
    why="What is tried on few devices first can be undone on few.",
    judged=f"By the members of the targets: one of them has at least one device, and at most {MOST_DEVICES}.",
    remediation=Remediation(
        steps=(
            Step(
                f"Make a device collection of at most {MOST_DEVICES} devices, and name it in [scope] collections",
                where="Configuration Manager console > Assets and Compliance > Device Collections",
                id="make-a-pilot-collection",
            ),
        ),
        role="Full Administrator, or another role that may create collections",
        verify="the collection's number of members",
    ),
    sources=(),
)


@CHECK.judge
def judge(devices: TargetDevices) -> Verdict:
    members = {target: sum(target in device.collections for device in devices.devices) for target in devices.asked}
    observed = (
        ", ".join(f"{target}: {count} devices" for target, count in sorted(members.items())) or "no target was read"
    )
    expected = f"a target with 1 to {MOST_DEVICES} devices"
    if any(1 <= count <= MOST_DEVICES for count in members.values()):
        return Verdict(Outcome.PASS, "One of the targets is small enough for a pilot", expected, observed)
    return Verdict(Outcome.FAIL, "No target is small enough for a pilot", expected, observed)
