CREATE OR REPLACE FUNCTION instr(text, text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT pg_catalog.strpos($1, $2)';

CREATE OR REPLACE FUNCTION json_texts(text) RETURNS TABLE (value text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 100
AS 'SELECT pg_catalog.jsonb_array_elements_text($1::pg_catalog.jsonb)';

DROP FUNCTION IF EXISTS hydrant_projected(
  double precision, double precision, double precision, double precision);

CREATE OR REPLACE FUNCTION hydrant_projected(
  flow double precision, static double precision, residual double precision, at double precision,
  least_drop double precision
) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS 'SELECT CASE WHEN static > residual AND static - residual >= least_drop * static AND at < static
  THEN flow * pg_catalog.power((static - at) / (static - residual), 0.54::double precision) END';

CREATE OR REPLACE FUNCTION stored_time(timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT pg_catalog.to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

CREATE OR REPLACE FUNCTION moment(text) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT CASE WHEN $1 = '' THEN NULL
  WHEN $1 ~ '(Z|[+-][0-9:]+)$' THEN $1::timestamptz
  ELSE ($1 || 'Z')::timestamptz END $$;

CREATE OR REPLACE FUNCTION hydrant_latest(text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = hydrant, pg_temp AS $$ SELECT CASE WHEN here <> pg_catalog.date_trunc('day', here) THEN $1
    ELSE hydrant.stored_time(
      (here + interval '1 day') AT TIME ZONE zone - interval '1 millisecond') END
  FROM (SELECT zone, hydrant.moment($1) AT TIME ZONE zone AS here
    FROM (SELECT coalesce((SELECT value FROM hydrant.setting WHERE key = 'zone'),
      'Asia/Shanghai') AS zone) AS of_registry) AS stated $$;

CREATE OR REPLACE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql
SET search_path = hydrant, pg_temp AS $$
BEGIN
  IF NEW.uid = '' THEN NEW.uid := pg_catalog.gen_random_uuid()::text; END IF;
  IF NEW.recorded_at = '' THEN
    NEW.recorded_at := hydrant.stored_time(pg_catalog.clock_timestamp());
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = hydrant, pg_temp AS $$
DECLARE
  former jsonb;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    former := to_jsonb(OLD) - 'geom' - 'boundary' - 'effective_at';
    IF TG_TABLE_NAME = 'asset' THEN
      former := former
        || jsonb_build_object('geom', coalesce(upper(encode(public.ST_AsEWKB(OLD.geom), 'hex')), ''));
    ELSIF TG_TABLE_NAME = 'region' THEN
      former := former
        || jsonb_build_object('boundary', coalesce(upper(encode(OLD.boundary, 'hex')), ''));
    END IF;
  END IF;
  INSERT INTO hydrant.outside_edit (at, entity, "row", action, before) VALUES (
    hydrant.stored_time(clock_timestamp()), TG_TABLE_NAME,
    CASE TG_OP WHEN 'INSERT' THEN NEW.fid ELSE OLD.fid END, lower(TG_OP), former::text);
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION reading_day(day date) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = hydrant, pg_temp AS $$
DECLARE
  partition text := 'reading_p' || to_char(day, 'YYYY_MM_DD');
BEGIN
  IF to_regclass('hydrant.' || partition) IS NOT NULL THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(1213816914, 2);
  IF to_regclass('hydrant.' || partition) IS NOT NULL THEN RETURN false; END IF;
  EXECUTE format(
    'CREATE TABLE hydrant.%I PARTITION OF hydrant.reading FOR VALUES FROM (%L) TO (%L)',
    partition, day::text || ' 00:00:00+00', (day + 1)::text || ' 00:00:00+00');
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION after_numbers(name text) RETURNS bigint LANGUAGE plpgsql
SECURITY DEFINER SET search_path = hydrant, pg_temp AS $$
DECLARE
  counter text := pg_get_serial_sequence(format('hydrant.%I', name), 'fid');
  most bigint;
BEGIN
  -- a counter only goes forward: to the largest number that was given
  EXECUTE format('SELECT max(fid) FROM hydrant.%I', name) INTO most;
  IF most > coalesce(pg_sequence_last_value(counter::regclass), 0) THEN
    PERFORM setval(counter, most);
  END IF;
  RETURN most;
END $$;

CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql
SET search_path = hydrant, pg_temp AS $$
BEGIN
  IF to_regclass('pg_temp.touched') IS NULL THEN RETURN NULL; END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO pg_temp.touched (entity, fid) SELECT TG_TABLE_NAME, fid FROM came;
    RETURN NULL;
  END IF;
  IF TG_TABLE_NAME = 'asset' THEN
    INSERT INTO pg_temp.touched (entity, fid, old) SELECT TG_TABLE_NAME, o.fid,
      ((to_jsonb(o) - 'geom') || jsonb_build_object('geom', encode(public.ST_AsEWKB(o.geom), 'hex')))::text
      FROM former o;
  ELSE
    INSERT INTO pg_temp.touched (entity, fid, old)
      SELECT TG_TABLE_NAME, o.fid, to_jsonb(o)::text FROM former o;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO pg_temp.touched (entity, fid) SELECT TG_TABLE_NAME, n.fid FROM came n
      WHERE NOT EXISTS (SELECT 1 FROM former o WHERE o.fid = n.fid);
  END IF;
  RETURN NULL;
END $$;
