from __future__ import annotations

from tests.conftest import Program


def test_supply_counts_only_known_flows_of_usable_sources(program: Program) -> None:
    flows: dict[str, float | None] = {"A": 15.0, "B": 20.0, "C": None, "D": 30.0}
    for number, (code, flow) in enumerate(flows.items()):
        program.data("asset", "add", code, "--kind", "hydrant", "--lon", 120.0 + number / 1000,
                     "--lat", 30.0, "--crs", "cgcs2000")  # fmt: skip
        words = [] if flow is None else ["--flow-l-s", flow]
        outcome = "fails" if code == "D" else "works"
        program.data("survey", "record", code, "--outcome", outcome, *words)
    place = ("supply", 120.0, 30.0, "--crs", "cgcs2000", "--within", 500)
    found = program.data(*place, "--flow", 30)
    assert (found["enough"], found["drawn_l_s"]) == (True, 35.0)
    assert [source["code"] for source in found["sources"]] == ["A", "B"]
    assert [source["code"] for source in found["unknown_flow"]] == ["C"]
    short = program(*place, "--station", "class2")
    assert short.code == 1
    assert "160 L/s are not reached" in short.out
    assert "不足 160 L/s" in program(*place, "--station", "class2", lang="zh").out
    assert program(*place, "--station", "class9").code == 2
    assert program(*place).code == 2
