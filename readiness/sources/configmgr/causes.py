"""The causes for which nobody is let in to the site: what is the matter, what to do, and who must do it."""

from __future__ import annotations

from dataclasses import dataclass

from readiness.model.words import Reason

YOU = "you"
DOMAIN = "an administrator of the domain"
MACHINE = "an administrator of the provider machine"
SITE = "a Full Administrator of the site"

SKEW_SECONDS = 300
"""What Kerberos in a domain tolerates by default."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of a refused sign-in. `{server}` in its texts stands for the server's name.

    Attributes:
        what: is the matter.
        who: must do something.
        remedy: what that is.
        final: to try another mechanism would only cost the account a second failed logon.
    """

    what: str
    who: str
    remedy: str
    reason: Reason = Reason.SIGN_IN_FAILED
    final: bool = False

    def told(self, server: str) -> str:
        """The cause as a sentence for this server."""
        return f"{self.what}. For {self.who}: {self.remedy}".replace("{server}", server)


WRONG_PASSWORD = Cause(
    "the password is wrong, which counted as one failed logon",
    YOU,
    "set the right one in the variable that [site] password_env names; this one was not tried again, so that the "
    "account does not lock",
    final=True,
)
WRONG_KEY = Cause(
    "the key in the keytab is not the account's, which counted as one failed logon",
    YOU,
    "export the keytab anew (ktpass, ktutil): a change of the password makes it worthless",
    final=True,
)
LOCKED = Cause(
    "the account is locked, disabled, or may not log on",
    DOMAIN,
    "unlock or enable the account (Unlock-ADAccount, Enable-ADAccount), and find out first what locked it",
    final=True,
)
EXPIRED_ACCOUNT = Cause("the account has expired", DOMAIN, "extend it (Set-ADAccountExpiration)", final=True)
EXPIRED_PASSWORD = Cause(
    "the password of the account has expired or must be changed",
    YOU,
    "change it by logging on with the account once, or have it reset; a service account may be exempted",
    final=True,
)
UNKNOWN_USER = Cause(
    "the realm does not know this user name",
    YOU,
    "check its spelling; with Kerberos write it as user@REALM, the realm in capitals",
)
NO_REALM = Cause(
    "the user name does not say which Kerberos realm the account is of",
    YOU,
    "write it as user@REALM, the realm in capitals (user@CONTOSO.COM)",
)
UNKNOWN_REALM = Cause(
    "the Kerberos realm is not known here: no key distribution center can be found for it",
    YOU,
    "write the realm in capitals; where this machine is not of the domain, name the realm and its domain controllers "
    "in krb5.conf, or let DNS find them",
)
NO_KDC = Cause(
    "no key distribution center (domain controller) of the realm answered",
    YOU,
    "check the VPN, DNS and the firewall (port 88, TCP and UDP), and the addresses in krb5.conf",
    Reason.UNREACHABLE,
)
NO_TICKET = Cause(
    "there is no logon here that could be used: no Kerberos ticket",
    YOU,
    "get one (kinit user@REALM; KRB5CCNAME tells where it is), or set username with password_env or keytab",
)
EXPIRED_TICKET = Cause(
    "the Kerberos ticket has expired", YOU, "get a new one (kinit), or set username with password_env or keytab"
)
BAD_KEYTAB = Cause(
    "the keytab holds no usable key of this user name",
    YOU,
    "compare username with what klist -k shows of it, and export it anew after a change of the password (ktpass)",
)
NO_SPN = Cause(
    "Active Directory knows no service HTTP/{server} (service principal name)",
    YOU,
    "write in [site] server the full name that the machine has in the domain: not an alias or a short name, and "
    "rdns = false in krb5.conf where reverse DNS names it otherwise; or have the name registered by "
    + DOMAIN
    + " (setspn -S HTTP/{server} the-machine)",
)
ADDRESS = Cause(
    "Kerberos knows services by name, and {server} is an address",
    YOU,
    "write in [site] server the full name that the machine has in the domain",
)
DOUBLE_SPN = Cause(
    "the service HTTP/{server} is registered for two accounts", DOMAIN, "find both (setspn -X) and remove the wrong one"
)
OTHER_SPN = Cause(
    "the server cannot read the ticket: the service HTTP/{server} is registered for another account than it runs as, "
    "or its key was changed",
    DOMAIN,
    "look for the registration (setspn -Q HTTP/{server}) and remove the wrong one (setspn -D)",
)
CLOCK = Cause(
    f"the clocks differ by more than the {SKEW_SECONDS // 60} minutes that Kerberos tolerates",
    YOU,
    "set the clock of this machine by the domain's (w32tm /query /status, chronyc tracking); then compare the server's",
)
POLICY = Cause(
    "a policy of the domain forbids this logon: logon hours, allowed machines, or an authentication policy",
    DOMAIN,
    "let the account log on to {server} from this machine",
)
OLD_KEYS = Cause(
    "the account or the service has no key of an encryption type that the domain still allows (RC4 was switched off?)",
    DOMAIN,
    "allow AES for it (msDS-SupportedEncryptionTypes) and set its password once more",
)
SETTINGS = Cause(
    "krb5.conf cannot be read or understood", YOU, "mend the file that KRB5_CONFIG names, or /etc/krb5.conf"
)
NO_PACKAGE = Cause(
    "Kerberos is not installed here",
    YOU,
    "install the extra edr-readiness[kerberos] (on Debian after: apt install gcc python3-dev libkrb5-dev)",
)
BINDING = Cause(
    "the server expects the sign-in for another TLS connection than ours (channel binding)",
    MACHINE,
    "take the proxy or load balancer that ends TLS out of the way, or give it the server's own certificate, which is "
    "what a hardened server demands (CbtHardeningLevel of WinRM, extended protection)",
)
NTLM_OFF = Cause(
    "NTLM was tried, and the server does not take it",
    YOU,
    "sign in with Kerberos: run this on a machine of the domain, or get a ticket (kinit) or write user@REALM, and set "
    'auth = "kerberos" (needs the extra edr-readiness[kerberos])',
)
KERBEROS_ONLY = 'from release 2509 on, the administration service takes Kerberos only, else transport = "winrm"'
RIGHTS = {
    "winrm": "the account must be in Remote Management Users there",
    "adminservice": "the account must be an administrative user of the site",
}
"""What an account needs that is let in."""
UNMAPPED = Cause(
    "the server signs nobody in with this certificate",
    MACHINE,
    'allow certificates there (winrm set winrm/config/service/auth @{Certificate="true"}) and map this one to an '
    "account (winrm create winrm/config/service/certmapping)",
)
WINRM_RIGHT = Cause(
    "the sign-in was right, but the account may not use WinRM there",
    MACHINE,
    "put it into Remote Management Users (Add-LocalGroupMember); it counts from the account's next logon",
    Reason.ACCESS_DENIED,
)
NAMESPACE_RIGHT = Cause(
    "WMI does not let the account read the namespace of the site",
    SITE,
    "make it an administrative user with the role Read-only Analyst and the scope All, which puts it into SMS Admins "
    "on this server (Remote Enable on root\\sms)",
    Reason.ACCESS_DENIED,
)
LEVEL = (
    "where it is one already: the authentication level of the SMS Provider (hierarchy settings) may demand a "
    "certificate or Windows Hello (inferred), and must be Windows authentication for a tool without a person"
)
NOT_ADMIN = Cause(
    "the sign-in was right, but the account may not read there",
    SITE,
    f"make it an administrative user of the site with the role Read-only Analyst and the scope All; {LEVEL}",
    Reason.ACCESS_DENIED,
)
NO_BASIC = Cause(
    "WinRM takes Basic for accounts of the machine itself only, not of the domain",
    YOU,
    "check user name and password; for an account of the domain use negotiate or kerberos",
)
TICKET_REFUSED = Cause(
    "the server refused a valid Kerberos ticket",
    MACHINE,
    "look for the reason in its event log (System: Security-Kerberos; Security: 4625): the service is registered for "
    "another account (setspn -Q HTTP/{server}), or the account may not log on there",
)
REFUSED = Cause(
    "user name or password is wrong, or the account is locked",
    YOU,
    "check all three, the user name with its domain",
)
