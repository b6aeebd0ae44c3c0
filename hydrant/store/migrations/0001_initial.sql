CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);

CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));

CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));

CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));

CREATE TABLE assessment (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  as_of TEXT NOT NULL,
  known_at TEXT,
  region_code TEXT,
  policy TEXT NOT NULL,
  policy_digest TEXT NOT NULL,
  figures TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (fid),
  UNIQUE (uid)
);

CREATE TABLE asset (
  fid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  code TEXT,
  kind TEXT DEFAULT 'hydrant' NOT NULL,
  structure TEXT,
  service TEXT DEFAULT 'municipal' NOT NULL,
  name TEXT,
  address TEXT,
  region_code TEXT,
  owner TEXT,
  builder TEXT,
  maintainer TEXT,
  supervisor TEXT,
  mains_type TEXT,
  mains_dn_mm DOUBLE,
  outlets TEXT,
  design_flow_l_s DOUBLE,
  lift_normal_m DOUBLE,
  lift_drought_m DOUBLE,
  access_lane BOOLEAN,
  turning_area BOOLEAN,
  truck_slots INTEGER,
  screen_gap_mm DOUBLE,
  capacity_m3 DOUBLE,
  season TEXT,
  note TEXT,
  orig_x DOUBLE,
  orig_y DOUBLE,
  orig_crs TEXT,
  accuracy_m DOUBLE,
  valid_from DATETIME,
  geom POINT,
  UNIQUE (uid)
);

CREATE INDEX ix_asset_code ON asset (code);

CREATE INDEX ix_asset_region ON asset (region_code, kind);

CREATE TABLE change (
  fid INTEGER NOT NULL,
  uid TEXT NOT NULL,
  at DATETIME NOT NULL,
  actor TEXT NOT NULL,
  origin TEXT NOT NULL,
  action TEXT NOT NULL,
  entity TEXT NOT NULL,
  entity_uid TEXT,
  "before" TEXT,
  "after" TEXT,
  rows INTEGER NOT NULL,
  digest TEXT,
  writer TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (fid),
  UNIQUE (uid)
);

CREATE INDEX ix_change_entity ON change (entity_uid);

CREATE TABLE import_batch (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  file_name TEXT NOT NULL,
  file_digest TEXT NOT NULL,
  mapping TEXT NOT NULL,
  columns TEXT NOT NULL,
  counts TEXT NOT NULL,
  PRIMARY KEY (fid),
  UNIQUE (uid)
);

CREATE TABLE migration (
  fid INTEGER NOT NULL,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  applied_at DATETIME NOT NULL,
  PRIMARY KEY (fid),
  UNIQUE (version)
);

CREATE TABLE region (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  code TEXT NOT NULL,
  name_zh TEXT,
  name_en TEXT,
  level TEXT NOT NULL,
  parent_code TEXT,
  valid_from DATETIME,
  valid_until DATETIME,
  min_lon DOUBLE,
  min_lat DOUBLE,
  max_lon DOUBLE,
  max_lat DOUBLE,
  boundary BLOB,
  PRIMARY KEY (fid),
  UNIQUE (uid)
);

CREATE INDEX ix_region_code ON region (code);

CREATE INDEX ix_region_parent ON region (parent_code);

CREATE TABLE region_successor (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  code TEXT NOT NULL,
  successor_code TEXT NOT NULL,
  at DATETIME,
  confidence TEXT,
  PRIMARY KEY (fid),
  UNIQUE (uid)
);

CREATE INDEX ix_region_successor_code ON region_successor (code);

CREATE TABLE requirement (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  region_code TEXT NOT NULL,
  kind TEXT NOT NULL,
  count INTEGER NOT NULL,
  valid_from DATETIME,
  valid_until DATETIME,
  origin TEXT,
  document TEXT,
  note TEXT,
  PRIMARY KEY (fid),
  UNIQUE (uid)
);

CREATE INDEX ix_requirement_region ON requirement (region_code, kind);

CREATE TABLE setting (
  fid INTEGER NOT NULL,
  "key" TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (fid),
  UNIQUE ("key")
);

CREATE TABLE source_record (
  fid INTEGER NOT NULL,
  source TEXT NOT NULL,
  external_key TEXT NOT NULL,
  asset_uid TEXT NOT NULL,
  batch_uid TEXT NOT NULL,
  cells TEXT NOT NULL,
  PRIMARY KEY (fid),
  UNIQUE (source, external_key)
);

