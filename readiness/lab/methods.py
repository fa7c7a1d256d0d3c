"""Static methods of the provider: what a scenario says that they answer, or else what its rows say."""

from __future__ import annotations

from collections.abc import Mapping

from readiness.lab.classes import classes
from readiness.lab.scenario import Scenario

Result = Mapping[str, object]
_READING = ("get", "is")


def writes(method: str) -> bool:
    """Whether a method does not only read, going by its name: the lab never carries one out."""
    return not method.lower().startswith(_READING)


class Methods:
    """The methods of a scenario's provider."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario

    def result(self, cls: str, method: str, arguments: Mapping[str, str]) -> Result | None:
        """The out-parameters; None where there is no such method, or it writes."""
        if writes(method):
            return None
        own = self._own(cls.lower(), method.lower(), arguments)
        for stated in self._scenario.method:
            if (stated.cls.lower(), stated.name.lower()) == (cls.lower(), method.lower()) and _fits(
                stated.arguments, arguments
            ):
                return {**(own or {}), **stated.result}
        return own

    def _own(self, cls: str, method: str, arguments: Mapping[str, str]) -> Result | None:
        match cls, method:
            case "sms_collection", "getservicepartners":
                return self._service_partners(arguments.get("CollectionID", ""))
            case "sms_comgmtconfigs", "gettenantcollectionmapping":
                # No collection is named: all devices are uploaded.
                return {"ReturnValue": 0, "CollectionSiteID": None}
        return None

    def _service_partners(self, collection: str) -> Result:
        """From the row as the scenario has it: the method is older than the column of the same name."""
        seen = self._scenario.visible.get("SMS_Collection")
        default = classes()["sms_collection"].defaults.get("ServicePartners", 0)
        for row in self._scenario.wmi.get("SMS_Collection", []):
            key = str(row.get("CollectionID", ""))
            if key.lower() == collection.lower() and (seen is None or key in seen):
                return {"ReturnValue": 0, "ServicePartners": row.get("ServicePartners", default)}
        return {"ReturnValue": _NOT_FOUND, "ServicePartners": None}


_NOT_FOUND = 0x80041002
"""How the real method answers for a collection that is not there is not known; that it says so, is enough."""


def _fits(stated: Mapping[str, str], given: Mapping[str, str]) -> bool:
    found = {name.lower(): value.lower() for name, value in given.items()}
    return all(found.get(name.lower()) == value.lower() for name, value in stated.items())
