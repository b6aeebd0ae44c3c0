DO $$ DECLARE role text; BEGIN
  FOREACH role IN ARRAY ARRAY['hydrant_read', 'hydrant_crew', 'hydrant_poller',
      'hydrant_officer', 'hydrant_auditor', 'hydrant_admin', 'hydrant_public'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = role) THEN
      -- roles are the whole server's: another database may be making them now
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
  END LOOP;
END $$;

CREATE TABLE IF NOT EXISTS role_region (
  role text NOT NULL, region_code text COLLATE "C" NOT NULL, PRIMARY KEY (role, region_code));

DO $$ DECLARE role text; BEGIN
  FOREACH role IN ARRAY ARRAY['hydrant_crew', 'hydrant_poller', 'hydrant_officer',
      'hydrant_auditor', 'hydrant_admin'] LOOP
    IF NOT pg_has_role(role, 'hydrant_read', 'member') THEN
      EXECUTE format('GRANT hydrant_read TO %I', role);
    END IF;
  END LOOP;
END $$;

CREATE OR REPLACE FUNCTION lies_in(code text, region text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = hydrant, pg_temp AS $$
  WITH RECURSIVE up (code, depth) AS (
    SELECT $1 COLLATE "C", 0
    UNION ALL
    SELECT r.parent_code, up.depth + 1 FROM up JOIN hydrant.region r ON r.code = up.code
    WHERE r.parent_code IS NOT NULL AND up.depth < 10)
  SELECT EXISTS (SELECT 1 FROM up WHERE up.code = $2 COLLATE "C")
$$;

CREATE OR REPLACE FUNCTION may_write(code text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = hydrant, pg_temp AS $$
  SELECT pg_has_role(session_user, 'hydrant_admin', 'member') OR EXISTS (
    WITH RECURSIVE up (code, depth) AS (
      SELECT $1 COLLATE "C", 0
      UNION ALL
      SELECT r.parent_code, up.depth + 1 FROM up JOIN hydrant.region r ON r.code = up.code
      WHERE r.parent_code IS NOT NULL AND up.depth < 10)
    SELECT 1 FROM up JOIN hydrant.role_region g ON g.region_code = up.code
    WHERE EXISTS (SELECT 1 FROM pg_catalog.pg_roles p WHERE p.rolname = g.role)
      AND pg_has_role(session_user, g.role, 'member'))
$$;

CREATE OR REPLACE FUNCTION may_write_asset(asset_uid text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = hydrant, pg_temp AS $$
  SELECT hydrant.may_write((SELECT a.region_code FROM hydrant.asset a WHERE a.uid = $1))
$$;

CREATE OR REPLACE FUNCTION may_write_sensor(sensor_uid text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = hydrant, pg_temp AS $$
  SELECT hydrant.may_write_asset((SELECT s.asset_uid FROM hydrant.sensor s WHERE s.uid = $1))
$$;

CREATE OR REPLACE FUNCTION may_write_row(entity text, entity_uid text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hydrant, pg_temp AS $$
DECLARE
  known boolean;
  code text;
BEGIN
  IF $1 = 'asset' THEN
    SELECT true, a.region_code INTO known, code FROM hydrant.asset a WHERE a.uid = $2;
  ELSIF $1 = 'requirement' THEN
    SELECT true, r.region_code INTO known, code FROM hydrant.requirement r WHERE r.uid = $2;
  ELSIF $1 = 'region' THEN
    SELECT true, r.code INTO known, code FROM hydrant.region r WHERE r.uid = $2;
  ELSIF $1 = 'region_successor' THEN
    SELECT true, r.code INTO known, code FROM hydrant.region_successor r WHERE r.uid = $2;
  ELSIF $1 IN ('lifecycle', 'inspection', 'defect', 'sensor') THEN
    EXECUTE format('SELECT true, a.region_code FROM hydrant.%I f JOIN hydrant.asset a '
      'ON a.uid = f.asset_uid WHERE f.uid = $1', $1) INTO known, code USING $2;
  END IF;
  -- what no row has been made of yet belongs to nobody
  RETURN known IS NULL OR hydrant.may_write(code);
END $$;

CREATE OR REPLACE FUNCTION may_write_bundle(bundle_uid text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = hydrant, pg_temp AS $$
  -- it belongs to who packed it: whose regions lie within mine, or mine within theirs
  SELECT pg_has_role(session_user, 'hydrant_admin', 'member') OR NOT EXISTS (
    SELECT 1 FROM hydrant.change c JOIN hydrant.role_region g ON g.role = c.login
    WHERE c.entity = 'bundle' AND c.entity_uid = $1 AND c.action = 'insert') OR EXISTS (
    SELECT 1 FROM hydrant.change c JOIN hydrant.role_region g ON g.role = c.login
      JOIN hydrant.role_region mine ON mine.role = session_user
    WHERE c.entity = 'bundle' AND c.entity_uid = $1 AND c.action = 'insert'
      AND (hydrant.lies_in(g.region_code, mine.region_code)
        OR hydrant.lies_in(mine.region_code, g.region_code)))
$$;

CREATE OR REPLACE FUNCTION administers() RETURNS boolean LANGUAGE sql STABLE
SET search_path = hydrant, pg_temp AS $$
  SELECT pg_has_role(session_user, 'hydrant_admin', 'member')
$$;

CREATE OR REPLACE FUNCTION polls() RETURNS boolean LANGUAGE sql STABLE
SET search_path = hydrant, pg_temp AS $$
  SELECT pg_has_role(session_user, 'hydrant_poller', 'member')
    OR pg_has_role(session_user, 'hydrant_admin', 'member')
$$;

CREATE OR REPLACE FUNCTION may_log(login text, writer text) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = hydrant, pg_temp AS $$
  -- what a crew wrote into its own file came with no login of this server
  SELECT coalesce($1 = session_user, $2 IS DISTINCT FROM
    (SELECT s.value FROM hydrant.setting s WHERE s.key = 'writer'))
$$;

CREATE OR REPLACE FUNCTION owns(what text, old_row jsonb) RETURNS boolean LANGUAGE sql STABLE
SET search_path = hydrant, pg_temp AS $$
  SELECT CASE $1
    WHEN 'asset_uid' THEN hydrant.may_write_asset($2 ->> 'asset_uid')
    WHEN 'sensor_uid' THEN hydrant.may_write_sensor($2 ->> 'sensor_uid')
    WHEN 'alarm' THEN hydrant.polls() OR hydrant.may_write_sensor($2 ->> 'sensor_uid')
    WHEN 'entity' THEN hydrant.may_write_row($2 ->> 'entity', $2 ->> 'entity_uid')
    WHEN 'bundle' THEN hydrant.may_write_bundle($2 ->> 'uid')
    WHEN 'unit' THEN hydrant.may_write($2 ->> 'code')
    ELSE hydrant.may_write($2 ->> $1) END
$$;

CREATE OR REPLACE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = hydrant, pg_temp AS $$
BEGIN
  IF NOT hydrant.owns(TG_ARGV[0], to_jsonb(OLD)) OR (
      -- a unit is given to no parent that is not one's own
      TG_ARGV[0] = 'unit' AND TG_OP = 'UPDATE'
      AND to_jsonb(NEW) -> 'parent_code' IS DISTINCT FROM to_jsonb(OLD) -> 'parent_code'
      AND NOT hydrant.may_write(to_jsonb(NEW) ->> 'parent_code')) THEN
    RAISE insufficient_privilege USING MESSAGE = format(
      'row of table "%s" belongs to a region that is not yours', TG_TABLE_NAME);
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE OR REPLACE FUNCTION guard_reading() RETURNS trigger LANGUAGE plpgsql
SET search_path = hydrant, pg_temp AS $$
BEGIN
  -- whoever stores readings may doubt one that is dated ahead of the server's clock, and judge
  -- anew what was sent: as good, or as moving too fast; never what it says
  IF NOT pg_has_role(session_user, 'hydrant_admin', 'member')
    AND NOT (NEW.reason = 'clock' AND OLD.at > clock_timestamp() + interval '5 minutes')
    AND NOT (OLD.arrived_at IS NOT NULL AND coalesce(OLD.reason, 'too_fast') = 'too_fast'
      AND coalesce(NEW.reason, 'too_fast') IN ('too_fast', 'frozen')) THEN
    RAISE insufficient_privilege USING MESSAGE = 'a stored reading is not changed';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION keep_log() RETURNS trigger LANGUAGE plpgsql
SET search_path = hydrant, pg_temp AS $$
BEGIN
  RAISE insufficient_privilege USING MESSAGE = 'the audit log is only ever added to';
END $$;

CREATE OR REPLACE TRIGGER keep_log BEFORE UPDATE OR DELETE OR TRUNCATE ON change
FOR EACH STATEMENT EXECUTE FUNCTION keep_log();

CREATE OR REPLACE TRIGGER keep_log BEFORE UPDATE OR DELETE OR TRUNCATE ON seal
FOR EACH STATEMENT EXECUTE FUNCTION keep_log()