CREATE TABLE asset_version (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  code TEXT,
  kind TEXT DEFAULT 'hydrant' NOT NULL,
  structure TEXT,
  service TEXT DEFAULT 'municipal' NOT NULL,
  name TEXT,
  address TEXT,
  region_code TEXT,
  owner TEXT,
  builder TEXT,
  maintainer TEXT,
  supervisor TEXT,
  mains_type TEXT,
  mains_dn_mm DOUBLE,
  outlets TEXT,
  design_flow_l_s DOUBLE,
  lift_normal_m DOUBLE,
  lift_drought_m DOUBLE,
  access_lane BOOLEAN,
  turning_area BOOLEAN,
  truck_slots INTEGER,
  screen_gap_mm DOUBLE,
  capacity_m3 DOUBLE,
  season TEXT,
  note TEXT,
  orig_x DOUBLE,
  orig_y DOUBLE,
  orig_crs TEXT,
  accuracy_m DOUBLE,
  valid_from DATETIME,
  asset_uid TEXT NOT NULL,
  lon DOUBLE,
  lat DOUBLE,
  valid_until DATETIME NOT NULL,
  replaced_at DATETIME NOT NULL,
  PRIMARY KEY (fid),
  UNIQUE (uid),
  FOREIGN KEY(asset_uid) REFERENCES asset (uid)
);

CREATE INDEX ix_asset_version_asset ON asset_version (asset_uid, valid_until);

CREATE TABLE defect (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  asset_uid TEXT NOT NULL,
  code TEXT NOT NULL,
  severity TEXT NOT NULL,
  state TEXT DEFAULT 'confirmed' NOT NULL,
  found_at DATETIME,
  found_by TEXT,
  cleared_at DATETIME,
  cleared_by TEXT,
  cost DOUBLE,
  due DATETIME,
  note TEXT,
  PRIMARY KEY (fid),
  UNIQUE (uid),
  FOREIGN KEY(asset_uid) REFERENCES asset (uid)
);

CREATE INDEX ix_defect_asset ON defect (asset_uid, severity, state, found_at, cleared_at);

CREATE TABLE duplicate_flag (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  asset_uid TEXT NOT NULL,
  other_uid TEXT NOT NULL,
  distance_m DOUBLE,
  reason TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (fid),
  UNIQUE (uid),
  FOREIGN KEY(asset_uid) REFERENCES asset (uid),
  FOREIGN KEY(other_uid) REFERENCES asset (uid)
);

CREATE INDEX ix_duplicate_flag_asset ON duplicate_flag (asset_uid);

CREATE TABLE inspection (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  asset_uid TEXT NOT NULL,
  at DATETIME,
  outcome TEXT NOT NULL,
  inspector TEXT,
  form_version TEXT,
  static_kpa DOUBLE,
  residual_kpa DOUBLE,
  flow_l_s DOUBLE,
  level_m DOUBLE,
  lift_m DOUBLE,
  checks TEXT,
  photos TEXT,
  observer_lon DOUBLE,
  observer_lat DOUBLE,
  note TEXT,
  effective_at TEXT GENERATED ALWAYS AS (coalesce(at, CASE WHEN outcome IN ('fails', 'not_found') THEN recorded_at ELSE '' END)) VIRTUAL,
  PRIMARY KEY (fid),
  UNIQUE (uid),
  FOREIGN KEY(asset_uid) REFERENCES asset (uid)
);

CREATE TABLE lifecycle (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  asset_uid TEXT NOT NULL,
  event TEXT NOT NULL,
  at DATETIME,
  project TEXT,
  consent TEXT,
  funding TEXT,
  cost DOUBLE,
  confirmed BOOLEAN DEFAULT 1 NOT NULL,
  note TEXT,
  PRIMARY KEY (fid),
  UNIQUE (uid),
  FOREIGN KEY(asset_uid) REFERENCES asset (uid)
);

CREATE INDEX ix_lifecycle_asset ON lifecycle (asset_uid, at, event);

CREATE TABLE sensor (
  fid INTEGER NOT NULL,
  uid TEXT DEFAULT '' NOT NULL,
  recorded_at DATETIME DEFAULT '' NOT NULL,
  recorded_by TEXT DEFAULT 'external' NOT NULL,
  source TEXT,
  external_key TEXT,
  asset_uid TEXT NOT NULL,
  quantity TEXT NOT NULL,
  reference TEXT,
  side TEXT,
  height_m DOUBLE,
  profile TEXT NOT NULL,
  profile_version TEXT,
  url TEXT NOT NULL,
  unit_id INTEGER NOT NULL,
  interval_s INTEGER NOT NULL,
  parameters TEXT,
  calibrated_at DATETIME,
  enabled BOOLEAN NOT NULL,
  PRIMARY KEY (fid),
  UNIQUE (uid),
  FOREIGN KEY(asset_uid) REFERENCES asset (uid)
);

CREATE INDEX ix_sensor_asset ON sensor (asset_uid);

CREATE INDEX ix_inspection_decisive ON inspection (asset_uid, effective_at DESC, outcome, recorded_at) WHERE outcome IN ('works', 'fails', 'not_found');

