GRANT USAGE ON SCHEMA hydrant_work TO hydrant_read;

GRANT SELECT ON ALL TABLES IN SCHEMA hydrant_work TO hydrant_read;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hydrant_work
  TO hydrant_poller, hydrant_admin;

GRANT USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA hydrant_work TO hydrant_poller, hydrant_admin;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA hydrant_work TO hydrant_poller, hydrant_admin;
