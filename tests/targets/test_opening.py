"""From `--to` to a record: of this program, or of a plugin."""

from __future__ import annotations

import pytest

from readiness.config import AttachSettings, Configuration, SiteSettings, TenantSettings
from readiness.errors import ConfigurationError, TicketError
from readiness.model.ticket import TicketAccess, TicketFile, TicketLimits, TicketState
from readiness.sources.deadline import Deadline
from readiness.sources.route import DIRECT
from readiness.targets.delivery import delivered
from readiness.targets.folder import Folder
from readiness.targets.guest import Guest
from readiness.targets.opening import Surroundings, opened, parsed
from tests.targets.conftest import NO_WAIT, RUN, SECRET, parcel


class Drawer:
    """A ticket system of somebody else, in memory."""

    flavour = "plain"
    note_limit = 200

    def __init__(self, number: str, access: TicketAccess) -> None:
        self.number, self.access = number, access
        self.files: list[TicketFile] = []
        self.notes: list[str] = []

    def look(self) -> TicketState:
        return TicketState(f"drawer {self.number}", tuple(file.name for file in self.files), "\n".join(self.notes))

    def limits(self) -> TicketLimits:
        return TicketLimits()

    def attach(self, file: TicketFile) -> None:
        self.files.append(file)

    def write(self, note: str) -> None:
        self.notes.append(note)

    def fetch(self, name: str, most_bytes: int) -> bytes:
        raise TicketError(f"no {name} of {most_bytes}")

    def close(self) -> None:
        pass


def surroundings(*plugins: str, made: list[Drawer] | None = None) -> Surroundings:
    def make(number: str, access: TicketAccess) -> Drawer:
        drawer = Drawer(number, access)
        if made is not None:
            made.append(drawer)
        return drawer

    return Surroundings(Configuration(), {"X": "y"}, Deadline(9), lambda *_: DIRECT, plugins, lambda _name: make)


def test_a_target_of_a_plugin_gets_the_record_and_its_surroundings() -> None:
    made: list[Drawer] = []
    ticket = opened("Drawer: 7", surroundings("drawer", made=made))
    (drawer,) = made
    assert (drawer.number, drawer.access.environ, drawer.access.seconds) == (" 7", {"X": "y"}, 9)
    assert delivered(ticket, parcel(), NO_WAIT).whole
    assert not delivered(ticket, parcel(), NO_WAIT).changed
    assert [file.name for file in drawer.files] == [f"readiness-{RUN}.html", f"readiness-{RUN}.json"]
    assert len(drawer.notes) == 1
    ticket.close()


def test_a_plugin_that_breaks_ends_in_words_and_sends_nothing_twice() -> None:
    """It breaks after it took the file: the record is looked at, and the file is there."""

    class Breaking(Drawer):
        def attach(self, file: TicketFile) -> None:
            super().attach(file)
            raise ZeroDivisionError("oh\nno")

    drawer = Breaking("7", TicketAccess({}, 9))
    assert delivered(Guest("drawer", drawer), parcel(), NO_WAIT).whole
    assert len(drawer.files) == 2

    class Blind(Drawer):
        def look(self) -> TicketState:
            raise KeyError("look")

    with pytest.raises(TicketError, match="the target drawer of a plugin broke: KeyError: 'look'"):
        delivered(Guest("drawer", Blind("7", TicketAccess({}, 9))), parcel(), NO_WAIT)


def test_a_plugin_takes_no_name_of_ours(tmp_path: object) -> None:
    assert isinstance(opened(f"file:{tmp_path}", surroundings("file")), Folder)


def test_a_target_that_is_none_is_told_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'drawer'"):
        opened("drawr:7", surroundings("drawer"))


@pytest.mark.parametrize("to", ["", "x", "servicenow:", "servicenow: ", ":CHG1"])
def test_another_form_is_refused(to: str) -> None:
    with pytest.raises(ConfigurationError):
        opened(to, surroundings())


@pytest.mark.parametrize(
    "address",
    [
        "https://graph.microsoft.com",
        "https://graph.microsoft.com:443",
        "https://login.microsoftonline.com:443",
        "https://cm01.contoso.com",
        "https://cm01.contoso.com:443",
        "https://cm01.contoso.com:5986",
    ],
)
def test_the_estate_is_refused_however_its_address_is_written(address: str) -> None:
    configuration = Configuration(
        tenant=TenantSettings("contoso.com", "client"),
        site=SiteSettings("CM01.contoso.com", port=5986),
        attach=AttachSettings(servicenow=address, servicenow_username="svc"),
    )
    by = Surroundings(
        configuration,
        {"READINESS_SERVICENOW_PASSWORD": SECRET},
        Deadline(9),
        lambda *_: DIRECT,
        (),
        lambda _name: Drawer,
    )
    with pytest.raises(ConfigurationError, match="which this tool only reads"):
        opened("servicenow:CHG0031337", by)


def test_a_path_may_hold_colons() -> None:
    assert parsed(r"file:C:\reports\CHG1") == ("file", r"C:\reports\CHG1")