CREATE INDEX ix_inspection_static ON inspection (asset_uid, effective_at DESC, static_kpa, recorded_at) WHERE static_kpa IS NOT NULL;

CREATE INDEX ix_inspection_flow ON inspection (asset_uid, effective_at DESC, flow_l_s, residual_kpa, recorded_at) WHERE flow_l_s IS NOT NULL;

CREATE INDEX ix_inspection_asset ON inspection (asset_uid, effective_at DESC);

INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined coordinate reference system'), ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined coordinate reference system'), ('WGS 84', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]', 'longitude/latitude'), ('CGCS2000', 4490, 'EPSG', 4490, 'GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4490"]]', 'longitude/latitude');

INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('asset', 'features', 'asset', 4490);

INSERT INTO gpkg_geometry_columns VALUES ('asset', 'geom', 'POINT', 4490, 0, 0);

INSERT INTO gpkg_extensions VALUES ('asset', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only');

CREATE VIRTUAL TABLE rtree_asset_geom USING rtree(id, minx, maxx, miny, maxy);

CREATE TRIGGER rtree_asset_geom_insert AFTER INSERT ON asset WHEN (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom)) BEGIN INSERT OR REPLACE INTO rtree_asset_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;

CREATE TRIGGER rtree_asset_geom_update2 AFTER UPDATE OF geom ON asset WHEN OLD.fid = NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom)) BEGIN DELETE FROM rtree_asset_geom WHERE id = OLD.fid; END;

CREATE TRIGGER rtree_asset_geom_update4 AFTER UPDATE ON asset WHEN OLD.fid != NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom)) BEGIN DELETE FROM rtree_asset_geom WHERE id IN (OLD.fid, NEW.fid); END;

CREATE TRIGGER rtree_asset_geom_update5 AFTER UPDATE ON asset WHEN OLD.fid != NEW.fid AND (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom)) BEGIN DELETE FROM rtree_asset_geom WHERE id = OLD.fid; INSERT OR REPLACE INTO rtree_asset_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;

CREATE TRIGGER rtree_asset_geom_update6 AFTER UPDATE OF geom ON asset WHEN OLD.fid = NEW.fid AND (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom)) AND (OLD.geom NOT NULL AND NOT ST_IsEmpty(OLD.geom)) BEGIN UPDATE rtree_asset_geom SET minx = ST_MinX(NEW.geom), maxx = ST_MaxX(NEW.geom), miny = ST_MinY(NEW.geom), maxy = ST_MaxY(NEW.geom) WHERE id = NEW.fid; END;

CREATE TRIGGER rtree_asset_geom_update7 AFTER UPDATE OF geom ON asset WHEN OLD.fid = NEW.fid AND (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom)) AND (OLD.geom ISNULL OR ST_IsEmpty(OLD.geom)) BEGIN INSERT INTO rtree_asset_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;

CREATE TRIGGER rtree_asset_geom_delete AFTER DELETE ON asset WHEN OLD.geom NOT NULL BEGIN DELETE FROM rtree_asset_geom WHERE id = OLD.fid; END;

CREATE TRIGGER stamp_assessment AFTER INSERT ON assessment WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE assessment SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER stamp_asset AFTER INSERT ON asset WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE asset SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER stamp_import_batch AFTER INSERT ON import_batch WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE import_batch SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER stamp_region AFTER INSERT ON region WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE region SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER stamp_region_successor AFTER INSERT ON region_successor WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE region_successor SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER stamp_requirement AFTER INSERT ON requirement WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE requirement SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER stamp_asset_version AFTER INSERT ON asset_version WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE asset_version SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER stamp_defect AFTER INSERT ON defect WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE defect SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER stamp_duplicate_flag AFTER INSERT ON duplicate_flag WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE duplicate_flag SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER stamp_inspection AFTER INSERT ON inspection WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE inspection SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER stamp_lifecycle AFTER INSERT ON lifecycle WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE lifecycle SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

CREATE TRIGGER stamp_sensor AFTER INSERT ON sensor WHEN NEW.uid = '' OR NEW.recorded_at = '' BEGIN UPDATE sensor SET uid = CASE uid WHEN '' THEN lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))) ELSE uid END, recorded_at = CASE recorded_at WHEN '' THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE recorded_at END WHERE fid = NEW.fid; END;

INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('assessment', 'attributes', 'assessment');

INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('region', 'attributes', 'region');

INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('region_successor', 'attributes', 'region_successor');

INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('requirement', 'attributes', 'requirement');

INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('asset_version', 'attributes', 'asset_version');

INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('defect', 'attributes', 'defect');

INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('duplicate_flag', 'attributes', 'duplicate_flag');

INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('inspection', 'attributes', 'inspection');

INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('lifecycle', 'attributes', 'lifecycle');

INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('sensor', 'attributes', 'sensor');

