"""The one JSON object that a command prints for scripts."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping

JSON_VERSION = 1
#: Second control set, marks of direction, separators, invisible ones, halves of characters.
_OBEYED = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)


def envelope(
    command_words: str,
    *,
    data: Mapping[str, object],
    messages: list[dict[str, str]],
    exit_code: int,
) -> dict[str, object]:
    """The one JSON object a command prints."""
    return {
        "version": JSON_VERSION,
        "command": command_words,
        "data": data,
        "messages": messages,
        "exit_code": exit_code,
    }


def write_json(value: Mapping[str, object]) -> None:
    """Print a JSON object on stdout, always UTF-8."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    told = json.dumps(value, ensure_ascii=False, allow_nan=False)
    # a terminal obeys some characters that JSON need not escape; they stand only in texts
    print(_OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", told))
