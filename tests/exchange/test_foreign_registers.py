"""Each quirk of other people's registers, in a few rows of our own and by our mappings."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from hydrant.exchange.mapping import load_mapping, mapping_names
from tests.conftest import Program
from tests.exchange.test_stranger import Answer, answer

__all__ = ["answer"]


def write_csv(path: Path, rows: Sequence[Sequence[object]], encoding: str = "utf-8") -> Path:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def order(program: Program, **flags: str) -> dict[str, Any]:
    """Counts of the total's working order."""
    extra = [word for name, value in flags.items() for word in (f"--{name}", value)]
    found: dict[str, Any] = program.data("integrity", *extra)["total"]["working_order"]
    return found


def near(program: Program, lon: float, lat: float) -> list[dict[str, Any]]:
    found = program.data("near", lon, lat, "--crs", "wgs84", "-n", 9, "--within", 5000)
    sources: list[dict[str, Any]] = found["sources"]
    return sources


@pytest.mark.parametrize("name", mapping_names())
def test_shipped_mappings_are_sound(name: str) -> None:
    mapping = load_mapping(name)
    assert mapping.source
    assert mapping.crs


BELARUS = (
    "№ п/п", "Номер", "Наименование", "Адрес", "Координаты (широта, долгота)",
    "Дополнительная информация по адресу", "Принадлежность", "Описание",
    "Тип сети, диаметр, объем", "Техническое состояние", "Дата последней проверки",
    "Характер нисправности", "Примечание",
)  # fmt: skip


def belarus(path: Path) -> Path:
    def row(number: int, kind: str, where: str, net: str, state: str, day: str | None) -> list[Any]:
        place = f"{52.5 + number / 100}, {30.5}"
        return [number, "б/н", kind, where, place, None, "-", None, net, state, day, "-", None]

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Реестр источников"])
    sheet.append(BELARUS)
    ring = "Тип сети: кольцевая, Диаметр: 150"
    gomel, town = "Гомельская область, д. 1", "г. Минск, ул. 1"
    sheet.append(row(1, "Пожарный гидрант", gomel, ring, "Исправен", "01.06.2022"))
    sheet.append(row(2, "Пожарный гидрант", gomel, "-", "Не исправен", "01.06.2022"))
    sheet.append(row(3, "Пожарный водоем", gomel, "Объем: 50", "Исправен", None))
    sheet.append(row(4, "Водонапорная башня", town, "-", "Исправен", "01.06.2022"))
    book.save(path)
    return path


def test_belarus_packed_cells_and_undated_checks(program: Program, tmp_path: Path) -> None:
    file = belarus(tmp_path / "register.xlsx")
    data = program.data("import", file, "--mapping", "belarus")
    assert (data["read"], data["new"], data["refused"]) == (4, 4, 0)
    there = order(program, **{"as-of": "2022-07-01"})
    assert (there["intact"], there["stale"], there["defective"]) == (2, 1, 1)
    (first, *_) = near(program, 30.5, 52.51)
    assert first["code"] is None  # "б/н" is no code
    uid = first["uid"]
    shown = program.data("asset", "show", uid)["asset"]
    assert (shown["mains_type"], shown["mains_dn_mm"]) == ("ring", 150)
    assert shown["owner"] is None
    assert shown["region_code"] == "BY-HO"


def test_a_kept_copy_of_a_shipped_mapping_asks_no_more_than_the_mapping(
    program: Program, answer: Answer, tmp_path: Path
) -> None:
    """A remark that is not understood is named; nobody was asked what it means."""
    file = belarus(tmp_path / "register.xlsx")
    book = openpyxl.load_workbook(file)
    book.active.cell(3, BELARUS.index("Описание") + 1, "большой квадрат штока")
    book.save(file)
    ran = answer(file, "y", lang="en")
    assert ran.code == 0, ran
    assert "большой квадрат штока" in ran.out
    kept = file.with_suffix(".toml")
    again = program("import", file, "--mapping", kept, "--source", "other", "--dry-run", "--json")
    assert (again.data["new"] + again.data["updated"], again.data["refused"]) == (4, 0)
    assert len(again.data["named"]["remarks_unclear"]) == 1


KOREA = (
    "시설번호", "시설유형코드", "시군구코드", "소재지도로명주소", "상세위치", "위도", "경도",
    "사용가능여부", "설치년도", "배관지름", "관할소방서명",
)  # fmt: skip


def test_korea_in_euc_kr_with_both_spellings_of_a_type(program: Program, tmp_path: Path) -> None:
    def row(code: str, kind: str, works: str, lat: float) -> list[object]:
        return [
            code,
            kind,
            "48330",
            "경상남도 양산시",
            "앞",
            lat,
            129.05,
            works,
            "2002",
            "65",
            "양산",
        ]

    rows = [
        KOREA,
        row("1", "01", "Y", 35.41),
        row("2", "1", "N", 35.42),
        row("3", "3", "Y", 35.43),
    ]
    file = write_csv(tmp_path / "korea.csv", rows, "euc-kr")
    assert program.data("import", file, "--mapping", "gyeongnam")["new"] == 3
    # a state without a date says that it once worked, not that it works
    total = order(program)
    assert (total["intact"], total["stale"], total["defective"]) == (0, 2, 1)
    kinds = [source["kind"] for source in near(program, 129.05, 35.40)]
    assert kinds == ["hydrant.pillar", "hydrant.pillar", "tank"]


TAIPEI = (
    "序號", "圖號", "編號", "97X座標", "97Y座標", "WGS84經度", "WGS84緯度", "型式", "所在地區",
)  # fmt: skip


