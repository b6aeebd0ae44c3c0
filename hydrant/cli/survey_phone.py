"""``hydrant survey form``: the checklist as a form for phones."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from hydrant.cli.frame import Result, Settings, command, helper
from hydrant.cli.screen import Screen
from hydrant.cli.survey_area import (
    AreaCrsOption,
    AreaOption,
    KindOption,
    ListOption,
    MaintainerOption,
    RegionOption,
    chosen,
)
from hydrant.cli.whole_file import not_the_registry, written_whole
from hydrant.errors import CommandLineError, InputRefused
from hydrant.exchange.form_file import asset_list, list_path, write_form
from hydrant.store.facts.assets import assets_by_uid
from hydrant.store.opened.kept_policy import policy_of
from hydrant.store.opened.registry import Registry
from hydrant.survey.form import load_form
from hydrant.survey.xlsform import XlsForm, form_id_problem, phone_form

h = helper("survey_phone")


def form(
    settings: Settings,
    file: Annotated[Path, typer.Argument(help=h("form_file"))],
    *,
    assets: Annotated[bool, typer.Option("--assets", help=h("assets"))] = False,
    region: RegionOption = None,
    kind: KindOption = None,
    maintainer: MaintainerOption = None,
    area: AreaOption = None,
    area_crs: AreaCrsOption = None,
    listed: ListOption = None,
    form_id: Annotated[
        str, typer.Option("--id", metavar="NAME", help=h("form_id"))
    ] = "hydrant_visit",
) -> Result:
    """Make an XLSForm for ODK Collect or KoBoToolbox, and the list of assets it offers."""
    _refuse_form(file, form_id)
    not_the_registry(settings.path, file, list_path(file))
    asked = {"region": region, "kind": kind, "maintainer": maintainer, "area": area,
             "area_crs": area_crs, "listed": listed}  # fmt: skip
    content, count = None, 0
    with settings.registry() as registry:
        policy = policy_of(registry)
        if assets or any(value is not None for name, value in asked.items() if name != "area_crs"):
            content, count = _asset_list(registry, asked)
    made = phone_form(load_form(), policy, form_id=form_id, lang=settings.lang, assets=content)
    written_whole(file, lambda aside: write_form(aside, made))
    if content is not None:
        written_whole(list_path(file), partial(_write_text, content=content))
    data = _form_data(file, made, policy.name, None if content is None else count)
    return Result(data, lambda screen: _show_form(screen, data))


def _refuse_form(file: Path, form_id: str) -> None:
    if file.suffix.lower() != ".xlsx":
        raise InputRefused("exchange.out_form", file=file, known=".xlsx")
    if form_id_problem(form_id):
        raise CommandLineError("cli_survey_phone.form_id_wrong", value=form_id)


def _asset_list(registry: Registry, asked: dict[str, Any]) -> tuple[str, int]:
    """The list that comes with the form, and how many assets are in it."""
    uids = chosen(registry, **asked)
    return asset_list(list(assets_by_uid(registry, uids).values())), len(uids)


def _form_data(file: Path, made: XlsForm, policy: str, count: int | None) -> dict[str, Any]:
    return {
        "file": str(file),
        "form_id": made.form_id,
        "version": made.version,
        "policy": policy,
        "questions": sum(bool(row["name"]) for row in made.survey),
        "assets": count or 0,
        "assets_file": None if count is None else str(list_path(file)),
    }


def _show_form(screen: Screen, data: dict[str, Any]) -> None:
    screen.line("cli_survey_phone.made", **{k: data[k] for k in ("file", "form_id", "version")})
    listed = data["assets_file"]
    if listed is not None:
        screen.line("cli_survey_phone.with_list", file=listed, count=data["assets"])


def _write_text(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="")


def add_to(app: typer.Typer) -> None:
    """Make this command part of ``hydrant survey``."""
    command(app, "form")(form)
