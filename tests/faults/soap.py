"""What goes wrong within the envelopes of WS-Man."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from readiness.lab import envelopes, soap_faults
from readiness.sources.configmgr.wsman import ADDRESSING, ENUMERATION, SOAP, WSMAN, XSI, local
from tests.faults.exchanges import Answer
from tests.faults.record import CANARY
from tests.faults.striking import Fault, OnAnswer

DEEP = 100_000
DIGITS = "9" * 5_000
LONG = 5_000_000
OTHER_ID = "uuid:00000000-0000-4000-8000-000000000000"
HOSTILE = "two\nlines \u202e backwards \x85 <b>bold</b> & [link](https://attacker.example/)"

ElementTree.register_namespace("s", SOAP)
ElementTree.register_namespace("a", ADDRESSING)
ElementTree.register_namespace("n", ENUMERATION)
ElementTree.register_namespace("w", WSMAN)
ElementTree.register_namespace("xsi", XSI)

Change = Callable[[Element], object]


def root_of(answer: Answer) -> Element:
    return ElementTree.fromstring(answer.body)  # noqa: S314  (our own lab's)


def written(answer: Answer, root: Element) -> Answer:
    return replace(answer, body=ElementTree.tostring(root, encoding="utf-8"))


def envelope(change: Change) -> OnAnswer:
    """The envelope changed in place. Where it is as before, there was nothing to change."""

    def struck(answer: Answer) -> Answer | None:
        root = root_of(answer)
        before = ElementTree.tostring(root)
        change(root)
        return None if ElementTree.tostring(root) == before else written(answer, root)

    return struck


def text(change: Callable[[bytes], bytes]) -> OnAnswer:
    return lambda answer: replace(answer, body=change(answer.body))


def body_of(root: Element) -> Element:
    found = root.find(f"{{{SOAP}}}Body")
    assert found is not None
    return found


def _header(root: Element, name: str) -> Element:
    found = root.find(f"{{{SOAP}}}Header/{{{ADDRESSING}}}{name}")
    assert found is not None
    return found


def rows(root: Element) -> list[Element]:
    """The rows of a page; or the one instance, or the out-parameters."""
    pages = [element for element in root.iter() if local(element.tag) == "Items"]
    return list(pages[0]) if pages else list(body_of(root))


def everywhere(pattern: bytes, new: bytes) -> OnAnswer:
    """A piece of the text replaced, after the head of the envelope."""

    def struck(answer: Answer) -> Answer | None:
        head, found, body = answer.body.partition(b"<s:Body>")
        changed = re.sub(pattern, lambda _: new, body)
        return None if changed == body or not found else replace(answer, body=head + found + changed)

    return struck


# Faults: what the server says instead of an answer.


def said(body: str, status: int = 500) -> OnAnswer:
    """An envelope of this body, which relates to the question."""

    def struck(answer: Answer) -> Answer:
        related = re.search(rb"<a:RelatesTo>([^<]*)<", answer.body)
        text = envelopes.answer(soap_faults.WSMAN_ACTION, related[1].decode() if related else "", body)
        return replace(answer, status=status, body=text)

    return struck


def wsman(code: object, words: str = "went wrong") -> OnAnswer:
    return said(soap_faults.wsman_fault(0, words, "cm01").replace('Code="0"', f'Code="{code}"'))


def _wmi(hresult: int, words: str = "went wrong") -> OnAnswer:
    return said(soap_faults.wmi_fault(hresult, words))


BUSY = {
    "too many operations": 2150858815,
    "too many operations of this user": 2150859174,
    "too many shells of this user": 2150859175,
    "too many shells": 2150859176,
    "too many requests of this user": 2150859240,
}
REFUSED = {
    "access denied": 5,
    "access denied as HRESULT": 0x80070005,
    "WMI denied access": 2150859012,
    "the provider denied access": 2150859013,
    "connecting to WMI denied": 2150859014,
    "no such resource": 2150858752,
    "an invalid resource": 2150858754,
    "an unsupported action": 2150858753,
    "unexpected selectors": 2150858843,
}
OTHERS = {
    "timed out": 2150858793,
    "the operation timed out": 2150859046,
    "the enumeration context is not valid": 2150858759,
    "the answer is larger than an envelope may be": 2150858823,
    "the request is not valid": 2150858817,
    "a code that nobody knows": 2150850000,
    "code 0": 0,
    "a negative code": -2147024891,
    "a code beyond 64 bits": 2**70,
    "a code of 5,000 digits": DIGITS,
    "a code that is no number": "0x8004&#10;1003",
    "no code": "",
}
WMI_REFUSED = {
    "WMI: access denied": 0x80041003,
    "WMI: not found": 0x80041002,
    "WMI: invalid namespace": 0x8004100E,
    "WMI: invalid class": 0x80041010,
    "WMI: invalid query": 0x80041017,
    "WMI: invalid method": 0x8004102E,
    "WMI: invalid parameters": 0x8004102F,
}
WMI_OTHERS = {
    "WMI: failed": 0x80041001,
    "WMI: timed out": 0x80041069,
    "WMI: shutting down": 0x80041033,
    "WMI: a code that nobody knows": 0x80049999,
}


def faults() -> tuple[Fault, ...]:
    """Refusals, quotas, time-outs: of the service itself, and of WMI behind it."""
    empty = "<s:Fault/>"
    return (
        *(Fault(f"quota: {name}", answer=wsman(code), heals=True) for name, code in BUSY.items()),
        Fault("WMI: quota", answer=_wmi(0x8004106C), heals=True),
        *(Fault(f"fault: {name}", answer=wsman(code), plausible=True) for name, code in REFUSED.items()),
        *(Fault(f"fault: {name}", answer=wsman(code), plausible=True) for name, code in OTHERS.items()),
        *(Fault(name, answer=_wmi(code), plausible=True) for name, code in WMI_REFUSED.items()),
        *(Fault(name, answer=_wmi(code), plausible=True) for name, code in WMI_OTHERS.items()),
        Fault("a fault with hostile words", answer=wsman(5, HOSTILE), plausible=True),
        Fault("a fault with 5 MB of words", answer=wsman(5, "x" * LONG), plausible=True),
        Fault("a fault of nothing", answer=said(empty), plausible=True),
        Fault("a fault of nothing that says 200", answer=said(empty, 200), plausible=True),
        Fault("a fault that says 200", answer=said(soap_faults.wsman_fault(5, "no", "cm01"), 200), plausible=True),
        Fault("a fault that says 400", answer=said(soap_faults.wsman_fault(5, "no", "cm01"), 400), plausible=True),
        Fault("a fault beside the answer", answer=_beside, plausible=True),
        Fault("a fault that relates to nothing", answer=_unrelated(None), plausible=True),
        Fault("a fault that relates to something else", answer=_unrelated(OTHER_ID)),
    )


def _beside(answer: Answer) -> Answer:
    """A fault within an answer that says all is well, before the rows."""
    fault = soap_faults.wsman_fault(5, "no", "cm01").encode()
    return replace(answer, body=answer.body.replace(b"<s:Body>", b"<s:Body>" + fault))


def _unrelated(to: str | None) -> OnAnswer:
    instead = b"" if to is None else f"<a:RelatesTo>{to}</a:RelatesTo>".encode()

    def struck(answer: Answer) -> Answer | None:
        made = wsman(5)(answer)
        return made and replace(made, body=re.sub(rb"<a:RelatesTo>[^<]*</a:RelatesTo>", instead, made.body))

    return struck


# Answers to other questions, of other forms.


def related() -> tuple[Fault, ...]:
    """Answers that do not say, or say wrongly, what they answer."""
    earlier: list[str] = []

    def repeated(root: Element) -> None:
        """Relates to the question before this one of the same fault's."""
        mine = _header(root, "RelatesTo").text or ""
        _header(root, "RelatesTo").text = earlier[-1] if earlier else OTHER_ID
        earlier.append(mine)

    def gone(root: Element) -> None:
        root[0].remove(_header(root, "RelatesTo"))

    def twice(root: Element) -> None:
        root[0].append(copy.deepcopy(_header(root, "RelatesTo")))

    def doubled(root: Element) -> None:
        other = copy.deepcopy(_header(root, "RelatesTo"))
        other.text = OTHER_ID
        root[0].append(other)

    return (
        Fault("relates to another question", answer=envelope(lambda root: put(_header(root, "RelatesTo"), OTHER_ID))),
        Fault("relates to an earlier question", answer=envelope(repeated)),
        Fault("relates to nothing", answer=envelope(gone)),
        Fault("relates to an empty name", answer=envelope(lambda root: put(_header(root, "RelatesTo"), ""))),
        Fault("relates to it twice", answer=envelope(twice)),
        Fault("relates to it and to another one", answer=envelope(doubled)),
        Fault("its own id is the question's", answer=envelope(_reused), harmless=True),
        Fault("no header at all", answer=envelope(lambda root: root.remove(root[0]))),
    )


