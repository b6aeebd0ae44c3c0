"""Gateway URLs: every form of the contract, taken apart and checked before anything is opened."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from hydrant.errors import InputRefused
from hydrant.safe_text import without_secrets


class Framing(Enum):
    """How a request and its answer are framed on the line."""

    NUMBERED = "numbered"
    RTU = "rtu"
    ASCII = "ascii"


@dataclass(frozen=True, slots=True)
class Transport:
    """What holds for every gateway that is reached in one way.

    Attributes
    ----------
    form
        Form of its URL.
    framing
        Numbered frames carry a transaction id, by which a late answer is told.
    port
        Port where the URL states none; None where it has to, or where there is none.
    called
        Whether a poll calls it; the others call or send by themselves and cannot be called.
    """

    form: str
    framing: Framing
    port: int | None = None
    called: bool = True


TRANSPORTS: dict[str, Transport] = {
    "tcp": Transport("tcp://HOST:502", Framing.NUMBERED, 502),
    "rtu+tcp": Transport("rtu+tcp://HOST:PORT", Framing.RTU),
    "ascii+tcp": Transport("ascii+tcp://HOST:PORT", Framing.ASCII),
    "udp": Transport("udp://HOST:502", Framing.NUMBERED, 502),
    "tls": Transport("tls://HOST:802?ca=FILE&cert=FILE&key=FILE", Framing.NUMBERED, 802),
    "serial": Transport("serial:///dev/ttyUSB0?baudrate=9600&parity=N", Framing.RTU),
    "dialin": Transport("dialin://REGISTRATION_ID", Framing.RTU, called=False),
    "push": Transport("push://DEVICE_ID", Framing.RTU, called=False),
}

#: Devices that call or send by themselves; none of them can be called.
WAITED_FOR = frozenset(name for name, way in TRANSPORTS.items() if not way.called)

#: Seconds; a 4G link needs some for either, a local one answers within milliseconds.
CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 3.0

_LONGEST_S = 300.0
_TLS_FILES = ("ca", "cert", "key")
_COM = re.compile(r"COM\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SerialLine:
    """Settings of a serial line."""

    baudrate: int = 9600
    parity: str = "N"
    bytesize: int = 8
    stopbits: int = 1


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Certificates of a TLS link: authority, own certificate and its key; None where none."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One gateway.

    Attributes
    ----------
    scheme, host, port
        Together the gateway's identity; requests to it never overlap. For a serial line
        `host` is the device, for one that calls or sends by itself its id; their port is 0.
    connect_timeout_s, timeout_s
        Longest wait for the connection and for each answer, seconds.
    pause_s
        Rest between requests, seconds.
    unasked
        Point that a gateway which dials in reads by itself and sends; None where it is only asked.
    """

    scheme: str
    host: str
    port: int
    connect_timeout_s: float = CONNECT_TIMEOUT_S
    timeout_s: float = ANSWER_TIMEOUT_S
    pause_s: float = 0.0
    line: SerialLine = SerialLine()
    tls: TlsFiles = TlsFiles()
    unasked: str | None = None

    @property
    def name(self) -> str:
        """The URL without its options."""
        if self.scheme == "serial":
            return f"serial:///{self.host.lstrip('/')}"
        if self.scheme in WAITED_FOR:
            return f"{self.scheme}://{self.host}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def framing(self) -> Framing:
        """How frames are made on it."""
        return TRANSPORTS[self.scheme].framing

    @property
    def numbered(self) -> bool:
        """Whether frames carry a transaction id."""
        return self.framing is Framing.NUMBERED


