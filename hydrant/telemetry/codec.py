"""Requests to frames and frames to checked answers; messages and framing are pymodbus's.

Only the four read functions have a request class here, so nothing else can leave the program.
What pymodbus does not compare with the request (function code, length, count; see
``docs/decisions/0004-telemetry-transport.md``) is compared here, before anything is decoded.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import NamedTuple

from pymodbus.framer.ascii import FramerAscii
from pymodbus.framer.rtu import FramerRTU
from pymodbus.framer.socket import FramerSocket
from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest
from pymodbus.pdu.register_message import ReadHoldingRegistersRequest, ReadInputRegistersRequest

from hydrant.telemetry.plan import Request
from hydrant.telemetry.profile import BIT_FUNCTIONS
from hydrant.telemetry.quality import ExchangeError, Reason, exception_reason

_REQUESTS: dict[int, type[ModbusPDU]] = {
    1: ReadCoilsRequest,
    2: ReadDiscreteInputsRequest,
    3: ReadHoldingRegistersRequest,
    4: ReadInputRegistersRequest,
}
_ANSWERS = DecodePDU(is_server=False)
_TCP = FramerSocket(_ANSWERS)
_RTU = FramerRTU(_ANSWERS)
_ASCII = FramerAscii(_ANSWERS)

_EXCEPTION = 0x80
#: Length field of a Modbus/TCP header: unit, function and at most 252 bytes of data.
#: Source: MODBUS Messaging on TCP/IP V1.0b, section 3.1.3 (ADU of at most 260 bytes).
_SHORTEST, _LONGEST = 3, 254
_HEADER = 6


def tcp_frame(request: Request, unit: int, transaction: int) -> bytes:
    """Modbus/TCP frame of a request."""
    key = request.function, request.address, request.count, unit
    return transaction.to_bytes(2, "big") + _unnumbered(*key)


@lru_cache(maxsize=4096)
def _unnumbered(function: int, address: int, count: int, unit: int) -> bytes:
    """What follows a frame's transaction id: the same for every device of a model."""
    return _TCP.buildFrame(_message(Request(function, address, count, ()), unit, 0))[2:]


def rtu_frame(request: Request, unit: int) -> bytes:
    """RTU frame of a request."""
    return _RTU.buildFrame(_message(request, unit, 0))


def find_rtu(buffer: bytearray, request: Request, unit: int) -> bytes | None:
    """Message of the answer to a request wherever it stands among other bytes.

    Unit, function, length and checksum must all fit, so that heartbeats glued to a frame, echoes
    and stray bytes cost nothing and nothing else is taken for an answer; what stands before it is
    thrown away.
    """
    data, question = bytes(buffer), rtu_frame(request, unit)
    size = 3 + _data_bytes(request) + 2
    heads = (
        (bytes([unit, request.function, _data_bytes(request) & 0xFF]), size),
        (bytes([unit, request.function | _EXCEPTION]), 5),
    )
    for head, length in heads:
        start = data.find(head)
        while start >= 0:
            frame = data[start : start + length]
            # of bits as many as fill three bytes the echo of the question has an answer's form
            if _sound(frame, length) and frame != question:
                del buffer[: start + length]
                return frame[1:-2]
            start = data.find(head, start + 1)
    return None


def why_not_rtu(buffer: bytes | bytearray, request: Request, unit: int) -> Reason:
    """What bytes among which no answer to a request was found are instead."""
    data = bytes(buffer).replace(rtu_frame(request, unit), b"")
    frame = _first_answer(data)
    if frame is not None:
        return frame.differs(request, unit)
    size = 3 + _data_bytes(request) + 2
    head = bytes([unit, request.function, _data_bytes(request) & 0xFF])
    if head in data and len(data) - data.index(head) >= size:
        return Reason.BAD_CRC
    return Reason.TIMEOUT if head.startswith(data[: len(head)]) else Reason.NOISE


def rtu_at_start(data: bytes) -> int | None:
    """Length of the sound RTU frame with which bytes begin; None where they begin with none."""
    return next((n for n in range(5, min(len(data), 256) + 1) if _sound(data[:n], n)), None)