def _reused(root: Element) -> None:
    """A `MessageID` that is used already: no client looks at it, and nothing rests on it."""
    put(_header(root, "MessageID"), _header(root, "RelatesTo").text or "")


def put(element: Element, words: str) -> None:
    element.text = words


def inner_of(root: Element) -> Element:
    return body_of(root)[0]


def _retitled(name: str) -> Change:
    def change(root: Element) -> None:
        if local(inner_of(root).tag) != name:
            inner_of(root).tag = f"{{{ENUMERATION}}}{name}"

    return change


def shapes() -> tuple[Fault, ...]:
    """Envelopes that are none, and answers of another form than was asked for."""
    return (
        Fault("two bodies", answer=envelope(lambda root: root.append(copy.deepcopy(body_of(root))))),
        Fault("an empty body of its own", answer=envelope(lambda root: root.append(Element(f"{{{SOAP}}}Body")))),
        Fault("no body", answer=envelope(lambda root: root.remove(body_of(root)))),
        Fault("nothing in the body", answer=envelope(lambda root: body_of(root).clear()), plausible=True),
        Fault("the answer to a Pull", answer=_other("PullResponse")),
        Fault("the answer to an Enumerate", answer=_other("EnumerateResponse")),
        Fault("the answer to a Release", answer=envelope(_retitled("ReleaseResponse"))),
        Fault("SOAP 1.1", answer=text(lambda body: body.replace(SOAP.encode(), SOAP_1_1))),
        Fault("no namespaces", answer=envelope(_without_namespaces)),
        Fault("another root", answer=envelope(lambda root: setattr(root, "tag", "Envelope"))),
    )


