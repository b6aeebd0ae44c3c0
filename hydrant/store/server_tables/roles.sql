DO $$ DECLARE role text; BEGIN
  FOREACH role IN ARRAY ARRAY['hydrant_read', 'hydrant_crew', 'hydrant_poller',
      'hydrant_officer', 'hydrant_auditor', 'hydrant_admin', 'hydrant_public'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role);
    END IF;
  END LOOP;
END $$;

CREATE TABLE IF NOT EXISTS role_region (
  role text NOT NULL, region_code text COLLATE "C" NOT NULL, PRIMARY KEY (role, region_code));

GRANT hydrant_read TO hydrant_crew, hydrant_poller, hydrant_officer, hydrant_auditor, hydrant_admin;

GRANT USAGE ON SCHEMA hydrant, hydrant_open TO hydrant_read;

GRANT SELECT ON ALL TABLES IN SCHEMA hydrant, hydrant_open TO hydrant_read;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA hydrant TO hydrant_read;

GRANT USAGE ON SCHEMA hydrant_public TO hydrant_public, hydrant_read;

GRANT SELECT ON ALL TABLES IN SCHEMA hydrant_public TO hydrant_public, hydrant_read;

GRANT INSERT, UPDATE, DELETE ON asset, asset_version, asset_alias, lifecycle, inspection, defect,
  sensor, duplicate_flag, source_record, proposal, merge_conflict, bundle
  TO hydrant_crew, hydrant_officer, hydrant_admin;

GRANT INSERT ON import_batch, change, assessment, seal TO hydrant_crew, hydrant_officer, hydrant_admin;

GRANT INSERT, UPDATE ON seal_block TO hydrant_crew, hydrant_officer, hydrant_admin;

GRANT INSERT, UPDATE, DELETE ON requirement, region, region_successor
  TO hydrant_officer, hydrant_admin;

GRANT INSERT, UPDATE, DELETE ON setting, role_region TO hydrant_admin;

GRANT UPDATE, DELETE ON outside_edit TO hydrant_admin;

GRANT INSERT, UPDATE ON reading, latest, poll_run, alarm, alarm_state TO hydrant_poller,
  hydrant_admin;

GRANT DELETE ON alarm_state TO hydrant_poller, hydrant_crew, hydrant_admin;

GRANT INSERT, UPDATE, DELETE ON refused_point TO hydrant_poller, hydrant_admin;

GRANT UPDATE ON alarm TO hydrant_crew, hydrant_officer;

GRANT INSERT ON former_reading TO hydrant_poller, hydrant_admin;

GRANT INSERT ON reading_seal TO hydrant_poller, hydrant_crew, hydrant_officer, hydrant_admin;

GRANT INSERT, UPDATE ON reading_block TO hydrant_poller, hydrant_crew, hydrant_officer,
  hydrant_admin;

GRANT INSERT ON service_pause TO hydrant_crew, hydrant_officer, hydrant_admin;

GRANT INSERT, UPDATE, DELETE ON out_of_service, expected_use
  TO hydrant_crew, hydrant_officer, hydrant_admin;

GRANT USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA hydrant
  TO hydrant_crew, hydrant_officer, hydrant_poller, hydrant_admin;

