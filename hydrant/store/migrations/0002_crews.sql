CREATE TABLE bundle (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  crew TEXT NOT NULL,
  area TEXT,
  assets INTEGER NOT NULL,
  packed_at DATETIME NOT NULL,
  merged_at DATETIME,
  counts TEXT,
  clock TEXT,
  PRIMARY KEY (fid),
  UNIQUE (uid)
);

CREATE TABLE merge_conflict (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  entity TEXT NOT NULL,
  entity_uid TEXT NOT NULL,
  field TEXT NOT NULL,
  base TEXT,
  reason TEXT NOT NULL,
  state TEXT NOT NULL,
  resolution TEXT,
  resolved_at DATETIME,
  resolved_by TEXT,
  PRIMARY KEY (fid),
  UNIQUE (uid)
);

CREATE INDEX ix_merge_conflict_cell ON merge_conflict (entity, entity_uid, field);

CREATE TABLE outside_edit (
  fid INTEGER NOT NULL,
  at TEXT NOT NULL,
  entity TEXT NOT NULL,
  "row" INTEGER NOT NULL,
  action TEXT NOT NULL,
  "before" TEXT,
  PRIMARY KEY (fid)
);

CREATE TABLE proposal (
  fid INTEGER NOT NULL,
  bundle_uid TEXT NOT NULL,
  entity TEXT NOT NULL,
  entity_uid TEXT NOT NULL,
  field TEXT NOT NULL,
  base TEXT,
  value TEXT,
  packed_at TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (fid),
  UNIQUE (entity, entity_uid, field, bundle_uid)
);

CREATE INDEX ix_proposal_bundle ON proposal (bundle_uid);

CREATE TABLE asset_alias (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  former_uid TEXT NOT NULL,
  asset_uid TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (fid),
  UNIQUE (uid),
  FOREIGN KEY(asset_uid) REFERENCES asset (uid)
);

CREATE INDEX ix_asset_alias_asset ON asset_alias (asset_uid);

CREATE INDEX ix_asset_alias_former ON asset_alias (former_uid);

CREATE TRIGGER stamp_bundle AFTER INSERT ON bundle WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE bundle SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER stamp_merge_conflict AFTER INSERT ON merge_conflict WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE merge_conflict SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER stamp_asset_alias AFTER INSERT ON asset_alias WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE asset_alias SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER watch_asset_insert AFTER INSERT ON asset WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'asset', NEW.fid, 'insert', NULL); END;

CREATE TRIGGER watch_asset_update AFTER UPDATE ON asset WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'asset', OLD.fid, 'update', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'code', OLD.code, 'kind', OLD.kind, 'structure', OLD.structure, 'service', OLD.service, 'name', OLD.name, 'address', OLD.address, 'region_code', OLD.region_code, 'owner', OLD.owner, 'builder', OLD.builder, 'maintainer', OLD.maintainer, 'supervisor', OLD.supervisor, 'mains_type', OLD.mains_type, 'mains_dn_mm', OLD.mains_dn_mm, 'outlets', OLD.outlets, 'design_flow_l_s', OLD.design_flow_l_s, 'lift_normal_m', OLD.lift_normal_m, 'lift_drought_m', OLD.lift_drought_m, 'access_lane', OLD.access_lane, 'turning_area', OLD.turning_area, 'truck_slots', OLD.truck_slots, 'screen_gap_mm', OLD.screen_gap_mm, 'capacity_m3', OLD.capacity_m3, 'season', OLD.season, 'note', OLD.note, 'orig_x', OLD.orig_x, 'orig_y', OLD.orig_y, 'orig_crs', OLD.orig_crs, 'accuracy_m', OLD.accuracy_m, 'valid_from', OLD.valid_from, 'geom', hex(OLD.geom))); END;

