"""Saved assessments of a registry."""

from __future__ import annotations

from sqlmodel import col, select

from hydrant.errors import InputRefused
from hydrant.model.books import Assessment
from hydrant.store.opened.registry import Registry


def list_assessments(registry: Registry) -> list[Assessment]:
    """All saved assessments, newest first."""
    return list(registry.session.exec(select(Assessment).order_by(col(Assessment.fid).desc())))


def find_assessment(registry: Registry, uid: str) -> Assessment:
    """A saved assessment by its uid; raises `InputRefused`."""
    found = registry.session.exec(select(Assessment).where(Assessment.uid == uid)).first()
    if found is None:
        raise InputRefused("report.no_assessment", uid=uid)
    return found
