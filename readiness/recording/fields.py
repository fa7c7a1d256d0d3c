"""Which fields hold words of Microsoft's, and in which form: the only texts that a recording keeps.

A field that is not listed here holds somebody's names: its texts become aliases. So does a text that stands in a listed
field without having the form that is said here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from readiness.aliases import Aliases, Category, shaped
from readiness.aliases.shapes import GUID, host
from readiness.aliases.table import Form
from readiness.recording.sentences import link, sentence, vocabulary

NEVER = frozenset({"secretkey", "secrettext", "access_token", "refresh_token", "id_token", "client_secret", "password"})
"""Fields of which not even an alias is kept: what they hold is gone."""
GONE = "(not recorded)"

Treat = Callable[[Aliases, str], str]
"""What a text of a field becomes."""


def _kept(pattern: str, otherwise: Treat = shaped) -> Treat:
    form = re.compile(pattern, re.ASCII)
    return lambda aliases, text: text if form.fullmatch(text) else otherwise(aliases, text)


def _of(category: Category) -> Treat:
    return partial(shaped, category=category)


def _site_code(aliases: Aliases, text: str) -> str:
    code = text.strip()
    return aliases.formed(Form.SITE_CODE, code) if re.fullmatch("[0-9A-Za-z]{3}", code) else shaped(aliases, text)


def _server(aliases: Aliases, text: str) -> str:
    return shaped(aliases, text, Category.HOST) if "\\" in text else host(aliases, text)


def _below(aliases: Aliases, text: str) -> str:
    """A scope of the directory: `/` is all of it."""
    parts = text.split("/")
    return "/".join(one if one in ("", "administrativeUnits") else shaped(aliases, one) for one in parts)


_WORD = r"[A-Za-z][A-Za-z0-9]{0,63}"
_WORDS = rf"{_WORD}(?:, ?{_WORD})*"
_NUMBER = _kept(r"\s*-?[0-9]{1,20}\s*|0x[0-9A-Fa-f]{1,8}")
_FLAG = _kept(r"(?i:true|false)")
_VERSION = _kept(r"[0-9]{1,9}(?:\.[0-9]{1,9}){1,4}")
_MICROSOFTS_ID = _kept(rf"(?i:{GUID.pattern})(?:_[0-9]{{1,3}})?")
# No `~`: it stands in the ids of settings of templates (ADMX) that somebody brought along, with their names.
_DEFINITION = _kept(r"(?:device|user)?_?vendor_msft_[A-Za-z0-9_.{}-]{1,300}")

_TEXTS: Mapping[str, Treat] = {
    # OData, Graph
    "@odata.type": _kept(r"#?(?:microsoft\.graph|AdminService)(?:\.[A-Za-z0-9_]{1,80}){1,3}"),
    "code": _kept(r"[A-Za-z][A-Za-z0-9_]{0,80}"),
    "error": _kept(r"[a-z]{1,20}(?:_[a-z]{1,20}){0,4}"),
    "message": sentence,
    "error_description": sentence,
    "directoryscopeid": _below,
    "templateid": _MICROSOFTS_ID,
    "templates.id": _MICROSOFTS_ID,
    "skuid": _MICROSOFTS_ID,
    "serviceplanid": _MICROSOFTS_ID,
    "settingdefinitionid": _DEFINITION,
    "choicesettingvalue.value": _DEFINITION,
    "definitionid": _kept(r"deviceConfiguration--[A-Za-z]{1,80}_[A-Za-z]{1,80}"),
    "valuejson": _kept(r'true|false|null|-?[0-9]{1,9}|"(?:notConfigured|onboardingBlob|offboardingBlob)"'),
    "roletemplateid": _MICROSOFTS_ID,
    "rolescopetagids": _NUMBER,
    "displayname": _of(Category.TEXT),
    "organization.displayname": _of(Category.TENANT),
    "groups.displayname": _of(Category.GROUP),
    "users.displayname": _of(Category.USER),
    "serviceprincipals.displayname": _of(Category.APPLICATION),
    "applications.displayname": _of(Category.APPLICATION),
    "configurationpolicies.name": _of(Category.POLICY),
    "intents.displayname": _of(Category.POLICY),
    "configmanagercollections.displayname": _of(Category.COLLECTION),
    "configmanagercollections.hierarchyname": _of(Category.SITE),
    # The SMS Provider
    "machine": _server,
    "servername": _server,
    "smsproviderserver": _server,
    "smssiteserver": _server,
    "siteservername": _server,
    "machinename": _server,
    "networkospath": _server,
    "rolename": _kept(r"Full Administrator|Read-only Analyst", _of(Category.ROLE)),
    "rolenames": _kept(r"Full Administrator|Read-only Analyst", _of(Category.ROLE)),
    "sms_sci_sysresuse.rolename": _kept(r"SMS(?: [A-Z][A-Za-z]{1,30}){1,6}|SMS_[A-Z_]{1,40}"),
    "itemtype": _kept("System Resource Usage"),
    "categoryname": _kept("All|Default"),
    "component": _kept(r"SMS_[A-Z_]{1,60}"),
    "sms_statusmessage.messageid": _NUMBER,
    "componentname": _kept(r"SMS_[A-Z_]{1,60}"),
    "tallyinterval": _kept(r"[0-9A-F]{16}"),
    "categoryinstance_uniqueids": _kept(r"SettingsAndPolicy:SMS_(?:CoManagement|AdvancedThreatProtection)Settings"),
    "localizeddisplayname": _kept(r"CoMgmtSettings[A-Za-z]{0,30}"),
    "propertyname": _kept(r"[A-Za-z][A-Za-z0-9]{0,39}"),
    "packageguid": _kept(rf"(?i:{GUID.pattern})"),
    "deviceos": vocabulary,
    "operatingsystemnameandversion": vocabulary,
    "sms_cm_updatepackages.name": vocabulary,
    "sms_cm_updatepackages.description": vocabulary,
    "sms_cm_updatepackagesitestatus.name": vocabulary,
    "supersedesnamelist": vocabulary,
    "supersededbynamelist": vocabulary,
    "prereqpackagename": vocabulary,
    "moreinfolink": link,
    "sms_collection.name": _of(Category.COLLECTION),
    "limittocollectionname": _of(Category.COLLECTION),
    "sms_fullcollectionmembership.name": _server,
    "sms_combineddeviceresources.name": _server,
    "sms_r_system.name": _server,
    "sms_configurationpolicy.name": _of(Category.POLICY),
    "sms_azure_cloudservice.name": _of(Category.APPLICATION),
    "sms_aad_application_ex.name": _of(Category.APPLICATION),
    "sms_aad_tenant_ex.name": _of(Category.TENANT),
    # Faults of WS-Management
    "error_code": _NUMBER,
    "statuscode": _NUMBER,
    "messageid": _kept(r"HRESULT 0x[0-9A-Fa-f]{1,8}"),
    "text": sentence,
}
_ALIKE: tuple[tuple[str, Treat], ...] = (
    (
        "partnerState subscriptionState creationSource templateFamily templateSubtype templateType memberType"
        " assignmentType principalType capabilityStatus provisioningStatus appliesTo Column PropertyType status"
        " PolicyStatus tenant_region_scope tenant_region_sub_scope token_type",
        _kept(rf"{_WORD}|[0-9]{{1,9}}"),
    ),
    ("platforms technologies", _kept(_WORDS)),
    ("serviceplanname skupartnumber", _kept(r"[A-Z][A-Z0-9_]{1,60}")),
    ("version fullversion clientversion deviceosbuild smsversion mincmversion maxcmversion", _VERSION),
    ("sitecode reportingsitecode thissitecode sourcesite", _site_code),
    ("sitename thissitename", _of(Category.SITE)),
    (
        "ATPOnboardingState AdminID AssociatedAADApplications AssociatedAADWebApplications AvailabilityState"
        " BuildNumber CI_ID CategoryTypeID CollectionType CurrentStatus Environment ID Impact"
        " IncludeExcludeCollectionsCount"
        " LocalMemberCount MemberCount Mode MonthlyReleaseVersion PrereqFlag PrereqPackageState PrimaryGroupID"
        " PublisherFlags RefreshType RequestedStatus ResourceID ResourceType ReturnValue RoleCount SMSBuildNumber"
        " SMSMinBuildNumber SecondarySiteCMUpdateStatus ServerState ServicePartners ServiceType State UpdateType Value"
        " WarningFlag MaxElements",
        _NUMBER,
    ),
    (
        "CoManaged IsActive IsAssigned IsBuiltIn IsClient IsCovered IsDecommissioned IsDeleted IsDirect IsEnabled"
        " IsExpired IsGroup IsObsolete IsReferenceCollection OwnedByThisSite ProviderForLocalSite UseCluster",
        _FLAG,
    ),
)
_ID_NUMBERS = ("sms_site.type", "sms_site.status", "sms_componentsummarizer.status", "sms_aad_application_ex.tenantid")


def _table() -> dict[str, Treat]:
    made = {name.lower(): treat for names, treat in _ALIKE for name in names.split()}
    return {**made, **_TEXTS, **dict.fromkeys(_ID_NUMBERS, _NUMBER)}


FIELDS: Mapping[str, Treat] = _table()
"""By the name of the field in lower case, or by `entity.field`, which comes first."""


def treated(aliases: Aliases, entity: str, name: str, text: str) -> str:
    """What a text of this field becomes.

    Args:
        entity: the class, or the last known word of the path, that the row is of.
    """
    folded = name.lower()
    treat = FIELDS.get(f"{entity.lower()}.{folded}") or FIELDS.get(folded) or shaped
    return treat(aliases, text)