CREATE TRIGGER watch_asset_delete AFTER DELETE ON asset WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'asset', OLD.fid, 'delete', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'code', OLD.code, 'kind', OLD.kind, 'structure', OLD.structure, 'service', OLD.service, 'name', OLD.name, 'address', OLD.address, 'region_code', OLD.region_code, 'owner', OLD.owner, 'builder', OLD.builder, 'maintainer', OLD.maintainer, 'supervisor', OLD.supervisor, 'mains_type', OLD.mains_type, 'mains_dn_mm', OLD.mains_dn_mm, 'outlets', OLD.outlets, 'design_flow_l_s', OLD.design_flow_l_s, 'lift_normal_m', OLD.lift_normal_m, 'lift_drought_m', OLD.lift_drought_m, 'access_lane', OLD.access_lane, 'turning_area', OLD.turning_area, 'truck_slots', OLD.truck_slots, 'screen_gap_mm', OLD.screen_gap_mm, 'capacity_m3', OLD.capacity_m3, 'season', OLD.season, 'note', OLD.note, 'orig_x', OLD.orig_x, 'orig_y', OLD.orig_y, 'orig_crs', OLD.orig_crs, 'accuracy_m', OLD.accuracy_m, 'valid_from', OLD.valid_from, 'geom', hex(OLD.geom))); END;

CREATE TRIGGER watch_region_insert AFTER INSERT ON region WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'region', NEW.fid, 'insert', NULL); END;

CREATE TRIGGER watch_region_update AFTER UPDATE ON region WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'region', OLD.fid, 'update', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'code', OLD.code, 'name_zh', OLD.name_zh, 'name_en', OLD.name_en, 'level', OLD.level, 'parent_code', OLD.parent_code, 'valid_from', OLD.valid_from, 'valid_until', OLD.valid_until, 'min_lon', OLD.min_lon, 'min_lat', OLD.min_lat, 'max_lon', OLD.max_lon, 'max_lat', OLD.max_lat, 'boundary', hex(OLD.boundary))); END;

CREATE TRIGGER watch_region_delete AFTER DELETE ON region WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'region', OLD.fid, 'delete', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'code', OLD.code, 'name_zh', OLD.name_zh, 'name_en', OLD.name_en, 'level', OLD.level, 'parent_code', OLD.parent_code, 'valid_from', OLD.valid_from, 'valid_until', OLD.valid_until, 'min_lon', OLD.min_lon, 'min_lat', OLD.min_lat, 'max_lon', OLD.max_lon, 'max_lat', OLD.max_lat, 'boundary', hex(OLD.boundary))); END;

CREATE TRIGGER watch_requirement_insert AFTER INSERT ON requirement WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'requirement', NEW.fid, 'insert', NULL); END;

CREATE TRIGGER watch_requirement_update AFTER UPDATE ON requirement WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'requirement', OLD.fid, 'update', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'region_code', OLD.region_code, 'kind', OLD.kind, 'count', OLD.count, 'valid_from', OLD.valid_from, 'valid_until', OLD.valid_until, 'origin', OLD.origin, 'document', OLD.document, 'note', OLD.note)); END;

CREATE TRIGGER watch_requirement_delete AFTER DELETE ON requirement WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'requirement', OLD.fid, 'delete', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'region_code', OLD.region_code, 'kind', OLD.kind, 'count', OLD.count, 'valid_from', OLD.valid_from, 'valid_until', OLD.valid_until, 'origin', OLD.origin, 'document', OLD.document, 'note', OLD.note)); END;

CREATE TRIGGER watch_defect_insert AFTER INSERT ON defect WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'defect', NEW.fid, 'insert', NULL); END;

CREATE TRIGGER watch_defect_update AFTER UPDATE ON defect WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'defect', OLD.fid, 'update', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'code', OLD.code, 'severity', OLD.severity, 'state', OLD.state, 'found_at', OLD.found_at, 'found_by', OLD.found_by, 'cleared_at', OLD.cleared_at, 'cleared_by', OLD.cleared_by, 'cost', OLD.cost, 'due', OLD.due, 'note', OLD.note)); END;

CREATE TRIGGER watch_defect_delete AFTER DELETE ON defect WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'defect', OLD.fid, 'delete', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'code', OLD.code, 'severity', OLD.severity, 'state', OLD.state, 'found_at', OLD.found_at, 'found_by', OLD.found_by, 'cleared_at', OLD.cleared_at, 'cleared_by', OLD.cleared_by, 'cost', OLD.cost, 'due', OLD.due, 'note', OLD.note)); END;

