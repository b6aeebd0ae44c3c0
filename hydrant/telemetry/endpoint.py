"""Gateway URLs: every form of the contract is understood, those not built yet are refused."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from hydrant.errors import InputRefused

#: Form of the URL of each transport; the first two can be polled.
FORMS: dict[str, str] = {
    "tcp": "tcp://HOST:502",
    "rtu+tcp": "rtu+tcp://HOST:PORT",
    "ascii+tcp": "ascii+tcp://HOST:PORT",
    "udp": "udp://HOST:502",
    "tls": "tls://HOST:802",
    "serial": "serial:///dev/ttyUSB0?baudrate=9600&parity=N",
    "dialin": "dialin://REGISTRATION_ID",
}
BUILT = ("tcp", "rtu+tcp")
_DEFAULT_PORTS = {"tcp": 502, "udp": 502, "tls": 802}

#: Seconds; a 4G link needs some for either, a local one answers within milliseconds.
CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One gateway.

    Attributes
    ----------
    scheme, host, port
        Together the gateway's identity; requests to it never overlap.
    connect_timeout_s, timeout_s
        Longest wait for the connection and for each answer, seconds.
    pause_s
        Rest between requests, seconds.
    """

    scheme: str
    host: str
    port: int
    connect_timeout_s: float = CONNECT_TIMEOUT_S
    timeout_s: float = ANSWER_TIMEOUT_S
    pause_s: float = 0.0

    @property
    def name(self) -> str:
        """The URL without its options."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def parse(url: str) -> Endpoint:
    """Gateway named by a URL; options ``timeout``, ``connect`` and ``pause`` are in seconds.

    Raises
    ------
    InputRefused
        The URL is of no known form, has a wrong part, or names a transport not built yet.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
        options = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:
        raise _wrong(url) from None
    if parts.scheme not in FORMS:
        raise _wrong(url)
    _check_form(url, parts.scheme, host, port)
    if parts.scheme not in BUILT:
        raise InputRefused(
            "telemetry.url_later", url=url, built=", ".join(FORMS[name] for name in BUILT)
        )
    if parts.path not in {"", "/"} or parts.username is not None or parts.fragment:
        raise _wrong(url)
    return Endpoint(
        parts.scheme,
        str(host),
        port or _DEFAULT_PORTS[parts.scheme],
        **_durations(url, options),
    )


def _check_form(url: str, scheme: str, host: str | None, port: int | None) -> None:
    if scheme == "serial":
        return
    if not host or port == 0:
        raise _wrong(url)
    if scheme != "dialin" and port is None and scheme not in _DEFAULT_PORTS:
        raise _wrong(url)


def _durations(url: str, options: dict[str, str]) -> dict[str, float]:
    names = {"timeout": "timeout_s", "connect": "connect_timeout_s", "pause": "pause_s"}
    found = {}
    for name, value in options.items():
        try:
            seconds = float(value)
        except ValueError:
            raise _wrong(url) from None
        lowest = 0.0 if name == "pause" else 0.01
        if name not in names or not lowest <= seconds <= 300.0:
            raise InputRefused("telemetry.url_option", url=url, option=name, known=", ".join(names))
        found[names[name]] = seconds
    return found


def _wrong(url: str) -> InputRefused:
    return InputRefused("telemetry.url_wrong", url=url, forms=", ".join(FORMS.values()))
