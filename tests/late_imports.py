"""Imports within functions, or for types alone, each with its reason; held by test_architecture.

Reason: module: what it imports when it is needed.
"""

from __future__ import annotations

LATE: dict[str, dict[str, tuple[str, ...]]] = {
    "a file needs no driver of a server": {
        "hydrant.cli.worker": (
            "hydrant.store.server_work.guard",
            "hydrant.store.server_work.queue",
            "hydrant.store.server_work.serving",
        ),
        "hydrant.store.care.copying": ("hydrant.store.care.server_copying",),
        "hydrant.store.file.migrate": ("hydrant.store.server_tables.making",),
        "hydrant.store.readings.readings_file": ("hydrant.store.server_tables.readings",),
        "hydrant.store.opened.registry": ("hydrant.store.server_tables.opening",),
        "hydrant.store.care.repair": ("hydrant.store.care.server_repair",),
        "hydrant.store.care.restoring": ("hydrant.store.care.server_restoring",),
        "hydrant.store.care.roles": ("hydrant.store.server_schema.roles",),
        "hydrant.store.care.work": (
            "hydrant.store.server_work.lines",
            "hydrant.store.server.locks",
            "hydrant.store.server_work.work",
        ),
    },
    "an incident does not wait for what others changed": {
        "hydrant.survey.outside_check": ("hydrant.survey.outside_triage",),
    },
    "names of systems that few people type": {
        "hydrant.geo.systems": ("hydrant.geo.system_names",),
    },
    "brings GDAL, GEOS, PROJ or numpy": {
        "hydrant.cli.coverage": ("hydrant.cli.coverage_view",),
        "hydrant.cli.region": ("hydrant.exchange.outline_file",),
        "hydrant.cli.report_page": (
            "hydrant.exchange.ground",
            "hydrant.report.coverage",
            "hydrant.report.page_content",
            "hydrant.report.page_shapes",
        ),
        "hydrant.cli.survey_plan": ("hydrant.exchange.ground",),
        "hydrant.exchange.json_file": ("hydrant.exchange.drawn", "hydrant.exchange.gis"),
        "hydrant.exchange.readers": ("hydrant.exchange.drawn", "hydrant.exchange.gis"),
        "hydrant.exchange.wkt_cells": ("hydrant.exchange.drawn",),
        "hydrant.geo.datum": ("hydrant.geo.china", "hydrant.geo.operations"),
        "hydrant.geo.systems": ("hydrant.geo.operations",),
        "hydrant.store.regions.region_outlines": ("hydrant.geo.outlines",),
        "hydrant.store.regions.succession": ("hydrant.geo.outlines",),
        "hydrant.survey.planning": ("hydrant.survey.streets",),
    },
    "help and completion need no store": {
        "hydrant.__main__": (
            "hydrant.cli.complete",
            "hydrant.cli.main",
        ),
        "hydrant.cli.complete_words": (
            "hydrant.store.views.completing",
            "hydrant.store.ground.location",
            "hydrant.store.ground.place",
        ),
        "hydrant.cli.frame": (
            "hydrant.report.doubted_order",
            "hydrant.report.question",
            "hydrant.store.facts.naming",
            "hydrant.store.opened.registry",
            "hydrant.store.opened.transactions",
            "hydrant.store.opened.writer",
            "hydrant.survey.outside_check",
        ),
    },
    "near and poll need no models": {
        "hydrant.report.question": (
            "hydrant.model.tables",
            "hydrant.store.regions.regions",
            "hydrant.store.regions.succession",
        ),
        "hydrant.survey.outside_check": ("hydrant.store.opened.transactions",),
        "hydrant.store.file.definitions": ("hydrant.store.file.check_derived",),
        "hydrant.store.file.file_backend": (
            "hydrant.store.ground.bulk_columns",
            "hydrant.store.file.bulk_load",
            "hydrant.store.file.touched_file",
            "hydrant.store.file.check_file",
            "hydrant.store.sql.check_readings",
            "hydrant.store.file.foreign_triggers",
            "hydrant.store.ground.orm",
            "hydrant.store.sql.qgis_style",
            "hydrant.store.sql.rtree_pack",
        ),
        "hydrant.store.file.migrate": (
            "hydrant.store.chain.sealing",
            "hydrant.store.sql.qgis_style",
        ),
        "hydrant.store.facts.sensors": (
            "hydrant.model.inputs",
            "hydrant.model.tables",
            "hydrant.store.opened.writer",
        ),
        "hydrant.store.server_tables.backend": (
            "hydrant.store.ground.bulk_columns",
            "hydrant.store.server_tables.check",
            "hydrant.store.server_tables.indexes",
            "hydrant.store.server.models",
            "hydrant.store.server_schema.public",
            "hydrant.store.server_schema.rights",
            "hydrant.store.server_schema.styles",
            "hydrant.store.server_tables.touched",
        ),
        "hydrant.store.server_tables.readings": (
            "hydrant.store.chain.reading_chain",
            "hydrant.store.server_schema.ddl",
        ),
        "hydrant.store.ground.raw_columns": ("hydrant.model.modelled",),
        "hydrant.store.chain.hashes": ("hydrant.model.modelled",),
        "hydrant.store.readings.readings": ("hydrant.store.readings.reading_seals",),
        "hydrant.store.readings.readings_file": (
            "hydrant.store.chain.ledger",
            "hydrant.store.chain.reading_chain",
            "hydrant.store.file.file_backend",
            "hydrant.store.file.touched_file",
        ),
    },
    "only some files are read or written": {
        "hydrant.cli.region": (
            "hydrant.exchange.region_file",
            "hydrant.exchange.split_list",
        ),
        "hydrant.cli.report_page": ("hydrant.report.page", "hydrant.report.page_photos"),
        "hydrant.cli.report": (
            "hydrant.report.features",
            "hydrant.report.page_photos",
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
            "hydrant.store.ground.foreign_gpkg",
        ),
    },
    "rarely needed, and brings the map styles": {
        "hydrant.cli.db": (
            "hydrant.store.views.qgis_project",
            "hydrant.store.care.repair",
        ),
    },
    "types alone": {
        "hydrant.cli.report": ("hydrant.report.page_shapes",),
        "hydrant.cli.screen": ("hydrant.cli.console", "hydrant.vocabulary"),
        "hydrant.telemetry.setup": ("hydrant.model.inputs",),
    },
    "a program that imports hydrant loads what it names": {
        "hydrant.__init__": (
            "hydrant.api",
            "hydrant.errors",
            "hydrant.exchange.imported",
            "hydrant.store.opened.order_in_doubt",
        ),
        "hydrant.api": (
            "hydrant.exchange.imported",
            "hydrant.exchange.importing",
            "hydrant.exchange.outcome",
            "hydrant.exchange.register_file",
            "hydrant.geo.answered",
            "hydrant.geo.datum",
            "hydrant.report.explain",
            "hydrant.report.integrity_json",
            "hydrant.report.near",
            "hydrant.shapes",
            "hydrant.source_shapes",
            "hydrant.store.facts.assets",
            "hydrant.store.opened.order_in_doubt",
            "hydrant.store.readings.readings_file",
            "hydrant.store.regions.regions",
            "hydrant.store.opened.transactions",
            "hydrant.survey.outside_check",
            "hydrant.survey.photos",
            "hydrant.survey.record",
            "hydrant.telemetry.cycle",
            "hydrant.telemetry.result",
            "hydrant.telemetry.run_lock",
        ),
    },
}
