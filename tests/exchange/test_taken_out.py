"""What a map only names, deleted or linked to, is not there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Program

TAG = '<tag k="emergency" v="fire_hydrant"/>'
WAY = '<nd ref="7"/><nd ref="8"/><nd ref="9"/><nd ref="7"/><tag k="emergency" v="fire_water_pond"/>'
CORNERS = "".join(
    f'<node id="{n}" lat="47.{n}" lon="16.{n * n}"/>' for n in (7, 8, 9)
)  # fmt: skip


@pytest.mark.parametrize("mark", ['visible="false"', "action='delete'", 'action = "delete"'])
def test_objects_that_are_deleted_are_no_sources(
    program: Program, tmp_path: Path, mark: str
) -> None:
    file = tmp_path / "map.osm"
    file.write_text(
        f'<osm version="0.6"><node id="1" lat="47.1" lon="16.1">{TAG}</node>'
        f'<node id="2" {mark} lat="47.1" lon="16.2">{TAG}</node>{CORNERS}'
        f'<node id="3" action="modify" visible="true" lat="47.1" lon="16.3">{TAG}</node>'
        f'<way id="2" version="1">{WAY}</way><way id="1" {mark}>{WAY}</way></osm>',
        "utf-8",
    )
    data = program.data("import", file)
    assert (data["read"], data["new"]) == (3, 3)
    kept = {asset["external_key"] for asset in program.data("asset", "list")["assets"]}
    assert kept == {"node/1", "node/3", "way/2"}


def test_a_mark_across_the_end_of_a_block_is_seen(program: Program, tmp_path: Path) -> None:
    gone = f'<node id="2" lat="47.1" lon="16.2" action="delete">{TAG}</node>'
    head = f'<osm version="0.6"><node id="1" lat="47.1" lon="16.1">{TAG}</node>'
    plain = "".join(f'<node id="{n}" lat="47.2" lon="16.2"/>' for n in range(10_000, 35_000))
    room = (1 << 20) - len(head) - gone.index("delete") - 3
    filled = plain[: plain.rindex("<", 0, room)]
    filled += "\n" * (room - len(filled))
    file = tmp_path / "map.osm"
    file.write_text(f"{head}{filled}{gone}</osm>", "utf-8")
    assert program.data("import", file)["new"] == 1


def test_what_an_answer_says_is_no_more_is_not_taken(program: Program, tmp_path: Path) -> None:
    elements = [
        {"type": "node", "id": n, "lat": 47.1, "lon": 16.1 + n, "visible": n == 1,
         "tags": {"emergency": "fire_hydrant"}}
        for n in (1, 2)
    ]  # fmt: skip
    file = tmp_path / "answer.json"
    file.write_text(json.dumps({"version": 0.6, "elements": elements}), "utf-8")
    assert program.data("import", file)["new"] == 1


def test_what_a_kml_file_only_links_to_is_told(program: Program, tmp_path: Path) -> None:
    mark = "<Placemark><Point><coordinates>16.1,47.1</coordinates></Point></Placemark>"
    link = "<NetworkLink><Link><href>more.kml</href></Link></NetworkLink>"
    file = tmp_path / "map.kml"
    for more, told in (("", []), (link, ["NetworkLink"])):
        file.write_text(
            f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{mark}{more}</Document></kml>',
            "utf-8",
        )
        data = program.data("import", file, "--kind", "hydrant")
        assert [name for name in data["unread"] if name == "NetworkLink"] == told
