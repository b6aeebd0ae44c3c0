"""Writes a phone form as a workbook, and the list of assets that goes with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from hydrant.model.tables import Asset
from hydrant.safe_text import marked
from hydrant.survey.xlsform import ASSET_LIST, Row, XlsForm
from hydrant.workbooks import workbook


def write_form(path: Path, form: XlsForm) -> None:
    """Write the workbook of a form.

    Raises
    ------
    OSError
        It cannot be written.
    """
    with workbook(path) as book:
        for name in ("survey", "choices", "settings"):
            rows: list[Row] = getattr(form, name)
            headings = list(dict.fromkeys(heading for row in rows for heading in row))
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 2)
            for column, heading in enumerate(headings):
                sheet.write_string(0, column, heading)
                for number, row in enumerate(rows, 1):
                    if row.get(heading):
                        sheet.write_string(number, column, row[heading])


def list_path(form: Path) -> Path:
    """Where the list of assets of a form goes: beside it, under the name the form asks for."""
    return form.with_name(f"{ASSET_LIST}.csv")


def asset_list(assets: Sequence[Asset]) -> str:
    """The list of assets as phones read it: key, what is shown, and what the form looks up.

    ``geometry`` is latitude, longitude, altitude and accuracy, as ODK writes points; with it
    Collect can offer the list as a map.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("name", "label", "kind", "code", "geometry"))
    for asset in sorted(assets, key=lambda asset: (asset.code or "~", asset.uid)):
        shown = "  ".join(part for part in (asset.code, asset.name, asset.address) if part)
        lon, lat = asset.geom or (None, None)
        writer.writerow(
            (
                asset.uid,
                marked(shown or asset.uid),
                asset.kind,
                marked(asset.code or asset.uid),
                "" if lon is None else f"{lat:.7f} {lon:.7f} 0 0",
            )
        )
    return file.getvalue()