SOAP_1_1 = b"http://schemas.xmlsoap.org/soap/envelope/"


def _other(name: str) -> OnAnswer:
    """The answer to the other kind of question; one that is such an answer is made one to a Release."""

    def struck(answer: Answer) -> Answer | None:
        root = root_of(answer)
        inner = inner_of(root)
        inner.tag = f"{{{ENUMERATION}}}{'ReleaseResponse' if local(inner.tag) == name else name}"
        return written(answer, root)

    return struck


def _without_namespaces(root: Element) -> None:
    for element in root.iter():
        element.tag = local(element.tag)


FILE = "file:///etc/hostname"


# Texts that are no XML, or none that a parser should take in.


def malformed() -> tuple[Fault, ...]:
    laughs = '<!DOCTYPE l [<!ENTITY l0 "ha">' + "".join(
        f"<!ENTITY l{n} '" + f"&l{n - 1};" * 10 + "'>" for n in range(1, 10)
    ) + "]>"  # fmt: skip
    wide = " ".join(f"a{n}=''" for n in range(DEEP))
    blowup = "<!DOCTYPE l [<!ENTITY l9 '" + "x" * 50_000 + "'>]>"
    return (
        Fault("half of it", answer=text(lambda body: body[: len(body) // 2])),
        Fault("all but its last byte", answer=text(lambda body: body[:-1])),
        Fault("two roots", answer=text(lambda body: body * 2)),
        Fault("text after it", answer=text(lambda body: body + b"more")),
        Fault("no XML", answer=text(lambda _: b"OK")),
        Fault("JSON", answer=text(lambda _: b'{"value":[]}')),
        Fault("nothing", answer=text(lambda _: b"")),
        Fault("a document type", answer=_prologue("<!DOCTYPE l>")),
        Fault("a billion laughs", answer=_prologue(laughs, "&l9;")),
        Fault("a quadratic blow-up", answer=_prologue(blowup, "&l9;" * 1_000)),
        Fault("an entity of a file", answer=_prologue(f"<!DOCTYPE l [<!ENTITY e SYSTEM '{FILE}'>]>", "&e;")),
        Fault("an entity of another host", answer=_foreign('<!DOCTYPE l [<!ENTITY e SYSTEM "%s">]>', "&e;")),
        Fault("a document type of another host", answer=_foreign('<!DOCTYPE l SYSTEM "%s">', "")),
        Fault("parameters of another host", answer=_foreign('<!DOCTYPE l [<!ENTITY %% p SYSTEM "%s">%%p;]>', "")),
        Fault("a schema of another host", answer=_schema, harmless=True),
        Fault("an entity that is not declared", answer=_prologue("", "&undeclared;")),
        Fault("a null character", answer=_prologue("", "\x00")),
        Fault("a reference to a null character", answer=_prologue("", "&#0;")),
        Fault("a reference to a lone surrogate", answer=_prologue("", "&#xD800;")),
        Fault("an encoded lone surrogate", answer=_prologue(b"", b"\xed\xa0\x80")),
        Fault("bytes that are no UTF-8", answer=_prologue(b"", b"\xff\xfe\xfd")),
        Fault("UTF-16, as it says", answer=text(_in_utf_16), harmless=True),
        Fault("UTF-16, as it says and is not", answer=text(partial(_declared, "UTF-16"))),
        Fault("an encoding that nobody knows", answer=text(partial(_declared, "EBCDIC-9"))),
        Fault("an encoding that is none", answer=text(partial(_declared, "rot13"))),
        Fault("an attribute twice", answer=text(lambda body: body.replace(b"<s:Body>", b'<s:Body a="1" a="2">'))),
        Fault("100,000 levels deep", answer=_prologue("", "<x>" * DEEP + "</x>" * DEEP), harmless=True),
        Fault("100,000 attributes", answer=_prologue("", f"<x {wide}/>"), harmless=True),
    )  # fmt: skip


def unmoved() -> tuple[Fault, ...]:
    """What XML allows and nothing may come of: the answer is the same, or is refused."""
    found = (
        Fault("a byte order mark", answer=text(lambda body: b"\xef\xbb\xbf" + body)),
        Fault("a declaration", answer=text(partial(_declared, "utf-8"))),
        Fault("instructions", answer=text(lambda body: body.replace(b"<s:Body>", b"<?php die?><s:Body><?x y?>"))),
        Fault("comments", answer=text(lambda body: body.replace(b"<s:Body>", b"<!-- <s:Body> --><s:Body><!---->"))),
        Fault("an attribute of 5 MB", answer=text(lambda body: body.replace(b"<s:Body>", LARGE_ATTRIBUTE))),
        Fault("a header of 5 MB", answer=text(lambda body: body.replace(b"</s:Header>", LARGE_HEADER))),
        Fault("prefixes of other names", answer=envelope(lambda root: root.set("xmlns:z", "urn:z"))),
    )
    return tuple(replace(fault, harmless=True) for fault in found)


LARGE_ATTRIBUTE = b'<s:Body a="' + b"x" * LONG + b'">'
LARGE_HEADER = b"<x>" + b"x" * LONG + b"</x></s:Header>"


def _declared(encoding: str, body: bytes) -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + body


def _in_utf_16(body: bytes) -> bytes:
    return _declared("UTF-16", body).decode().encode("utf-16")


def _prologue(head: str | bytes, inner: str | bytes = "") -> OnAnswer:
    """Something before the envelope, and something as the first text of the header."""
    before, within = (one.encode() if isinstance(one, str) else one for one in (head, inner))
    return text(lambda body: before + body.replace(b"<s:Header>", b"<s:Header><x>" + within + b"</x>"))


def _foreign(head: str, inner: str) -> OnAnswer:
    """A declaration that names the server that nobody may contact."""
    return lambda answer: _prologue(head % f"http://localhost:{CANARY.port}/x", inner)(answer)


def _schema(answer: Answer) -> Answer:
    place = f'<s:Body xsi:schemaLocation="urn:x http://localhost:{CANARY.port}/x.xsd"><s:Body/>'.encode()
    return replace(answer, body=answer.body.replace(b"<s:Body>", place, 1))
