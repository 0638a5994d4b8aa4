CREATE SCHEMA app;
CREATE SCHEMA "Odd schema";
CREATE EXTENSION citext WITH SCHEMA "Odd schema";
CREATE EXTENSION hstore WITH SCHEMA public;
CREATE EXTENSION pg_trgm WITH SCHEMA app;
CREATE EXTENSION btree_gist;
CREATE EXTENSION "uuid-ossp";
CREATE DOMAIN app.email AS "Odd schema".citext CHECK (VALUE ~ '@');
CREATE TABLE app.t (
	email "Odd schema".citext PRIMARY KEY DEFAULT 'a@b', e app.email, h hstore, u uuid DEFAULT uuid_generate_v4(), name text,
	room int, span int4range, EXCLUDE USING gist (room WITH =, span WITH &&)
);
CREATE INDEX trgm ON app.t USING gin (name app.gin_trgm_ops);
CREATE INDEX likeness ON app.t ((app.similarity(name, 'x')));
CREATE VIEW app.hot AS SELECT email FROM app.t WHERE h OPERATOR(public.?) 'hot';
