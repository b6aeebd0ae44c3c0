"""Remarks and answers beside a good state: bad ones object, others are known or asked about."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydrant.exchange import fault_words
from hydrant.exchange.fault_words import faults_among, speaks_of_fault
from hydrant.exchange.mapping import Mapping, Spec
from hydrant.exchange.named_states import unclear_codes
from hydrant.exchange.objecting import objecting
from hydrant.exchange.remarks import harmless, not_understood
from hydrant.exchange.state_headings import signed
from hydrant.exchange.suggesting import suggest
from hydrant.exchange.suggestion import Suggestion, words
from hydrant.exchange.table import Table
from tests.conftest import Program
from tests.exchange.test_stranger import Answer, answer, table

__all__ = ["answer"]

BAD = """
valve closed; gate valve shut off; hydrant isolated; turned off;
closed; dry; dead; zero pressure;
pressure: 0; 0 kPa; awaiting parts; work order 88 open;
replace; red tagged; bagged; do not use;
not connected; not yet commissioned; not charged; capped;
nozzle cap seized; moved; sealed; on hold;
parts on order; paused; unsafe; low flow;
locked; off-line; needs service; leaning badly;
暂停使用; 阀门关闭; 阀门已关; 阀门未开; 未通水;
接口滑丝; 缺闷盖; 无闷盖; 缺配件; 被压; 施工围挡;
栓体倾斜; 已上报维修; 压力为0; 压力：0; 0压力; 水压为零;
水质浑浊; 未启用; 未验收; 封存; 封停; 封死;
闲置; 弃用; 已迁移; 移走; 生锈; 阀芯坏;
井内积水; 未查到; 无此栓; 离线; 欠费停水; 请勿使用; 未接入管网;
不见了; 消失; 被锁; 手轮缺失; 阀门松动;
Schieber zu; geschlossen; kein Druck; Druck 0;
nicht angeschlossen; abgestellt; Deckel fehlt; trocken;
wartet auf Ersatzteil; versetzt; verplombt;
nicht benutzen; eingefroren; überteert;
vanne fermée; à sec; pression nulle;
pas de pression; non raccordé; à remplacer; bouchon manquant;
en attente de pièces; ne pas utiliser; déplacé;
condamné; cerrada; sin presión; falta la tapa;
zamknięty; bez ciśnienia; закрыт;
давление 0; законсервирован; нет крышки; отключён;
閉栓中; バルブが閉; 水圧なし; 修理待ち; 使用停止; 移設; 部品待ち;
밸브 잠김; 수압 없음; 사용중지; 수리 대기; 누수 심함
"""
HARMLESS = """
检查无异常; 无; 正常; 完好; -; 12;
2024-05-03; DN100; K-150; 位于人民路东侧; 人民路与解放路交叉口; 距路口50米处;
学校门口; 2026年5月检查; 每年保养; 已修复;
漏水已修复; 无漏水、锈死; 未拆除; 阀门关闭正常; 启闭灵活;
阀门启闭正常，水压充足; 地上式; 检查正常，出水正常; 围挡拆除后恢复;
near the church; corner of Main St and 5th Ave;
in front of school; no leaks or damage; inspected 2024;
repainted 2023; tested ok; opens easily;
leak repaired; private property; annual inspection completed;
vor Haus 12; Ecke Bahnhofstraße; geprüft 2024;
keine Mängel; devant la mairie; rue de la gare;
ul. Polna 5; al. Leśna 3; os. Słoneczne 3; ул. Ленина, д. 5;
contrôlé 2024; bez uwag; без замечаний; 異常なし;
漏水なし; 点検済み; 특이사항 없음; 누수 없음
"""
UNKNOWN = """
贵宾专用; 借给工地; 需现场确认; 手动盘不转;
使用前联系水务; 口子朝墙; call the owner first; on Friday;
see the red sheet; xyz; bust;
WO 1234; Nachbar fragen; voir le gardien; ask at the gate house office;
спросить сторожа; 要確認; 담당자 문의
"""


def several(text: str) -> list[str]:
    return [one.strip() for one in re.split(r";\s", text.strip()) if one.strip()]


@pytest.mark.parametrize("remark", several(BAD))
def test_bad_remarks_are_known_as_such(remark: str) -> None:
    assert speaks_of_fault(remark)
    assert faults_among([remark, "ok"]) == {remark}


@pytest.mark.parametrize("remark", several(HARMLESS))
def test_harmless_remarks_are_understood(remark: str) -> None:
    assert harmless(remark)
    assert not speaks_of_fault(remark)


@pytest.mark.parametrize("remark", several(UNKNOWN))
def test_what_is_not_understood_is_not_taken_for_harmless(remark: str) -> None:
    assert not harmless(remark)
    assert not_understood({remark, "ok", ""}) == {remark}


@given(
    st.lists(st.sampled_from(several(HARMLESS)), max_size=3),
    st.sampled_from(several(BAD) + several(UNKNOWN)),
    st.sampled_from(["; ", "。", "，", "\n", "! "]),
    st.booleans(),
)
def test_what_is_harmless_never_mutes_what_stands_beside_it(
    beside: list[str], remark: str, sign: str, first: bool
) -> None:
    parts = [remark, *beside] if first else [*beside, remark]
    mending = [one for one in beside if "修复" in one or "repaired" in one or "恢复" in one]
    if not (first and mending):  # what follows may say that it was mended
        text = sign.join(parts)
        assert speaks_of_fault(text) or not harmless(text)


@given(st.text(alphabet="贵宾专用借给工地xyzquqw"), st.sampled_from(["", " ", "2024"]))
def test_signs_without_a_meaning_that_is_known_are_not_harmless(text: str, about: str) -> None:
    plain = f"{about}{text}".strip()
    if re.search(r"[^\W\d]{3}", plain) and not re.search("工地|单位", plain):
        assert not harmless(plain)


@pytest.mark.parametrize("text", [*several(BAD), *several(HARMLESS), *several(UNKNOWN)])
def test_hints_leave_nothing_out(text: str) -> None:
    every = [re.compile(one.replace("ß", "ss")) for one in words()["fault_within"].values()]
    for part in fault_words.clauses(text):
        found = any(one.search(part) for one in every)
        by_hint = any(hint in part and one.search(part)
                      for hint, one in fault_words._faults().items())  # fmt: skip
        assert found == by_hint


def test_many_different_remarks_are_judged_in_a_moment() -> None:
    many = {f"abnahme {n} xy" for n in range(40_000)}
    assert len(not_understood(many)) == len(many)
    assert not_understood({f"{n}" for n in range(40_000)}) == set()


HEAD = ("编号", "类型", "经度(CGCS2000)", "纬度(CGCS2000)", "状态", "检查日期")
ROW = ("地上式消火栓", "120.151", "30.25", "完好", "2026-11-03")


def proposed(heading: str, *cells: str) -> Suggestion:
    rows = [(f"H{n}", *ROW, cell) for n, cell in enumerate(cells)]
    columns = {
        name: [row[n] for row in rows] for n, name in enumerate((*HEAD, heading))
    }  # fmt: skip
    lines = range(2, 2 + len(rows))
    return suggest(Table(file="r.csv", columns=columns, lines=lines), header_row=1)


def topics(made: Suggestion) -> list[str]:
    return [question.topic for question in made.questions]


@pytest.mark.parametrize("heading", ["备注", "情况说明", "Remarks", "Comments", "Bemerkungen",
                                     "commentaires", "Примечание", "備考",
    "비고", "原因"])  # fmt: skip
def test_a_column_is_asked_about_once_with_its_most_frequent_texts(heading: str) -> None:
    made = proposed(heading, "借给工地", "借给工地", "xyz", "人民路东侧", "")
    (question,) = made.questions
    assert question.topic == "remarks"
    assert question.facts["cells"] == "借给工地 (2) | xyz (1)"
    assert [choice.word for choice in question.choices] == ["understood", "fails", "nothing", "-"]


#: Addresses without a word for a street, as people write them.
ADDRESSES = ("Żabia 7", "Jana Pawła II 12", "Leśna 12a", "Lange Reihe 4", "12 rue de la Paix",
             "Via Roma 3", "Storgata 5/2")  # fmt: skip


def test_a_column_of_addresses_is_not_asked_about() -> None:
    assert not not_understood({*ADDRESSES})
    # one by itself may be anything, and what is no address among them is asked about
    assert not_understood({ADDRESSES[0]}) == {ADDRESSES[0]}
    odd = {"zaklejony", "valve 2024", "key at no 5", "spindle 3 m"}
    assert not_understood({*ADDRESSES, "zaklejony"}) == {"zaklejony"}
    assert not_understood({*ADDRESSES, *odd}) >= odd


def test_what_another_column_names_is_no_remark() -> None:
    assert topics(proposed("备注", "H0", "地上式消火栓")) == []


@pytest.mark.parametrize(
    ("typed", "states"),
    [("understood", {"A1": "defective", "A2": "intact", "A3": "intact"}),
     ("fails", {"A1": "defective", "A2": "defective", "A3": "intact"}),
     ("nothing", {"A1": "intact", "A2": "intact", "A3": "intact"}),
     ("", {"A3": "intact"})],
)  # fmt: skip
def test_the_answer_holds_for_the_next_delivery(
    program: Program, answer: Answer, tmp_path: Path, typed: str, states: dict[str, str]
) -> None:
    def written(*remarks: str) -> Path:
        rows = [(f"A{n}", "地上式消火栓", f"120.15{n}", "30.25", "完好", "2026-11-03", remark)
                for n, remark in enumerate(remarks, start=1)]  # fmt: skip
        return table(tmp_path / "r.csv", (*HEAD, "备注"), *rows)

    file = written("阀门关闭", "借给工地", "学校门口")
    assert answer(file, typed, "y").code == 0
    assert conditions(program) == states
    mapping = file.with_suffix(".toml")
    kept = tomllib.loads(mapping.read_text("utf-8")).get("otherwise", {})
    assert kept == ({"备注": typed} if typed else {})
    if typed == "understood":
        written("学校门口", "另一句没人懂的话", "已封存")
        assert program("import", file, "--mapping", mapping).code == 0
        assert conditions(program)["A3"] == "defective"
        assert conditions(program)["A2"] == "intact"


def conditions(program: Program) -> dict[str, str]:
    assets = program.data("asset", "list")["assets"]
    return {a["code"]: program.data("explain", a["code"])["condition"] for a in assets}


def test_with_our_headings_a_bad_note_refuses_and_one_not_understood_is_named(
    program: Program, tmp_path: Path
) -> None:
    head = ("code", "kind", "lon", "lat", "crs", "outcome", "at", "note")
    base = ("hydrant.pillar", "120.151", "30.25", "CGCS2000", "works", "2026-11-03")
    notes = ("valve closed", "贵宾专用", "学校门口")
    file = table(tmp_path / "r.csv", head, *((f"A{n}", *base, one) for n, one in enumerate(notes)))
    ran = program("import", file, "--skip-bad", "--json")
    assert [r["code"] for r in ran.data["rows"] if r["action"] == "refused"] == ["A0"]
    assert [row["code"] for row in ran.data["named"]["remarks_unclear"]] == ["A1"]
    told = [m for m in ran.json["messages"] if m["key"] == "cli_import_.remarks_unclear"]
    assert [("贵宾专用" in m["text"], m["level"]) for m in told] == [(True, "warning")]
    # what was told once is not told again
    again = program("import", file, "--skip-bad", "--json")
    assert "remarks_unclear" not in again.data["named"]


#: Headings that ask, a cell that denies a good state, and one that does not.
ASKING = [line.split("=") for line in """
OOS=Y=N
Operable=N=Y
Water available=N=Y
是否需要维修=是=否
需要整改=是=否
是否需修复=需要=否
Needs repair=yes=no
Repairs needed=Y=N
水压是否达标=不达标=是
水压是否达标=否=达标
压力达标=否=是
阀门是否正常=不正常=正常
Opens fully=N=Y
Pressure adequate=no=yes
Turns freely=not quite=Y
Functional=F=T
IsActive=N=Y
isOperational=false=true
Has water=no=yes
Accessible=N=Y
Not accessible=Y=N
Obstructed=Y=N
OOSDate=2025-06-01=
Valve status=closed=open
Valve open=N=Y
Valve=shut=open
WO status=open=closed
Work order status=pending=completed
Reason=valve closed=
Access=restricted=24 h
阀门状态=关闭=开启
阀门=关=开
有无水=无=有
出水=无=正常
是否出水=否=是
水压=无=正常
水压=不足=充足
水压情况=偏低=正常
缺件=闷盖=无
设备状态=离线=在线
工单状态=处理中=已关闭
是否通水=否=是
Zugänglich=nein=ja
Wasser vorhanden=nein=ja
Schieber=zu=offen
vanne=fermée=ouverte
Accessible=non=oui
acceso=no=sí
dostępny=nie=tak
доступ=нет=да
задвижка=закрыта=открыта
通水=否=是
バルブ=閉=開
사용가능=아니오=예
밸브 상태=잠김=열림
""".strip().splitlines()]  # fmt: skip


@pytest.mark.parametrize(("heading", "bad", "good"), ASKING)
def test_what_an_answer_means_is_told_by_the_heading(heading: str, bad: str, good: str) -> None:
    one = Table(file="r.csv", columns={heading: [bad, good]}, lines=[2, 3])
    assert [found.cells for found in objecting(one, [heading], [])] == [frozenset({bad})]


@pytest.mark.parametrize(("heading", "bad", "good"), ASKING)
def test_a_good_state_beside_it_is_asked_about_or_fails(heading: str, bad: str, good: str) -> None:
    made = proposed(heading, bad, good)
    told = next(one.toml for one in made.lines if (one.toml or "").startswith("outcome"))
    asked = {"otherwise", "remarks_and_bad"} & {*topics(made)}
    assert asked or '"fails"' in str(told)


def test_numbers_under_such_a_heading_are_no_answers() -> None:
    one = Table(file="r.csv", columns={"pressure": ["0", "45", "60"]}, lines=[2, 3, 4])
    assert list(objecting(one, ["pressure"], [])) == []


@pytest.mark.parametrize("cells", [("Y", "N"), ("是", "否"), ("true", "false"), ("1", "0")])
def test_answers_to_what_is_not_understood_are_named_and_asked_about(
    program: Program, answer: Answer, tmp_path: Path, cells: tuple[str, str]
) -> None:
    assert topics(proposed("Zone B", *cells)) == ["answers"]
    assert topics(proposed("Zone B", cells[0], cells[0])) == []
    rows = [(f"A{n}", "地上式消火栓", f"120.15{n}", "30.25", "完好", "2026-11-03", cell)
            for n, cell in enumerate(cells)]  # fmt: skip
    file = table(tmp_path / "r.csv", (*HEAD, "Zone B"), *rows)
    assert answer(file, "-", "y").code == 0
    mapping = file.with_suffix(".toml")
    ran = program("import", file, "--mapping", mapping, "--json", "--dry-run")
    assert ran.data["answers_unread"] == ["Zone B"]
    mapping.write_text(f'otherwise."Zone B" = "no_fails"\n{mapping.read_text("utf-8")}', "utf-8")
    ran = program("import", file, "--mapping", mapping, "--json")
    assert "answers_unread" not in ran.data
    assert conditions(program) == {"A0": "intact", "A1": "defective"}


@pytest.mark.parametrize("heading", ["cell comments", "单元格批注"])
def test_comments_on_cells_that_are_not_understood_are_asked_about(heading: str) -> None:
    assert "remarks" in topics(proposed(heading, "assumed, nobody went", ""))


@pytest.mark.parametrize("first", ["正常", ""])
@pytest.mark.parametrize("heading", ["出水情况", "阀门情况", "试水", "检查结论", "水压状况"])
def test_a_column_of_states_is_one_whatever_it_is_headed(heading: str, first: str) -> None:
    """What is not understood there is asked about; a list of bad words is never complete."""
    cells = [first, "堵", "冻", "水小", "出水不足", "一般"]
    made = proposed(heading, *cells)
    assert {"remarks", "remarks_and_bad"} & {*topics(made)}


@pytest.mark.parametrize("word", ["正常", "good", "损坏", "damaged"])
def test_one_word_for_a_state_tells_what_its_column_holds(word: str) -> None:
    """A heading that nobody knows: the cells beside that word are no names."""
    assert {"remarks", "remarks_and_bad", "otherwise"} & {*topics(proposed("QX", word, "qrs"))}
    assert topics(proposed("QX", "xyz", "qrs")) == []


@pytest.mark.parametrize(
    "remark",
    [
        *(
            "待水司修复",
            "已通知水务公司修复",
            "经修复仍漏",
            "修复了？",
            "已修复一半",
            "要求修复",
            "请尽快更换",
        ),
        *("half repaired", "fixed? check", "repaired temporarily", "replaced - not yet connected"),
        *("no problems except no pressure", "to be replaced", "ok?", "正常？", "除出水口外均正常"),
    ],
)
def test_what_is_mended_in_part_or_only_asked_for_is_not_understood(remark: str) -> None:
    """A remark is harmless only where all of it is understood as such."""
    assert not harmless(remark)


@pytest.mark.parametrize(
    "remark",
    ["漏水已修复", "阀门已更换", "2024年5月更换", "repaired 2024-05-01", "修好了", "无需维修"],
)
def test_what_was_mended_stays_harmless(remark: str) -> None:
    assert harmless(remark)


@pytest.mark.parametrize("none", ["/", "—", "-", "n/a", ""])
@pytest.mark.parametrize(("yes", "no"), [("√", "×"), ("Y", "N"), ("是", "否")])
def test_a_stroke_among_answers_is_no_answer(yes: str, no: str, none: str) -> None:
    """A heading that nobody knows, answered by yes and no: asked about, whatever is left open."""
    assert topics(proposed("QX", yes, no, none)) == ["answers"]


@pytest.mark.parametrize("third", ["△", "√√", "○"])
def test_a_third_sign_among_answers_is_asked_about(third: str) -> None:
    assert {"answers", "remarks", "remarks_and_bad"} & {*topics(proposed("QX", "√", "×", third))}


def test_a_circle_beside_a_tick_and_a_cross_is_neither() -> None:
    assert signed("状态", ["√", "×", "○"]) == {"√": "works", "×": "fails"}
    assert signed("状态", ["×", "○"]) == {"○": "works", "×": "fails"}


@pytest.mark.parametrize("said", ["禁用", "×", "漏", "dry", "Auf Eis"])
def test_what_stands_in_brackets_behind_a_code_is_understood_or_asked_about(said: str) -> None:
    cells = {"编号": ["XF-1", f"XF-2({said})", "XF-3(2)"], "状态": ["完好"] * 3}
    one = Table(file="r.csv", columns=cells, lines=[2, 3, 4])
    (found,) = unclear_codes(one, Mapping(fields={"code": Spec(columns=("编号",))}))
    assert found == ("编号", {f"XF-2({said})"})
