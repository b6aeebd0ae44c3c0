CREATE INDEX ix_asset_version_until ON asset_version (valid_until);

ALTER TABLE lifecycle ADD COLUMN withdrawn_at DATETIME;

ALTER TABLE lifecycle ADD COLUMN withdrawn_by TEXT;

ALTER TABLE lifecycle ADD COLUMN withdrawn_why TEXT;

ALTER TABLE inspection ADD COLUMN withdrawn_at DATETIME;

ALTER TABLE inspection ADD COLUMN withdrawn_by TEXT;

ALTER TABLE inspection ADD COLUMN withdrawn_why TEXT;

ALTER TABLE defect ADD COLUMN withdrawn_at DATETIME;

ALTER TABLE defect ADD COLUMN withdrawn_by TEXT;

ALTER TABLE defect ADD COLUMN withdrawn_why TEXT;

ALTER TABLE requirement ADD COLUMN service TEXT;

ALTER TABLE requirement ADD COLUMN withdrawn_at DATETIME;

ALTER TABLE requirement ADD COLUMN withdrawn_by TEXT;

ALTER TABLE requirement ADD COLUMN withdrawn_why TEXT;

ALTER TABLE sensor ADD COLUMN valid_from DATETIME;

ALTER TABLE sensor ADD COLUMN valid_until DATETIME;

DROP INDEX ix_inspection_decisive;

CREATE INDEX ix_inspection_decisive ON inspection (asset_uid, effective_at DESC, outcome, recorded_at, withdrawn_at) WHERE outcome IN ('works', 'fails', 'not_found');

DROP INDEX ix_inspection_static;

CREATE INDEX ix_inspection_static ON inspection (asset_uid, effective_at DESC, static_kpa, recorded_at, withdrawn_at) WHERE static_kpa IS NOT NULL;

DROP INDEX ix_inspection_flow;

CREATE INDEX ix_inspection_flow ON inspection (asset_uid, effective_at DESC, flow_l_s, residual_kpa, static_kpa, recorded_at, withdrawn_at) WHERE flow_l_s IS NOT NULL;

DROP TRIGGER watch_requirement_update;

CREATE TRIGGER watch_requirement_update AFTER UPDATE ON requirement WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'requirement', OLD.fid, 'update', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'region_code', OLD.region_code, 'kind', OLD.kind, 'count', OLD.count, 'valid_from', OLD.valid_from, 'valid_until', OLD.valid_until, 'origin', OLD.origin, 'document', OLD.document, 'note', OLD.note, 'service', OLD.service, 'withdrawn_at', OLD.withdrawn_at, 'withdrawn_by', OLD.withdrawn_by, 'withdrawn_why', OLD.withdrawn_why)); END;

DROP TRIGGER watch_requirement_delete;

CREATE TRIGGER watch_requirement_delete AFTER DELETE ON requirement WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'requirement', OLD.fid, 'delete', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'region_code', OLD.region_code, 'kind', OLD.kind, 'count', OLD.count, 'valid_from', OLD.valid_from, 'valid_until', OLD.valid_until, 'origin', OLD.origin, 'document', OLD.document, 'note', OLD.note, 'service', OLD.service, 'withdrawn_at', OLD.withdrawn_at, 'withdrawn_by', OLD.withdrawn_by, 'withdrawn_why', OLD.withdrawn_why)); END;

DROP TRIGGER watch_defect_update;

CREATE TRIGGER watch_defect_update AFTER UPDATE ON defect WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'defect', OLD.fid, 'update', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'code', OLD.code, 'severity', OLD.severity, 'state', OLD.state, 'found_at', OLD.found_at, 'found_by', OLD.found_by, 'cleared_at', OLD.cleared_at, 'cleared_by', OLD.cleared_by, 'cost', OLD.cost, 'due', OLD.due, 'note', OLD.note, 'withdrawn_at', OLD.withdrawn_at, 'withdrawn_by', OLD.withdrawn_by, 'withdrawn_why', OLD.withdrawn_why)); END;

DROP TRIGGER watch_defect_delete;

CREATE TRIGGER watch_defect_delete AFTER DELETE ON defect WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'defect', OLD.fid, 'delete', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'code', OLD.code, 'severity', OLD.severity, 'state', OLD.state, 'found_at', OLD.found_at, 'found_by', OLD.found_by, 'cleared_at', OLD.cleared_at, 'cleared_by', OLD.cleared_by, 'cost', OLD.cost, 'due', OLD.due, 'note', OLD.note, 'withdrawn_at', OLD.withdrawn_at, 'withdrawn_by', OLD.withdrawn_by, 'withdrawn_why', OLD.withdrawn_why)); END;

