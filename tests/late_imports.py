"""Imports within functions, or for types alone, each with its reason; held by test_architecture.

Reason: module: what it imports when it is needed.
"""

from __future__ import annotations

LATE: dict[str, dict[str, tuple[str, ...]]] = {
    "a file needs no driver of a server": {
        "hydrant.cli.worker": (
            "hydrant.store.server.guard",
            "hydrant.store.server.queue",
            "hydrant.store.server.serving",
        ),
        "hydrant.store.copying": ("hydrant.store.server.copying",),
        "hydrant.store.migrate": ("hydrant.store.server.making",),
        "hydrant.store.readings_file": ("hydrant.store.server.readings",),
        "hydrant.store.registry": ("hydrant.store.server.opening",),
        "hydrant.store.repair": ("hydrant.store.server.repair",),
        "hydrant.store.restoring": ("hydrant.store.server.restoring",),
        "hydrant.store.roles": ("hydrant.store.server.roles",),
        "hydrant.store.work": (
            "hydrant.store.server.lines",
            "hydrant.store.server.locks",
            "hydrant.store.server.work",
        ),
    },
    "an incident does not wait for what others changed": {
        "hydrant.survey.outside_door": ("hydrant.survey.taking_in",),
    },
    "brings GDAL, GEOS, PROJ or numpy": {
        "hydrant.cli.coverage": ("hydrant.cli.coverage_view",),
        "hydrant.cli.region": ("hydrant.exchange.outline_file",),
        "hydrant.cli.report": (
            "hydrant.exchange.ground",
            "hydrant.report.coverage",
        ),
        "hydrant.cli.survey_plan": ("hydrant.exchange.ground",),
        "hydrant.exchange.geojson_point": ("hydrant.exchange.gis",),
        "hydrant.exchange.readers": ("hydrant.exchange.gis",),
        "hydrant.geo.datum": ("hydrant.geo.china",),
        "hydrant.store.region_outlines": ("hydrant.geo.outlines",),
        "hydrant.store.succession": ("hydrant.geo.outlines",),
        "hydrant.survey.planning": ("hydrant.survey.streets",),
    },
    "help and completion need no store": {
        "hydrant.__main__": (
            "hydrant.cli.complete",
            "hydrant.cli.main",
        ),
        "hydrant.cli.complete_words": (
            "hydrant.store.completing",
            "hydrant.store.location",
            "hydrant.store.place",
        ),
        "hydrant.cli.frame": (
            "hydrant.report.question",
            "hydrant.store.registry",
            "hydrant.store.transactions",
            "hydrant.store.writer",
            "hydrant.survey.outside_door",
        ),
    },
    "near and poll need no models": {
        "hydrant.report.question": (
            "hydrant.model.tables",
            "hydrant.store.regions",
            "hydrant.store.succession",
        ),
        "hydrant.survey.outside_door": ("hydrant.store.transactions",),
        "hydrant.store.file_backend": (
            "hydrant.store.bulk_columns",
            "hydrant.store.bulk_load",
            "hydrant.store.chain.touched_file",
            "hydrant.store.check_file",
            "hydrant.store.check_readings",
            "hydrant.store.meddling",
            "hydrant.store.orm",
            "hydrant.store.qgis_style",
            "hydrant.store.rtree_pack",
        ),
        "hydrant.store.migrate": (
            "hydrant.store.chain.sealing",
            "hydrant.store.qgis_style",
        ),
        "hydrant.store.sensors": (
            "hydrant.model.inputs",
            "hydrant.model.tables",
            "hydrant.store.writer",
        ),
        "hydrant.store.server.backend": (
            "hydrant.store.bulk_columns",
            "hydrant.store.server.check",
            "hydrant.store.server.models",
            "hydrant.store.server.public",
            "hydrant.store.server.rights",
            "hydrant.store.server.styles",
            "hydrant.store.server.touched",
        ),
        "hydrant.store.server.readings": ("hydrant.store.server.ddl",),
    },
    "only some files are read or written": {
        "hydrant.cli.region": (
            "hydrant.exchange.region_file",
            "hydrant.exchange.split_list",
        ),
        "hydrant.cli.report": (
            "hydrant.report.features",
            "hydrant.report.page",
            "hydrant.report.paper",
            "hydrant.report.wording",
            "hydrant.report.workbook",
        ),
        "hydrant.cli.survey_plan": (
            "hydrant.exchange.route_file",
            "hydrant.report.round_sheet",
        ),
        "hydrant.cli.todo": ("hydrant.report.todo_files",),
        "hydrant.exchange.readers": (
            "hydrant.exchange.workbook_file",
            "hydrant.store.foreign_gpkg",
        ),
    },
    "rarely needed, and brings the map styles": {
        "hydrant.cli.db": (
            "hydrant.store.qgis_project",
            "hydrant.store.repair",
        ),
    },
    "types alone": {
        "hydrant.cli.screen": ("hydrant.vocabulary",),
        "hydrant.telemetry.setup": ("hydrant.model.inputs",),
    },
    "a program that imports hydrant loads what it names": {
        "hydrant.__init__": (
            "hydrant.api",
            "hydrant.errors",
            "hydrant.exchange.imported",
        ),
        "hydrant.api": (
            "hydrant.exchange.imported",
            "hydrant.exchange.importing",
            "hydrant.exchange.outcome",
            "hydrant.exchange.register_file",
            "hydrant.geo.datum",
            "hydrant.report.explain",
            "hydrant.report.integrity_json",
            "hydrant.report.near",
            "hydrant.shapes",
            "hydrant.source_shapes",
            "hydrant.store.assets",
            "hydrant.store.readings_file",
            "hydrant.store.regions",
            "hydrant.store.transactions",
            "hydrant.survey.outside_door",
            "hydrant.survey.photos",
            "hydrant.survey.record",
            "hydrant.telemetry.cycle",
            "hydrant.telemetry.result",
            "hydrant.telemetry.run_lock",
        ),
    },
}
