CREATE SCHEMA IF NOT EXISTS hydrant_work;

CREATE TABLE IF NOT EXISTS hydrant_work.worker (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL, host text NOT NULL, process integer NOT NULL, queue_worker bigint,
  stalled_s double precision NOT NULL,
  since timestamptz NOT NULL DEFAULT now(), seen timestamptz NOT NULL DEFAULT now(), died timestamptz);

CREATE TABLE IF NOT EXISTS hydrant_work.cycle (
  one boolean PRIMARY KEY DEFAULT true CHECK (one), number double precision NOT NULL);

INSERT INTO hydrant_work.cycle (number) VALUES (0) ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS hydrant_work.line (
  gateway text PRIMARY KEY,
  worker integer NOT NULL REFERENCES hydrant_work.worker ON DELETE CASCADE,
  since timestamptz NOT NULL DEFAULT now());
