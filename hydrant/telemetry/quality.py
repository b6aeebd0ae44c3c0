"""Why an attempt gave no good value, and the OPC UA quality that follows from it.

Source: OPC 10000-8 section 7.3.2 for the codes; the mapping of causes is ours (devices).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from hydrant.errors import DeviceError, Phrase
from hydrant.vocabulary import Quality


class Reason(StrEnum):
    """Cause of a missing or doubtful value; ``data/messages/telemetry.json`` words each."""

    # the gateway cannot be reached
    NAME_UNKNOWN = "name_unknown"
    CONNECT_TIMEOUT = "connect_timeout"
    CONNECT_REFUSED = "connect_refused"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    LINE = "line"
    NOT_DIALLED_IN = "not_dialled_in"
    CONTESTED = "contested"
    NOT_ALLOWED = "not_allowed"
    KEY_LOCKED = "key_locked"
    # it is reached, but no proper answer came
    TIMEOUT = "timeout"
    CLOSED = "closed"
    NOISE = "noise"
    BAD_CRC = "bad_crc"
    WRONG_TRANSACTION = "wrong_transaction"
    WRONG_UNIT = "wrong_unit"
    WRONG_FUNCTION = "wrong_function"
    WRONG_COUNT = "wrong_count"
    REGISTER_SILENT = "register_silent"
    # the device refuses
    ILLEGAL_FUNCTION = "illegal_function"
    ILLEGAL_ADDRESS = "illegal_address"
    ILLEGAL_VALUE = "illegal_value"
    DEVICE_FAILURE = "device_failure"
    BUSY = "busy"
    GATEWAY_PATH = "gateway_path"
    GATEWAY_TARGET = "gateway_target"
    OTHER_EXCEPTION = "other_exception"
    # the answer is proper, but says that the value is not
    NOT_A_NUMBER = "not_a_number"
    INFINITE = "infinite"
    SENTINEL = "sentinel"
    WORD_ORDER = "word_order"
    OPEN_CIRCUIT = "open_circuit"
    STATUS_BITS = "status_bits"
    LOOP_CURRENT = "loop_current"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_UNIT_CODE = "unknown_unit_code"
    BAD_DECIMALS = "bad_decimals"
    BAD_SPAN = "bad_span"
    DRY_AT_REST = "dry_at_rest"
    FROZEN = "frozen"
    TOO_FAST = "too_fast"
    # it was stored while the clock was ahead
    CLOCK = "clock"
    # it was never asked
    OUT_OF_SERVICE = "out_of_service"
    SETUP = "setup"

    @property
    def quality(self) -> Quality:
        """Quality of a reading that failed for this reason."""
        return _QUALITY[self]

    @property
    def phrase(self) -> Phrase:
        """Wording of the reason."""
        return Phrase(f"telemetry.reason_{self}")

    @property
    def concerns_gateway(self) -> bool:
        """Whether every unit behind the gateway suffers from it."""
        return self in _GATEWAY

    @property
    def silences(self) -> bool:
        """Whether the unit, or the whole gateway, is given up for this cycle."""
        return self in _SILENT or self in _GATEWAY

    @property
    def unheard(self) -> bool:
        """Whether no proper answer of the device came, whatever came instead."""
        return self.silences or self in _UNHEARD

    @property
    def is_refusal(self) -> bool:
        """Whether the device answered properly, with a Modbus exception."""
        return self in _REFUSALS


_GATEWAY = frozenset(
    {
        *(Reason.NAME_UNKNOWN, Reason.CONNECT_TIMEOUT, Reason.CONNECT_REFUSED),
        *(Reason.UNREACHABLE, Reason.TLS, Reason.LINE, Reason.NOT_DIALLED_IN),
        *(Reason.NOT_ALLOWED, Reason.KEY_LOCKED, Reason.CONTESTED),
    }
)

#: After these a unit is not asked again in the same cycle: each try would cost a timeout.
_SILENT = frozenset({Reason.TIMEOUT, Reason.GATEWAY_PATH, Reason.GATEWAY_TARGET})

#: The device was reached, or may have been, but what it measures is not known.
_UNHEARD = frozenset(
    {
        *(Reason.CLOSED, Reason.NOISE, Reason.BAD_CRC, Reason.WRONG_TRANSACTION),
        *(Reason.WRONG_UNIT, Reason.WRONG_FUNCTION, Reason.WRONG_COUNT, Reason.REGISTER_SILENT),
    }
)

_QUALITY: dict[Reason, Quality] = {
    **dict.fromkeys(_GATEWAY, Quality.BAD_NO_COMMUNICATION),
    Reason.CLOCK: Quality.UNCERTAIN,
    Reason.TIMEOUT: Quality.BAD_TIMEOUT,
    Reason.CLOSED: Quality.BAD_COMMUNICATION_ERROR,
    Reason.NOISE: Quality.BAD_COMMUNICATION_ERROR,
    Reason.BAD_CRC: Quality.BAD_COMMUNICATION_ERROR,
    Reason.WRONG_TRANSACTION: Quality.BAD_COMMUNICATION_ERROR,
    Reason.WRONG_UNIT: Quality.BAD_COMMUNICATION_ERROR,
    Reason.WRONG_FUNCTION: Quality.BAD_COMMUNICATION_ERROR,
    Reason.WRONG_COUNT: Quality.BAD_COMMUNICATION_ERROR,
    Reason.REGISTER_SILENT: Quality.BAD_TIMEOUT,
    Reason.ILLEGAL_FUNCTION: Quality.BAD_CONFIGURATION_ERROR,
    Reason.ILLEGAL_ADDRESS: Quality.BAD_CONFIGURATION_ERROR,
    Reason.ILLEGAL_VALUE: Quality.BAD_CONFIGURATION_ERROR,
    Reason.DEVICE_FAILURE: Quality.BAD_DEVICE_FAILURE,
    Reason.BUSY: Quality.BAD_COMMUNICATION_ERROR,
    Reason.GATEWAY_PATH: Quality.BAD_NO_COMMUNICATION,
    Reason.GATEWAY_TARGET: Quality.BAD_TIMEOUT,
    Reason.OTHER_EXCEPTION: Quality.BAD_COMMUNICATION_ERROR,
    Reason.NOT_A_NUMBER: Quality.BAD_SENSOR_FAILURE,
    Reason.INFINITE: Quality.BAD_SENSOR_FAILURE,
    Reason.SENTINEL: Quality.BAD_SENSOR_FAILURE,
    Reason.WORD_ORDER: Quality.BAD_CONFIGURATION_ERROR,
    Reason.OPEN_CIRCUIT: Quality.BAD_SENSOR_FAILURE,
    Reason.STATUS_BITS: Quality.BAD_SENSOR_FAILURE,
    Reason.LOOP_CURRENT: Quality.BAD_SENSOR_FAILURE,
    Reason.OUT_OF_RANGE: Quality.BAD_OUT_OF_RANGE,
    Reason.UNKNOWN_UNIT_CODE: Quality.BAD_CONFIGURATION_ERROR,
    Reason.BAD_DECIMALS: Quality.BAD_CONFIGURATION_ERROR,
    Reason.BAD_SPAN: Quality.BAD_CONFIGURATION_ERROR,
    Reason.DRY_AT_REST: Quality.UNCERTAIN,
    Reason.FROZEN: Quality.UNCERTAIN,
    Reason.TOO_FAST: Quality.UNCERTAIN,
    Reason.OUT_OF_SERVICE: Quality.BAD_OUT_OF_SERVICE,
    Reason.SETUP: Quality.BAD_CONFIGURATION_ERROR,
}

#: Modbus exception codes. Source: MODBUS Application Protocol V1.1b3 section 7.
_EXCEPTIONS: dict[int, Reason] = {
    1: Reason.ILLEGAL_FUNCTION,
    2: Reason.ILLEGAL_ADDRESS,
    3: Reason.ILLEGAL_VALUE,
    4: Reason.DEVICE_FAILURE,
    6: Reason.BUSY,
    10: Reason.GATEWAY_PATH,
    11: Reason.GATEWAY_TARGET,
}
_REFUSALS = frozenset({*_EXCEPTIONS.values(), Reason.OTHER_EXCEPTION})


def exception_reason(code: int) -> Reason:
    """Reason named by a Modbus exception code."""
    return _EXCEPTIONS.get(code, Reason.OTHER_EXCEPTION)


class Measured(NamedTuple):
    """One value with its quality.

    Attributes
    ----------
    value
        In the internal unit of its quantity; None where there is none.
    reason
        Why the quality is not good; None when it is.
    """

    value: float | None
    quality: Quality
    reason: Reason | None = None

    @classmethod
    def good(cls, value: float) -> Measured:
        """A good value."""
        return cls(value, Quality.GOOD)

    @classmethod
    def missing(cls, reason: Reason) -> Measured:
        """No value, for a reason."""
        return cls(None, reason.quality, reason)

    @property
    def silent(self) -> bool:
        """Whether no proper answer of the device came."""
        return self.reason is not None and self.reason.unheard

    @property
    def usable(self) -> bool:
        """Whether the device gave a value at all."""
        return self.value is not None


def out_of_service(measured: Measured) -> Measured:
    """What a device measured while it was out of service: kept, but no evidence."""
    reason = Reason.OUT_OF_SERVICE
    return Measured(measured.value, reason.quality, reason)


class ExchangeError(DeviceError):
    """A request that got no proper answer; raised by `hydrant.telemetry.link`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__("telemetry.exchange", reason=reason.phrase)
        self.reason = reason
