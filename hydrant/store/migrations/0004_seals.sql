CREATE TABLE seal (
  fid INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at DATETIME NOT NULL,
  actor TEXT NOT NULL,
  origin TEXT NOT NULL,
  kind TEXT NOT NULL,
  writer TEXT NOT NULL,
  rows INTEGER NOT NULL,
  removed INTEGER NOT NULL,
  blocks TEXT NOT NULL,
  findings TEXT,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL,
  signature TEXT,
  signer TEXT,
  PRIMARY KEY (fid),
  UNIQUE (number)
);

CREATE TABLE seal_block (
  fid INTEGER NOT NULL,
  entity TEXT NOT NULL,
  block INTEGER NOT NULL,
  entries BLOB NOT NULL,
  PRIMARY KEY (fid),
  UNIQUE (entity, block)
);