def holds_answer(data: bytes | bytearray) -> bool:
    """Whether a sound RTU answer to a question stands somewhere among bytes."""
    return _first_answer(bytes(data)) is not None


def _first_answer(data: bytes) -> _Frame | None:
    for start in range(len(data) - 4):
        frame = _Frame(data[start], data[start + 1])
        lengths = (5, 3 + data[start + 2] + 2) if frame.is_answer else ()
        if any(_sound(data[start : start + length], length) for length in lengths):
            return frame
    return None


class _Frame(NamedTuple):
    """Whom a sound frame is from, and to which function it answers."""

    unit: int
    function: int

    @property
    def is_answer(self) -> bool:
        return self.function & ~_EXCEPTION in _REQUESTS

    def differs(self, request: Request, unit: int) -> Reason:
        """In what it differs from an answer to a request."""
        if self.unit != unit:
            return Reason.WRONG_UNIT
        if self.function & ~_EXCEPTION != request.function:
            return Reason.WRONG_FUNCTION
        return Reason.WRONG_COUNT


def _sound(frame: bytes, length: int) -> bool:
    """Whether a frame is whole and its checksum right."""
    check = int.from_bytes(frame[-2:], "big")
    return len(frame) == length and FramerRTU.check_CRC(frame[:-2], check)


def ascii_frame(request: Request, unit: int) -> bytes:
    """ASCII frame of a request."""
    return _ASCII.buildFrame(_message(request, unit, 0))


def _message(request: Request, unit: int, transaction: int) -> ModbusPDU:
    return _REQUESTS[request.function](
        dev_id=unit, transaction_id=transaction, address=request.address, count=request.count
    )


class TcpFrame(NamedTuple):
    """A whole Modbus/TCP frame as it arrived."""

    transaction: int
    unit: int
    message: bytes
    size: int


def take_tcp(buffer: bytes | bytearray) -> TcpFrame | None:
    """First frame of a buffer; None while it is not complete.

    Raises
    ------
    ExchangeError
        What stands there is not Modbus/TCP.
    """
    if buffer[2:4] not in (b"", b"\0", b"\0\0"):
        raise ExchangeError(Reason.NOISE)
    if len(buffer) < _HEADER:
        return None
    length = int.from_bytes(buffer[4:6], "big")
    if not _SHORTEST <= length <= _LONGEST:
        raise ExchangeError(Reason.NOISE)
    size = _HEADER + length
    if len(buffer) < size:
        return None
    return TcpFrame(
        int.from_bytes(buffer[0:2], "big"), buffer[6], bytes(buffer[_HEADER + 1 : size]), size
    )


def take_rtu(buffer: bytes | bytearray, request: Request, unit: int) -> bytes | None:
    """Message of the RTU answer at the start of a buffer; None while it is not complete.

    Raises
    ------
    ExchangeError
        It is no answer to this request, or its checksum is wrong.
    """
    if buffer and buffer[0] != unit:
        raise ExchangeError(Reason.WRONG_UNIT)
    if len(buffer) < 3:
        return None
    size = _rtu_size(buffer, request)
    if len(buffer) < size:
        return None
    frame = bytes(buffer[:size])
    if not _sound(frame, size):
        raise ExchangeError(Reason.BAD_CRC)
    return frame[1:-2]


def _rtu_size(buffer: bytes | bytearray, request: Request) -> int:
    if buffer[1] == request.function | _EXCEPTION:
        return 5
    if buffer[1] != request.function:
        raise ExchangeError(Reason.WRONG_FUNCTION)
    if buffer[2] != _data_bytes(request):
        raise ExchangeError(Reason.WRONG_COUNT)
    return 3 + buffer[2] + 2


def _data_bytes(request: Request) -> int:
    if request.function in BIT_FUNCTIONS:
        return (request.count + 7) // 8
    return request.count * 2


