# mypy: ignore-errors
# QGIS for Python ships no types and runs under an interpreter of its own.
"""Runs under QGIS's own Python: edits a registry as a person at the map would.

Arguments: the file and the number of rounds. Prints, as one JSON object a line, what QGIS said
it committed. Each round is an edit session of its own: add, move, change, delete.
"""

import json
import sys

from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsVectorLayer,
    QgsVectorLayerUtils,
)


def feature_of(layer, code):
    return next(f for f in layer.getFeatures() if f["code"] == code)


def round_of(layer, number):
    said = {"round": number}
    layer.startEditing()
    point = QgsGeometry.fromPointXY(QgsPointXY(120.5 + number / 1000, 30.2))
    fields = layer.fields()
    added = QgsVectorLayerUtils.createFeature(
        layer,
        point,
        {fields.indexOf("code"): f"Q{number}", fields.indexOf("kind"): "hydrant.pillar"},
    )
    assert isinstance(added, QgsFeature)
    assert layer.addFeature(added)
    moved = feature_of(layer, f"M{number}")
    # to a place, not by a distance: a commit that meets a lock half-way is tried again whole
    place = QgsPointXY(118 + number / 1000 + 0.0001, moved.geometry().asPoint().y())
    layer.changeGeometry(moved.id(), QgsGeometry.fromPointXY(place))
    changed = feature_of(layer, f"C{number}")
    layer.changeAttributeValue(changed.id(), fields.indexOf("owner"), f"owner {number}")
    layer.deleteFeature(feature_of(layer, f"D{number}").id())
    said["committed"] = layer.commitChanges()
    said["errors"] = layer.commitErrors()
    if not said["committed"]:
        layer.rollBack()
    return said


def main():
    path, rounds = sys.argv[1], int(sys.argv[2])
    app = QgsApplication([], False)
    app.initQgis()
    layer = QgsVectorLayer(f"{path}|layername=asset", "asset", "ogr")
    assert layer.isValid()
    for number in range(rounds):
        for _ in range(20):
            said = round_of(layer, number)
            print(json.dumps(said), flush=True)
            if said["committed"]:
                break
    del layer
    app.exitQgis()


main()