def test_taipei_projected_columns_are_read_not_the_wrong_degrees(
    program: Program, tmp_path: Path
) -> None:
    rows = [
        (
            "序號",
            "圖號",
            "編號",
            "97X座標",
            "97Y座標",
            "WGS84經度",
            "WGS84緯度",
            "型式",
            "所在地區",
        ),
        (1, "3349A", 2, 297519.559, 2773410.041, 121.4627989, 25.0697118, "地下式消防栓", "三重"),
    ]
    file = write_csv(tmp_path / "taipei.csv", rows, "utf-8-sig")
    assert program.data("import", file, "--mapping", "taipei")["new"] == 1
    (source,) = near(program, 121.4709, 25.0678)
    # the degrees of the file lie 848 m off the surveyed position
    assert source["distance_m"] < 50
    assert source["code"] == "3349A-2"


TULSA = ("HYDRANT_ID", "LONGITUDE", "LATITUDE", "VALVE_TYPE", "ADDRESS", "LOCATION")


def test_tulsa_ignores_valves_and_refuses_null_island(program: Program, tmp_path: Path) -> None:
    rows = [
        TULSA,
        ("0-0", -95.88, 36.06, "GATE", "a", ""),
        ("0-0", -95.89, 36.06, "GATE", "b", ""),
        ("00559-0014", 0, 0, "GATE", "c", ""),
        ("7", -95.90, 36.06, "AIR RELIE", "d", ""),
    ]
    file = write_csv(tmp_path / "tulsa.csv", rows)
    ran = program("import", file, "--mapping", "tulsa", "--json")
    assert ran.code == 3
    assert [ran.data[name] for name in ("read", "new", "refused", "ignored")] == [4, 2, 1, 1]
    assert not ran.data["written"]
    assert order(program)["existing"] == 0
    (refused,) = [row for row in ran.data["rows"] if row["action"] == "refused"]
    assert (refused["line"], refused["code"]) == (4, "00559-0014")
    ran = program("import", file, "--mapping", "tulsa", "--skip-bad", "--json")
    assert ran.code == 0
    kept = Path(ran.data["refused_file"]).read_text(encoding="utf-8-sig")
    assert "00559-0014" in kept
    assert len(kept.strip().splitlines()) == 2
    assert order(program)["existing"] == 2


def test_gatineau_wkt_and_private_owners(program: Program, tmp_path: Path) -> None:
    heads = ("CODEID", "TYPE", "NO_CIVIQUE", "GENERIQUE", "LIAISON", "SPECIFIQUE", "DIRECTION",
             "ETIQUETTE", "PROPRIO", "GEOM")  # fmt: skip

    def row(code: int, owner: str) -> list[object]:
        point = f"POINT (-75.{code} 45.500612)"
        return [code, "Eau potable", "", "Rue", "", "Émard", "", f"{code}-1", owner, point]

    file = write_csv(tmp_path / "g.csv", [heads, row(266, "Ville"), row(267, "Privé")], "utf-8-sig")
    assert program.data("import", file, "--mapping", "gatineau")["new"] == 2
    data = program.data("integrity")
    assert data["total"]["working_order"]["existing"] == 1
    assert data["private"]["existing"] == 1


def test_bremen_nested_properties_and_unknown_states(program: Program, tmp_path: Path) -> None:
    def feature(name: str, kind: str, lon: float, **more: object) -> dict[str, object]:
        return {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, 53.08]},
            "properties": {
                "id": name,
                "type": kind,
                "usability_status": "unknown",
                "gemeinde": "Bremen",
                "osm_tags": more,
            },
        }

    features = [
        feature("a", "unterflur", 8.81, ref="H7"),
        feature("b", "saugstelle", 8.82),
        feature("c", "unterflur", 8.81004),
    ]
    file = tmp_path / "b.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    data = program.data("import", file, "--mapping", "bremen", "--duplicate-m", 5)
    assert (data["new"], data["duplicates"]) == (3, 2)
    total = order(program)
    assert (total["untested"], total["existing"]) == (3, 3)
    found = near(program, 8.81, 53.08)
    assert found[0]["code"] == "H7"
    assert {source["kind"] for source in found} == {"hydrant.underground", "intake"}


def test_columns_that_nothing_asks_for_are_named(program: Program, tmp_path: Path) -> None:
    """A heading that is mistyped must not turn what failed into what nobody saw fail."""
    file = tmp_path / "m.csv"
    file.write_text(
        "code,kind,lon,lat,services,outcomes,empty\nH1,hydrant,16.1,47.1,private,fails,\n", "utf-8"
    )
    for way in (["--dry-run"], []):
        ran = program("import", file, "--crs", "wgs84", "--source", "s", *way, "--json")
        assert ran.data["unread"] == ["services", "outcomes"]
        assert [m["key"] for m in ran.json["messages"]] == ["cli_import_.unread"]
        assert "services, outcomes" in ran.json["messages"][0]["text"]
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'key = ["code"]\n[position]\nx = "lon"\ny = "lat"\n[fields]\nkind = "kind"\n'
        '[ignore]\nempty = ["x"]\n', "utf-8",
    )  # fmt: skip
    ran = program("import", file, "--mapping", mapping, "--crs", "wgs84", "--dry-run", "--json")
    assert ran.data["unread"] == ["services", "outcomes"]
    whole = tmp_path / "w.csv"
    whole.write_text("code,kind,lon,lat\nH2,hydrant,16.2,47.1\n", "utf-8")
    ran = program("import", whole, "--crs", "wgs84", "--source", "s", "--json")
    assert (ran.data["unread"], ran.json["messages"]) == ([], [])
