"""``hydrant survey form``: the checklist as a form for phones."""

from __future__ import annotations

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
from hydrant.integrity.policy_reader import load_policy
from hydrant.store.facts.assets import assets_by_uid
from hydrant.survey.form import load_form
from hydrant.survey.xlsform import form_id_problem, phone_form

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
    if file.suffix.lower() != ".xlsx":
        raise InputRefused("exchange.out_form", file=file, known=".xlsx")
    if form_id_problem(form_id):
        raise CommandLineError("cli_survey_phone.form_id_wrong", value=form_id)
    not_the_registry(settings.path, file, list_path(file))
    content, count = None, 0
    with settings.registry() as registry:
        policy = load_policy(registry.policy)
        if assets or any(o is not None for o in (region, kind, maintainer, area, listed)):
            uids = chosen(
                registry, region=region, kind=kind, maintainer=maintainer, area=area,
                area_crs=area_crs, listed=listed,
            )  # fmt: skip
            content, count = asset_list(list(assets_by_uid(registry, uids).values())), len(uids)
    made = phone_form(load_form(), policy, form_id=form_id, lang=settings.lang, assets=content)
    written_whole(file, lambda aside: write_form(aside, made))
    data: dict[str, Any] = {
        "file": str(file),
        "form_id": made.form_id,
        "version": made.version,
        "policy": policy.name,
        "questions": sum(bool(row["name"]) for row in made.survey),
        "assets": count,
        "assets_file": None,
    }
    if content is not None:
        text = content
        written_whole(list_path(file), lambda aside: _write_text(aside, text))
        data["assets_file"] = str(list_path(file))

    def show(screen: Screen) -> None:
        screen.line("cli_survey_phone.made", **{k: data[k] for k in ("file", "form_id", "version")})
        if content is not None:
            screen.line("cli_survey_phone.with_list", file=data["assets_file"], count=count)

    return Result(data, show)


def _write_text(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="")


def add_to(app: typer.Typer) -> None:
    """Make this command part of ``hydrant survey``."""
    command(app, "form")(form)
