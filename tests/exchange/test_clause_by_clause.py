"""A denial or a repair clears the faults of its own clause; what else a remark says is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.exchange.fault_words import nothing_wrong, speaks_of_fault
from hydrant.exchange.remarks import harmless, not_understood
from tests.conftest import Program
from tests.exchange.test_notes_at_doors import HEAD, condition, street, visits
from tests.exchange.test_otherwise import HEAD as OFFICE
from tests.exchange.test_otherwise import PLACES, RULES
from tests.exchange.test_remarks import several
from tests.exchange.test_stranger import table

__all__ = ["street"]

#: What denies or mends one fault and tells another in words that are known.
TOLD = """
无漏水无水; 没有漏水没有水; 无破损无水; 无破损无通道; 无漏水和无压力; 漏水已修复无水; 无漏水及无水;
已修复无压力; 不漏水不出水; 无异常，除无水; 阀门已更换打不开，无水; 维修完毕未通水;
leak repaired - dry; leak fixed – no water; repaired then leaking; no leaks without pressure;
no leaks no water; no leaks or water; no leaks nor pressure; no leaks though dry; no leaks/no water;
no damage besides broken cap; leak fixed no water; repaired, not connected; without access;
keine Mängel außer Ventil defekt; keine Mängel bis auf undichte Klaue; repariert, tropft wieder;
kein Zugang; keine Mängel, kein Wasser; keine Mängel und kein Druck; keine Mängel kein Durchfluss;
Leck behoben, öffnet nicht; repariert jedoch undicht; ohne Mängel ohne Wasser;
sin fugas, sin caudal; sin fugas pero no abre; sin fugas pero cerrado; sin fugas pero sin presión;
sin daños pero con fuga; no tiene fugas ni agua; reparado pero gotea; sin fugas sin presión;
pas de fuite ni d'eau; sans fuite sans pression; réparé mais fuit; aucune pression;
brak przecieków brak wody; bez wody; нет утечек нет воды; без воды; отремонтирован, но течёт
"""
#: The same in words that are not, or what was mended in part: somebody looks.
NAMED = """
无漏水、滴水; 无漏水和水; 无漏水除外; 无漏水口朝墙; 贵宾专用无漏水; 漏水已修复贵宾专用; 水压无;
漏水已修复影响出水; 未见漏水出水小; 无漏水打不开; 无破损且关着;
unrepaired; unfixed; nearly repaired; no longer repaired; poorly repaired; unrepariert; unbehoben;
niemals repariert; bald repariert; kein Mangel behoben; irréparable; jamais réparé; mal réparé;
doit être réparé; pas de réparation; no se ha reparado; casi reparado; no fue reparado;
no leak hydrant gone; no damage lid missing; no leaks water low; no key; no hydrant found;
repaired and leaking; repaired dry; dry and leak repaired; repaired 2026-05-01 dry; repaired but;
no leaks except at the cap; leak repaired facing the wall; no leaks + odd;
keine Mängel bis auf Deckel; Mängel behoben außer Deckel; teilweise repariert; ohne Deckel;
sin fugas con daños; sin fugas y cerrado; sin tapa; reparado a medias; reparada menos la tapa;
réparé partiellement; réparé sauf bouchon; sans bouchon; réparée à moitié
"""
QUIET = """
无漏水; 无漏水、无破损; 无漏水无破损; 无漏水、锈蚀、破损等现象; 漏水已修复; 漏水问题已解决; 无异常;
正常，无锈蚀; 损坏闷盖已更换; 2025年5月漏水已修复; 无遮挡、占用; 未发现漏水、锈蚀; 修复后正常;
no leaks; leak repaired; leak repaired 2026-05-01; no leaks or damage; no leaks and no damage;
no visible leaks; no water leaks; no pressure drop; leaking nozzle cap replaced 2025; no leaks seen;
replaced broken cap; repaired and working; repaired by city crew; no leaks - no rust; not damaged;
keine Mängel; Mängel behoben; keine Mängel und Schäden; keine sichtbaren Mängel; Deckel ersetzt;
keine Mängel festgestellt; undichte Klaue ersetzt; ohne Befund; Leck behoben im Mai 2025;
sin fugas; sin fugas ni daños; sin fugas, sin daños; no hay fugas; fuga reparada 2025; reparado;
réparé; aucune fuite; pas de fuite visible; fuite réparée en mai 2025; sans fuite ni dommage;
bez uszkodzeń; naprawiony; нет повреждений; без утечек; отремонтирован; 漏水なし; 누수 없음
"""


@pytest.mark.parametrize("remark", several(TOLD))
def test_what_another_clause_tells_is_a_fault(remark: str) -> None:
    assert speaks_of_fault(remark)
    assert not nothing_wrong(remark)
    assert not harmless(remark)


@pytest.mark.parametrize("remark", several(NAMED))
def test_what_is_left_of_a_clause_is_not_understood(remark: str) -> None:
    assert not_understood({remark}) == {remark}
    assert not nothing_wrong(remark)


@pytest.mark.parametrize("remark", several(QUIET))
def test_what_only_denies_or_mends_is_quiet(remark: str) -> None:
    assert harmless(remark)
    assert not speaks_of_fault(remark)


@given(
    st.sampled_from(["无漏水", "漏水已修复", "no leaks", "leak repaired", "keine Mängel",
                     "sin fugas", "réparé"]),
    st.sampled_from([" ", ", ", " - ", "; ", " und ", " pero ", "、", " & ", " + ", "/"]),
    st.text(alphabet="贵宾专用墙朝xyzquqw", min_size=3, max_size=12),
)  # fmt: skip
def test_no_denial_or_repair_covers_what_is_not_known(first: str, sign: str, odd: str) -> None:
    assert not harmless(f"{first}{sign}{odd}")
    if first in ("无漏水", "no leaks", "keine Mängel", "sin fugas"):  # else it is what was mended
        assert not harmless(f"{odd}{sign}{first}")


DOORS = ["无漏水无水", "leak repaired - dry", "keine Mängel außer Ventil defekt", "kein Zugang",
         "sin fugas pero no abre", "no leaks or water"]  # fmt: skip
OPEN = ["无漏水、滴水", "no leak hydrant gone", "Mängel behoben außer Deckel", "reparado a medias",
        "réparé partiellement"]  # fmt: skip
FINE = ["无漏水、无破损", "leak repaired 2026-05-01", "keine Mängel", "sin fugas ni daños",
        "réparé"]  # fmt: skip


@pytest.mark.parametrize(("notes", "code", "named"), [(DOORS, 3, 0), (OPEN, 0, 1), (FINE, 0, 0)])
def test_every_door_notices_it(
    street: Program, tmp_path: Path, notes: list[str], code: int, named: int
) -> None:
    """Files of visits, a register with our headings, a visit that is typed in."""
    for n, note in enumerate(notes):
        file = visits(tmp_path / "v.csv", ("H0", f"2026-06-{n + 1:02}", "works", note))
        ran = street("survey", "import", file, "--json", "--dry-run")
        assert ran.code == code, note
        told = [row["value"] for row in ran.data.get("named", {}).get("remarks_unclear", ())]
        assert told == [note] * named
        row = (f"N{n}", "hydrant.pillar", "120.151", f"30.{n}", "CGCS2000", "works", "2026-06-11")
        ran = street("import", table(tmp_path / "r.csv", HEAD, (*row, note)), "--json", "--dry-run")
        assert ran.code == code, note
        assert len(ran.data["named"].get("remarks_unclear", ())) == named
        ran = street("survey", "record", "H1", "--outcome", "works", "--note", note)
        assert ran.code == code, note
        assert (note in ran.err) is bool(code or named)
    assert condition(street, "H1") == ("untested" if code else "intact")


@pytest.mark.parametrize(("heading", "first", "second"), [
    ("备注", "无漏水无水", "无漏水、无破损"),
    ("存在问题", "无漏水、口朝墙", "无漏水"),
    ("存在问题", "无水，但无漏水", "未发现漏水、锈蚀"),
    ("Mängel", "keine außer Deckel", "keine Mängel"),
    ("Mängel", "kein Zugang", "keine Mängel oder Schäden"),
    ("defects found", "no cap", "no leaks or damage"),
])  # fmt: skip
def test_a_register_is_refused_by_it(
    program: Program, tmp_path: Path, heading: str, first: str, second: str
) -> None:
    """Under a heading that asks for faults what is not understood is one."""
    rows = [(*place, "完好", "2026-11-01", cell)
            for place, cell in zip(PLACES, (first, second), strict=True)]  # fmt: skip
    file = table(tmp_path / "r.csv", (*OFFICE, heading), *rows)
    mapping = tmp_path / "m.toml"
    mapping.write_text(RULES.format("", 'x = "经度"\ny = "纬度"'), "utf-8")
    ran = program("import", file, "--mapping", mapping, "--skip-bad", "--json")
    assert [row["code"] for row in ran.data["rows"] if row["action"] == "refused"] == ["A1"]
