"""What ``--suggest`` prints can be saved and used as it is."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.conftest import Program


def saved(program: Program, file: Path, *flags: object) -> Path:
    ran = program("import", file, "--suggest", *flags)
    assert ran.code == 0, ran
    target = file.with_suffix(".toml")
    target.write_text(ran.out, encoding="utf-8")
    return target


def test_a_known_schema_is_printed_as_its_mapping(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "fukui.csv"
    text = "NO,住所,緯度,経度,種別\n1,福井市,36.06,136.22,公設消火栓\n2,福井市,36.07,136.23,河川\n"
    file.write_text(text, "utf-8")
    mapping = saved(program, file)
    assert mapping.read_text("utf-8").startswith("# ")
    assert program.data("import", file, "--mapping", mapping)["new"] == 2


def test_encoding_is_kept_and_a_repeating_column_is_no_number(
    program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "register.csv"
    with file.open("w", encoding="gb18030", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["名称", "name", "longitude", "latitude", "类型"])
        for n in range(20):
            writer.writerow([f"消火栓{n}", "К-150", 30 + n / 100, 50, "地上消火栓"])
    mapping = saved(program, file, "--encoding", "gb18030")
    assert 'encoding = "gb18030"' in mapping.read_text("utf-8")
    assert program.data("import", file, "--mapping", mapping)["new"] == 20
    assert {asset["code"] for asset in program.data("asset", "list")["assets"]} == {None}