@lru_cache(maxsize=65_536)
def parse(url: str) -> Endpoint:
    """Gateway named by a URL.

    Options ``timeout``, ``connect`` and ``pause`` are in seconds; a serial line also takes
    ``baudrate``, ``parity``, ``bytesize`` and ``stopbits``, TLS the files ``ca``, ``cert`` and
    ``key``, a gateway that dials in ``unasked``.

    Raises
    ------
    InputRefused
        The URL is of no known form or has a wrong part; says which and what is allowed.
    """
    try:
        parts = urlsplit(url.strip())
        # an id may hold colons, which are no port
        called = parts.scheme not in WAITED_FOR
        host, port = (parts.hostname, parts.port) if called else (None, None)
        options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:
        raise _wrong(url) from None
    if parts.scheme not in TRANSPORTS or parts.username is not None or parts.fragment:
        raise _wrong(url)
    reader = _Options(url, options)
    scheme = parts.scheme
    if scheme == "serial":
        host, port = _device(url, parts.path, host), 0
    elif scheme in WAITED_FOR:
        # an id keeps its case, which `hostname` does not
        host, port = _registration(url, parts.netloc, parts.path), 0
    else:
        host, port = _socket(url, scheme, host, port, parts.path)
    line = reader.line() if scheme == "serial" else SerialLine()
    tls = reader.tls() if scheme == "tls" else TlsFiles()
    connect_s = reader.seconds("connect", CONNECT_TIMEOUT_S)
    timeout_s = reader.seconds("timeout", ANSWER_TIMEOUT_S)
    pause_s = reader.seconds("pause", 0.0, least=0.0)
    unasked = reader.text("unasked") if scheme == "dialin" else None
    reader.nothing_left()
    return Endpoint(scheme, host, port, connect_s, timeout_s, pause_s, line, tls, unasked)


def caller_of(url: str) -> str | None:
    """Registration of a gateway that dials in; None where its URL is wrong."""
    try:
        return parse(url).host
    except InputRefused:
        return None


def _device(url: str, path: str, host: str | None) -> str:
    name = path.lstrip("/")
    if host or not name:
        raise _wrong(url)
    return name.upper() if _COM.fullmatch(name) else path


def _registration(url: str, name: str, path: str) -> str:
    if not name or path not in {"", "/"}:
        raise _wrong(url)
    return name


def _socket(
    url: str, scheme: str, host: str | None, port: int | None, path: str
) -> tuple[str, int]:
    number = TRANSPORTS[scheme].port if port is None else port
    if not host or not number or path not in {"", "/"}:
        raise _wrong(url)
    return host, number


class _Options:
    """The part after the question mark, each option taken once."""

    def __init__(self, url: str, values: Mapping[str, str]) -> None:
        self._url = url
        self._left = dict(values)
        self._known: list[str] = []

    def seconds(self, name: str, usual: float, *, least: float = 0.01) -> float:
        """A duration, at most five minutes."""
        self._known.append(name)
        try:
            value = float(self._left.pop(name, usual))
        except ValueError:
            raise self._refuse(name) from None
        if not least <= value <= _LONGEST_S:
            raise self._refuse(name)
        return value

    def text(self, name: str) -> str | None:
        """A name; None where none is given."""
        self._known.append(name)
        return self._left.pop(name, None)

    def line(self) -> SerialLine:
        """Settings of a serial line."""
        return SerialLine(
            baudrate=int(self._choice("baudrate", "9600", _BAUDRATES)),
            parity=self._choice("parity", "N", ("N", "E", "O")),
            bytesize=int(self._choice("bytesize", "8", ("7", "8"))),
            stopbits=int(self._choice("stopbits", "1", ("1", "2"))),
        )

    def tls(self) -> TlsFiles:
        """Files of a TLS link."""
        found = {}
        for name in _TLS_FILES:
            self._known.append(name)
            file = self._left.pop(name, None)
            if file is not None and not Path(file).is_file():
                raise InputRefused(
                    "telemetry.url_file", url=without_secrets(self._url), option=name, file=file
                )
            found[name] = file
        return TlsFiles(**found)

    def nothing_left(self) -> None:
        """Refuse an option that nobody took."""
        for name in self._left:
            raise self._refuse(name)

    def _choice(self, name: str, usual: str, allowed: tuple[str, ...]) -> str:
        self._known.append(name)
        value = self._left.pop(name, usual).upper()
        if value not in allowed:
            raise self._refuse(name)
        return value

    def _refuse(self, name: str) -> InputRefused:
        known = ", ".join(dict.fromkeys(self._known))
        return InputRefused(
            "telemetry.url_option", url=without_secrets(self._url), option=name, known=known
        )


#: What the UARTs of field devices offer.
_BAUDRATES = ("1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200")


def _wrong(url: str) -> InputRefused:
    forms = ", ".join(way.form for way in TRANSPORTS.values())
    return InputRefused("telemetry.url_wrong", url=without_secrets(url), forms=forms)
