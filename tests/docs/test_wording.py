"""What the page on Chinese wording turned down stands in no message, and what it took does."""

from __future__ import annotations

import json
import re

from hydrant.resources import resource
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "explanation" / "wording.zh.md").read_text("utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")][1:]
#: Turned down for one thing and right for another, which the page names.
RIGHT_ELSEWHERE = {
    *("故障", "隐患", "异常", "正常、异常", "代码", "政策", "调查", "缺口", "过期", "覆盖率"),
    *("超期未检", "需求数", "可用率", "注册表", "取水口"),
}


def chinese() -> dict[str, str]:
    found = {}
    for path in resource("data", "messages").glob("*.json"):
        for name, words in json.loads(path.read_text("utf-8")).items():
            found[f"{path.stem}.{name}"] = words["zh"]
    return found


def test_no_message_says_what_was_turned_down() -> None:
    turned_down = {word for row in ROWS for word in re.findall("“([^”]+)”", row[2])}
    assert {"消防栓", "数据包", "余压"} <= turned_down
    wrong = {
        (key, word)
        for key, words in chinese().items()
        for word in turned_down - RIGHT_ELSEWHERE
        if word in words
    }
    assert not wrong


def test_messages_use_the_words_of_the_page() -> None:
    told = "".join(chinese().values())
    words = [w for row in ROWS for w in re.split("[、]", re.sub("（[^）]*）", "", row[0])) if w]
    missing = [word for word in words if word not in told]
    assert not missing


def test_unverified_is_never_said_of_a_rule() -> None:
    rules = ("cli_policy.", "policy.", "cli_explain.unconfirmed", "document.unconfirmed")
    assert not [
        key for key, words in chinese().items() if key.startswith(rules) and "未核实" in words
    ]