CREATE TRIGGER watch_inspection_insert AFTER INSERT ON inspection WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'inspection', NEW.fid, 'insert', NULL); END;

CREATE TRIGGER watch_inspection_update AFTER UPDATE ON inspection WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'inspection', OLD.fid, 'update', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'at', OLD.at, 'outcome', OLD.outcome, 'inspector', OLD.inspector, 'form_version', OLD.form_version, 'static_kpa', OLD.static_kpa, 'residual_kpa', OLD.residual_kpa, 'flow_l_s', OLD.flow_l_s, 'level_m', OLD.level_m, 'lift_m', OLD.lift_m, 'checks', OLD.checks, 'photos', OLD.photos, 'observer_lon', OLD.observer_lon, 'observer_lat', OLD.observer_lat, 'note', OLD.note)); END;

CREATE TRIGGER watch_inspection_delete AFTER DELETE ON inspection WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'inspection', OLD.fid, 'delete', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'at', OLD.at, 'outcome', OLD.outcome, 'inspector', OLD.inspector, 'form_version', OLD.form_version, 'static_kpa', OLD.static_kpa, 'residual_kpa', OLD.residual_kpa, 'flow_l_s', OLD.flow_l_s, 'level_m', OLD.level_m, 'lift_m', OLD.lift_m, 'checks', OLD.checks, 'photos', OLD.photos, 'observer_lon', OLD.observer_lon, 'observer_lat', OLD.observer_lat, 'note', OLD.note)); END;

CREATE TRIGGER watch_lifecycle_insert AFTER INSERT ON lifecycle WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'lifecycle', NEW.fid, 'insert', NULL); END;

CREATE TRIGGER watch_lifecycle_update AFTER UPDATE ON lifecycle WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'lifecycle', OLD.fid, 'update', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'event', OLD.event, 'at', OLD.at, 'project', OLD.project, 'consent', OLD.consent, 'funding', OLD.funding, 'cost', OLD.cost, 'confirmed', OLD.confirmed, 'note', OLD.note)); END;

CREATE TRIGGER watch_lifecycle_delete AFTER DELETE ON lifecycle WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'lifecycle', OLD.fid, 'delete', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'event', OLD.event, 'at', OLD.at, 'project', OLD.project, 'consent', OLD.consent, 'funding', OLD.funding, 'cost', OLD.cost, 'confirmed', OLD.confirmed, 'note', OLD.note)); END;

CREATE TRIGGER watch_sensor_insert AFTER INSERT ON sensor WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'sensor', NEW.fid, 'insert', NULL); END;

CREATE TRIGGER watch_sensor_update AFTER UPDATE ON sensor WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'sensor', OLD.fid, 'update', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'quantity', OLD.quantity, 'reference', OLD.reference, 'side', OLD.side, 'height_m', OLD.height_m, 'profile', OLD.profile, 'profile_version', OLD.profile_version, 'url', OLD.url, 'unit_id', OLD.unit_id, 'interval_s', OLD.interval_s, 'parameters', OLD.parameters, 'calibrated_at', OLD.calibrated_at, 'enabled', OLD.enabled)); END;

CREATE TRIGGER watch_sensor_delete AFTER DELETE ON sensor WHEN NOT EXISTS (SELECT 1 FROM setting WHERE key = 'writing') BEGIN INSERT INTO outside_edit (at, entity, row, action, before) VALUES (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'sensor', OLD.fid, 'delete', json_object('fid', OLD.fid, 'uid', OLD.uid, 'recorded_at', OLD.recorded_at, 'recorded_by', OLD.recorded_by, 'source', OLD.source, 'external_key', OLD.external_key, 'asset_uid', OLD.asset_uid, 'quantity', OLD.quantity, 'reference', OLD.reference, 'side', OLD.side, 'height_m', OLD.height_m, 'profile', OLD.profile, 'profile_version', OLD.profile_version, 'url', OLD.url, 'unit_id', OLD.unit_id, 'interval_s', OLD.interval_s, 'parameters', OLD.parameters, 'calibrated_at', OLD.calibrated_at, 'enabled', OLD.enabled)); END;