def find_ascii(buffer: bytearray, request: Request, unit: int) -> bytes | None:
    """Message of the ASCII answer to a request wherever it stands among other lines.

    Source: MODBUS over Serial Line V1.02, section 2.5.2: colon, two hexadecimal digits a byte,
    a longitudinal checksum, CR LF.
    """
    for line in bytes(buffer).split(b"\r\n")[:-1]:
        frame = _ascii(line)
        if isinstance(frame, bytes) and _answers(frame, request, unit):
            buffer.clear()
            return frame[1:]
    return None


def why_not_ascii(buffer: bytes | bytearray, request: Request, unit: int) -> Reason:
    """What lines among which no answer to a request was found are instead."""
    *lines, rest = bytes(buffer).split(b"\r\n")
    reasons = {_why_not_line(line, request, unit) for line in lines}
    reasons.discard(None)
    for reason in (Reason.WRONG_COUNT, Reason.WRONG_FUNCTION, Reason.WRONG_UNIT, Reason.BAD_CRC):
        if reason in reasons:
            return reason
    return Reason.NOISE if reasons or not b":".startswith(rest[:1]) else Reason.TIMEOUT


def _why_not_line(line: bytes, request: Request, unit: int) -> Reason | None:
    frame = _ascii(line)
    if isinstance(frame, Reason):
        return frame
    if _is_request(frame, request, unit):
        return None
    return _Frame(frame[0], frame[1]).differs(request, unit)


def _is_request(frame: bytes, request: Request, unit: int) -> bool:
    """Whether a frame is the question itself: some lines echo it."""
    return frame == struct.pack(">BBHH", unit, request.function, request.address, request.count)


def _answers(frame: bytes, request: Request, unit: int) -> bool:
    """Whether a sound frame answers a request: unit, function and length fit."""
    if frame[0] != unit:
        return False
    if frame[1] == request.function | _EXCEPTION:
        return len(frame) == 3
    size = _data_bytes(request)
    return frame[1] == request.function and frame[2] == size & 0xFF and len(frame) == 3 + size


def _ascii(line: bytes) -> bytes | Reason:
    """Frame of a line, behind whatever was glued before it, without its checksum."""
    _, colon, text = line.rpartition(b":")
    try:
        frame = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        return Reason.NOISE
    if not colon:
        return Reason.NOISE
    if len(frame) < 4 or not FramerAscii.check_LRC(frame[:-1], frame[-1]):
        return Reason.BAD_CRC
    return frame[:-1]


def values(message: bytes, request: Request) -> tuple[int, ...]:
    """Registers (or bits as 0 and 1) of an answer's message, compared with the request.

    Raises
    ------
    ExchangeError
        The device refused, or the answer is not one to this request.
    """
    if message[0] == request.function | _EXCEPTION and len(message) == 2:
        raise ExchangeError(exception_reason(message[1]))
    if message[0] != request.function:
        raise ExchangeError(Reason.WRONG_FUNCTION)
    if len(message) != 2 + message[1] or message[1] != _data_bytes(request):
        raise ExchangeError(Reason.WRONG_COUNT)
    if request.function not in BIT_FUNCTIONS:
        return struct.unpack_from(f">{request.count}H", message, 2)
    answer = _ANSWERS.decode(message)
    if answer is None:
        raise ExchangeError(Reason.NOISE)
    return tuple(int(bit) for bit in answer.bits[: request.count])


def rtu_exchange(request: bytes, answer: bytes) -> tuple[Request, tuple[int, ...]]:
    """Request and registers of a recorded RTU exchange, both frames checked to the last byte.

    Raises
    ------
    ExchangeError
        A checksum is wrong, or the answer does not belong to the request.
    """
    if len(request) != 8 or request[1] not in _REQUESTS:
        raise ExchangeError(Reason.WRONG_FUNCTION)
    if not FramerRTU.check_CRC(request[:-2], int.from_bytes(request[-2:], "big")):
        raise ExchangeError(Reason.BAD_CRC)
    asked = Request(
        request[1],
        int.from_bytes(request[2:4], "big"),
        int.from_bytes(request[4:6], "big"),
        (),
    )
    message = take_rtu(answer, asked, request[0])
    if message is None or len(message) + 3 != len(answer):
        raise ExchangeError(Reason.WRONG_COUNT)
    return asked, values(message, asked)
