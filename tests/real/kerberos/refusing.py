"""A key distribution center that answers every request with one error (RFC 4120, 5.9.1), or does not answer at all."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from tests.real.kerberos.realm import REALM


@contextmanager
def answering(code: int | None) -> Iterator[str]:
    """Address of a server, on TCP, that answers with this error code; None: it listens, and stays silent."""
    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        thread = threading.Thread(target=_serve, args=(listener, code, stopping), daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stopping.set()
            thread.join(5)


def _serve(listener: socket.socket, code: int | None, stopping: threading.Event) -> None:
    lines: list[socket.socket] = []
    while not stopping.is_set():
        try:
            line, _ = listener.accept()
        except TimeoutError:
            continue
        lines.append(line)
        if code is not None:
            line.settimeout(5)
            line.recv(65536)
            answer = krb_error(code)
            line.sendall(struct.pack(">I", len(answer)) + answer)
    for line in lines:
        line.close()


def krb_error(code: int) -> bytes:
    """A KRB-ERROR message in DER."""
    now = datetime.now(UTC).strftime("%Y%m%d%H%M%SZ").encode()
    service = _field(0, _integer(2)) + _field(1, _der(0x30, _text("krbtgt") + _text(REALM)))
    fields = (
        _field(0, _integer(5))
        + _field(1, _integer(30))
        + _field(4, _der(0x18, now))
        + _field(5, _integer(0))
        + _field(6, _integer(code))
        + _field(9, _text(REALM))
        + _field(10, _der(0x30, service))
    )
    return _der(0x7E, _der(0x30, fields))


def error_token(code: int) -> bytes:
    """The same for GSSAPI (RFC 4121, 4.1): what a server answers to a ticket that it does not take."""
    return _der(0x60, bytes.fromhex("06092a864886f712010202") + b"\x03\x00" + krb_error(code))


def _der(tag: int, content: bytes) -> bytes:
    assert len(content) < 256
    length = bytes([len(content)]) if len(content) < 128 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content


def _field(number: int, content: bytes) -> bytes:
    return _der(0xA0 + number, content)


def _integer(value: int) -> bytes:
    return _der(0x02, value.to_bytes(2, "big").lstrip(b"\0") or b"\0")


def _text(value: str) -> bytes:
    return _der(0x1B, value.encode())
