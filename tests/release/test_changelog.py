"""The changelog is dated as it stands: no line is lost or unsorted, no release repeated."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from release.changelog import SECTIONS, UNRELEASED, NotReleasable, dated, sections

ROOT = Path(__file__).parents[2]
DAY = date(2026, 12, 1)
HEAD = "# Changelog\n\nThe form.\n"


def unreleased(*parts: tuple[str, str]) -> str:
    return f"{HEAD}\n## Unreleased\n\n" + "\n\n".join(f"### {name}\n{text}" for name, text in parts)


def test_the_projects_own_can_be_read() -> None:
    head, found = sections((ROOT / "CHANGELOG.md").read_text("utf-8"))
    assert head.startswith("# Changelog")
    assert found[0].title == UNRELEASED
    assert all(section.release for section in found[1:])
    headings = {line[4:] for line in found[0].lines if line.startswith("#")}
    assert headings <= set(SECTIONS), "nox -s release would refuse it"


def test_lines_are_moved_whole_and_in_the_readers_order() -> None:
    text = unreleased(
        ("Fixed", "- a\n  goes on"), (SECTIONS[0], "- b"), ("Fixed", "- c"), (SECTIONS[1], "")
    )
    new = dated(f"{text}\n\n## 0.1.0 - 2026-01-31\n\n### Fixed\n- old\n", "0.2.0", DAY)
    assert new == (
        f"{HEAD}\n## Unreleased\n\n## 0.2.0 - 2026-12-01\n\n### {SECTIONS[0]}\n- b\n\n"
        "### Fixed\n- a\n  goes on\n- c\n\n## 0.1.0 - 2026-01-31\n\n### Fixed\n- old\n"
    )


def test_what_was_dated_is_kept_by_the_next_release() -> None:
    once = dated(unreleased(("Fixed", "- a")), "0.2.0", DAY)
    again = dated(once.replace("## Unreleased", "## Unreleased\n\n### Fixed\n- b"), "0.3.0", DAY)
    assert [section.title for section in sections(again)[1]] == [
        "Unreleased", "0.3.0 - 2026-12-01", "0.2.0 - 2026-12-01",
    ]  # fmt: skip
    assert again.endswith(once.split("## Unreleased\n\n")[1])


@pytest.mark.parametrize(
    ("text", "version", "said"),
    [
        (unreleased(("Added", "- a")), "0.2.0", "line 7"),
        (unreleased(("Fixed", "#### Deeper\n- a")), "0.2.0", "line 8"),
        (f"{HEAD}\n## Unreleased\n\n- a\n", "0.2.0", "line 7: stands under no heading"),
        (f"{HEAD}\n## Unreleased\n", "0.2.0", "nothing stands under"),
        (unreleased(("Fixed", "")), "0.2.0", "nothing stands under"),
        (f"{HEAD}\n## 0.1.0 - 2026-01-31\n", "0.2.0", "does not begin with"),
        (HEAD, "0.2.0", "does not begin with"),
        (unreleased(("Fixed", "- a")) + "\n\n## Unreleased\n", "0.2.0", "twice"),
        (unreleased(("Fixed", "- a")), "next", "not a version"),
        (unreleased(("Fixed", "- a")) + "\n\n## 0.2.0 - 2026-01-31\n", "0.2.0", "not newer"),
        (unreleased(("Fixed", "- a")) + "\n\n## 0.10.0 - 2026-01-31\n", "0.9.0", "not newer"),
        (unreleased(("Fixed", "- a")) + "\n\n## 0.1.0 - 2026-12-02\n", "0.2.0", "lies before"),
        (unreleased(("Fixed", "- a")) + "\n\n## 0.1.0 - 2026-02-30\n", "0.2.0", "line 10"),
        (unreleased(("Fixed", "- a")) + "\n\n## 0.1.0\n", "0.2.0", "neither version nor day"),
    ],
)
def test_what_cannot_be_dated_is_refused_by_line(text: str, version: str, said: str) -> None:
    with pytest.raises(NotReleasable, match=said):
        dated(text, version, DAY)