CREATE OR REPLACE FUNCTION may_write(code text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = hydrant, public AS $$
  SELECT pg_has_role(session_user, 'hydrant_admin', 'member') OR EXISTS (
    WITH RECURSIVE up (code, depth) AS (
      SELECT $1 COLLATE "C", 0
      UNION ALL
      SELECT r.parent_code, up.depth + 1 FROM up JOIN region r ON r.code = up.code
      WHERE r.parent_code IS NOT NULL AND up.depth < 10)
    SELECT 1 FROM up JOIN role_region g ON g.region_code = up.code
    WHERE EXISTS (SELECT 1 FROM pg_roles p WHERE p.rolname = g.role)
      AND pg_has_role(session_user, g.role, 'member'))
$$;

CREATE OR REPLACE FUNCTION may_write_asset(asset_uid text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = hydrant, public AS $$
  SELECT may_write((SELECT a.region_code FROM asset a WHERE a.uid = $1))
$$;

CREATE OR REPLACE FUNCTION may_write_row(entity text, entity_uid text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hydrant, public AS $$
DECLARE
  known boolean;
  code text;
BEGIN
  IF $1 = 'asset' THEN
    SELECT true, a.region_code INTO known, code FROM asset a WHERE a.uid = $2;
  ELSIF $1 = 'requirement' THEN
    SELECT true, r.region_code INTO known, code FROM requirement r WHERE r.uid = $2;
  ELSIF $1 = 'region' THEN
    SELECT true, r.code INTO known, code FROM region r WHERE r.uid = $2;
  ELSIF $1 IN ('lifecycle', 'inspection', 'defect', 'sensor') THEN
    EXECUTE format('SELECT true, a.region_code FROM %I f JOIN asset a ON a.uid = f.asset_uid '
      'WHERE f.uid = $1', $1) INTO known, code USING $2;
  END IF;
  -- what no row has been made of yet belongs to nobody
  RETURN known IS NULL OR may_write(code);
END $$;

DO $$ DECLARE item text[]; own text; BEGIN
  FOREACH item SLICE 1 IN ARRAY ARRAY[
      ['asset', 'region_code'], ['requirement', 'region_code'], ['region', 'code'],
      ['asset_version', 'asset_uid'], ['asset_alias', 'asset_uid'], ['lifecycle', 'asset_uid'],
      ['inspection', 'asset_uid'], ['defect', 'asset_uid'], ['sensor', 'asset_uid'],
      ['duplicate_flag', 'asset_uid'], ['source_record', 'asset_uid'],
      ['proposal', 'entity'], ['merge_conflict', 'entity']] LOOP
    own := CASE WHEN item[2] = 'asset_uid' THEN 'may_write_asset(asset_uid)'
      WHEN item[2] = 'entity' THEN 'may_write_row(entity, entity_uid)'
      ELSE format('may_write(%I)', item[2]) END;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', item[1]);
    EXECUTE format('DROP POLICY IF EXISTS hydrant_see ON %I', item[1]);
    EXECUTE format('DROP POLICY IF EXISTS hydrant_add ON %I', item[1]);
    EXECUTE format('DROP POLICY IF EXISTS hydrant_change ON %I', item[1]);
    EXECUTE format('DROP POLICY IF EXISTS hydrant_drop ON %I', item[1]);
    EXECUTE format('CREATE POLICY hydrant_see ON %I FOR SELECT USING (true)', item[1]);
    EXECUTE format('CREATE POLICY hydrant_add ON %I FOR INSERT WITH CHECK (%s)', item[1], own);
    EXECUTE format('CREATE POLICY hydrant_change ON %I FOR UPDATE USING (true) WITH CHECK (%s)',
      item[1], own);
    EXECUTE format('CREATE POLICY hydrant_drop ON %I FOR DELETE USING (%s)', item[1], own);
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (CASE TG_ARGV[0]
      WHEN 'asset_uid' THEN hydrant.may_write_asset(to_jsonb(OLD) ->> 'asset_uid')
      WHEN 'entity' THEN
        hydrant.may_write_row(to_jsonb(OLD) ->> 'entity', to_jsonb(OLD) ->> 'entity_uid')
      ELSE hydrant.may_write(to_jsonb(OLD) ->> TG_ARGV[0]) END) THEN
    RAISE insufficient_privilege USING MESSAGE = format(
      'row of table "%s" belongs to a region that is not yours', TG_TABLE_NAME);
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

DO $$ DECLARE item text[]; BEGIN
  FOREACH item SLICE 1 IN ARRAY ARRAY[
      ['asset', 'region_code'], ['requirement', 'region_code'], ['region', 'code'],
      ['asset_version', 'asset_uid'], ['asset_alias', 'asset_uid'], ['lifecycle', 'asset_uid'],
      ['inspection', 'asset_uid'], ['defect', 'asset_uid'], ['sensor', 'asset_uid'],
      ['duplicate_flag', 'asset_uid'], ['source_record', 'asset_uid'],
      ['proposal', 'entity'], ['merge_conflict', 'entity']] LOOP
    EXECUTE format(
      'CREATE OR REPLACE TRIGGER guard BEFORE UPDATE OR DELETE ON %I FOR EACH ROW '
      'WHEN (row_security_active(%L)) EXECUTE FUNCTION guard(%L)',
      item[1], 'hydrant.' || item[1], item[2]);
    EXECUTE format('DROP POLICY hydrant_drop ON %I', item[1]);
    EXECUTE format('CREATE POLICY hydrant_drop ON %I FOR DELETE USING (true)', item[1]);
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION keep_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE insufficient_privilege USING MESSAGE = 'the audit log is only ever added to';
END $$;

CREATE OR REPLACE TRIGGER keep_log BEFORE UPDATE OR DELETE OR TRUNCATE ON change
FOR EACH STATEMENT EXECUTE FUNCTION keep_log();

CREATE OR REPLACE TRIGGER keep_log BEFORE UPDATE OR DELETE OR TRUNCATE ON seal
FOR EACH STATEMENT EXECUTE FUNCTION keep_log();