DROP TRIGGER watch_inspection_update;

CREATE TRIGGER watch_inspection_update AFTER UPDATE ON inspection WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'inspection', OLD.fid, 'update', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'at', OLD.at, 'outcome', OLD.outcome, 'inspector', OLD.inspector, 'form_version', OLD.form_version, 'static_kpa', OLD.static_kpa, 'residual_kpa', OLD.residual_kpa, 'flow_l_s', OLD.flow_l_s, 'level_m', OLD.level_m, 'lift_m', OLD.lift_m, 'checks', OLD.checks, 'photos', OLD.photos, 'observer_lon', OLD.observer_lon, 'observer_lat', OLD.observer_lat, 'note', OLD.note, 'withdrawn_at', OLD.withdrawn_at, 'withdrawn_by', OLD.withdrawn_by, 'withdrawn_why', OLD.withdrawn_why)); END;

DROP TRIGGER watch_inspection_delete;

CREATE TRIGGER watch_inspection_delete AFTER DELETE ON inspection WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'inspection', OLD.fid, 'delete', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'at', OLD.at, 'outcome', OLD.outcome, 'inspector', OLD.inspector, 'form_version', OLD.form_version, 'static_kpa', OLD.static_kpa, 'residual_kpa', OLD.residual_kpa, 'flow_l_s', OLD.flow_l_s, 'level_m', OLD.level_m, 'lift_m', OLD.lift_m, 'checks', OLD.checks, 'photos', OLD.photos, 'observer_lon', OLD.observer_lon, 'observer_lat', OLD.observer_lat, 'note', OLD.note, 'withdrawn_at', OLD.withdrawn_at, 'withdrawn_by', OLD.withdrawn_by, 'withdrawn_why', OLD.withdrawn_why)); END;

DROP TRIGGER watch_lifecycle_update;

CREATE TRIGGER watch_lifecycle_update AFTER UPDATE ON lifecycle WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'lifecycle', OLD.fid, 'update', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'event', OLD.event, 'at', OLD.at, 'project', OLD.project, 'consent', OLD.consent, 'funding', OLD.funding, 'cost', OLD.cost, 'confirmed', OLD.confirmed, 'note', OLD.note, 'withdrawn_at', OLD.withdrawn_at, 'withdrawn_by', OLD.withdrawn_by, 'withdrawn_why', OLD.withdrawn_why)); END;

DROP TRIGGER watch_lifecycle_delete;

CREATE TRIGGER watch_lifecycle_delete AFTER DELETE ON lifecycle WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'lifecycle', OLD.fid, 'delete', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'event', OLD.event, 'at', OLD.at, 'project', OLD.project, 'consent', OLD.consent, 'funding', OLD.funding, 'cost', OLD.cost, 'confirmed', OLD.confirmed, 'note', OLD.note, 'withdrawn_at', OLD.withdrawn_at, 'withdrawn_by', OLD.withdrawn_by, 'withdrawn_why', OLD.withdrawn_why)); END;

DROP TRIGGER watch_sensor_update;

CREATE TRIGGER watch_sensor_update AFTER UPDATE ON sensor WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'sensor', OLD.fid, 'update', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'quantity', OLD.quantity, 'reference', OLD.reference, 'side', OLD.side, 'height_m', OLD.height_m, 'profile', OLD.profile, 'profile_version', OLD.profile_version, 'url', OLD.url, 'unit_id', OLD.unit_id, 'interval_s', OLD.interval_s, 'parameters', OLD.parameters, 'calibrated_at', OLD.calibrated_at, 'enabled', OLD.enabled, 'valid_from', OLD.valid_from, 'valid_until', OLD.valid_until)); END;

DROP TRIGGER watch_sensor_delete;

CREATE TRIGGER watch_sensor_delete AFTER DELETE ON sensor WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'sensor', OLD.fid, 'delete', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'quantity', OLD.quantity, 'reference', OLD.reference, 'side', OLD.side, 'height_m', OLD.height_m, 'profile', OLD.profile, 'profile_version', OLD.profile_version, 'url', OLD.url, 'unit_id', OLD.unit_id, 'interval_s', OLD.interval_s, 'parameters', OLD.parameters, 'calibrated_at', OLD.calibrated_at, 'enabled', OLD.enabled, 'valid_from', OLD.valid_from, 'valid_until', OLD.valid_until)); END;
