"""What gateways that dial in say first, and whose id it is: matched whole; pure.

Source of the forms: makers' manuals named in the notes on dial-in gateways (USR, Roltek, King
Pigeon, Four-Faith).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from hydrant.telemetry import codec

#: Four-Faith's binary registration: 4 bytes id, 11 digits of the phone number, 0, 4 bytes of
#: address, 0.
_FOUR_FAITH_BYTES = 21
#: What ends a registration at once, and what may stand between it and what follows.
_ENDS, _BETWEEN = b"\r\n\0", b"\r\n\0 \t"


def spellings(identity: str) -> list[bytes]:
    """Ways in which a registration id may come over the line: text, and hex as bytes.

    Hex that spells text is text only: the id 31 is not the sign "1".
    """
    found = [identity.encode()]
    plain = identity.replace(":", "").replace("-", "")
    if len(plain) % 2 == 0 and all(char in "0123456789abcdefABCDEF" for char in plain):
        found += [plain.upper().encode(), plain.lower().encode()]
        binary = bytes.fromhex(plain)
        if any(not 0x20 <= byte < 0x7F for byte in binary):
            found.append(binary)
    return list(dict.fromkeys(found))


def alike(identity: str, others: Iterable[str]) -> str | None:
    """Another id that a gateway could mean by the same bytes; None where there is none."""
    own = set(spellings(identity))
    return next((o for o in others if o != identity and not own.isdisjoint(spellings(o))), None)


def _shows_the_end(rest: bytes) -> bool:
    """Whether what follows an id is no part of one: an end mark or a frame."""
    return bool(rest) and (rest[0] in _ENDS or codec.rtu_at_start(rest) is not None)


class Caller(NamedTuple):
    """Id that a caller registered with, and how many bytes it took to say so."""

    identity: str
    length: int


class Allowed:
    """The ids that may register, by every way of spelling them.

    Parameters
    ----------
    prefixes
        Texts that some gateways are set to send before their id.
    heartbeats
        Texts that some gateways are set to send now and then, perhaps right behind their id.
    """

    def __init__(
        self,
        identities: Iterable[str],
        *,
        prefixes: Iterable[str] = (),
        heartbeats: Iterable[str] = (),
    ) -> None:
        self._prefixes, self._heartbeats = tuple(prefixes), tuple(heartbeats)
        self._beats = [text.encode() for text in self._heartbeats]
        before = [b"", *(prefix.encode() for prefix in self._prefixes)]
        self.identities = frozenset(identities)
        meant: dict[bytes, set[str]] = {}
        for identity in self.identities:
            for spelling in spellings(identity):
                for prefix in before:
                    meant.setdefault(prefix + spelling, set()).add(identity)
        # what two ids are spelled like is neither's
        self._by_bytes = {said: ids.pop() for said, ids in meant.items() if len(ids) == 1}
        self._lengths = sorted({len(said) for said in self._by_bytes}, reverse=True)

    def with_ids(self, identities: Iterable[str]) -> Allowed:
        """The same for other ids."""
        return Allowed(identities, prefixes=self._prefixes, heartbeats=self._heartbeats)

    def identify(self, data: bytes | bytearray, *, ended: bool = False) -> Caller | None:
        """Id that data is the registration of; None where it is none, or may go on.

        Parameters
        ----------
        ended
            Whether nothing follows: a pause has passed. Before that only an end mark, or the
            length of a form that has one, shows that a registration is complete.
        """
        said = bytes(data)
        for length in self._lengths:
            identity = self._by_bytes.get(said[:length])
            if identity is None or len(said) < length:
                continue
            rest = said[length:]
            if _shows_the_end(rest) or (ended and self._is_nothing(rest, identity)):
                return Caller(identity, length)
        return self._four_faith(said)

    def _four_faith(self, said: bytes) -> Caller | None:
        if len(said) < _FOUR_FAITH_BYTES or said[15] or said[20]:
            return None
        identity = self._by_bytes.get(said[4:15])
        return None if identity is None else Caller(identity, _FOUR_FAITH_BYTES)

    def _is_nothing(self, rest: bytes, identity: str) -> bool:
        """Whether what follows an id makes no other id of it: itself again, heartbeats, frames."""
        own = [said for said, meant in self._by_bytes.items() if meant == identity] if rest else []
        while rest:
            known = next((said for said in (*own, *self._beats) if said and rest.startswith(said)),
                         None)  # fmt: skip
            if known is not None:
                rest = rest[len(known) :]
            elif rest[0] in _BETWEEN:
                rest = rest[1:]
            else:
                size = codec.rtu_at_start(rest)
                if size is None:
                    return False
                rest = rest[size:]
        return True

    def may_go_on(self, data: bytes | bytearray) -> bool:
        """Whether a longer id begins with all that was said."""
        said = bytes(data)
        return any(len(known) > len(said) and known.startswith(said) for known in self._by_bytes)
