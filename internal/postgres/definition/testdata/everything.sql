CREATE SCHEMA app;
CREATE SCHEMA "Odd schema";
COMMENT ON SCHEMA app IS 'the application''s';
CREATE COLLATION app."ci" (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TYPE app.mood AS ENUM ('sad', 'it''s "ok"', 'happy');
COMMENT ON TYPE app.mood IS 'how one is';
CREATE TYPE app.point3 AS (x int, "Y y" numeric(5, 2), label text COLLATE "C");
COMMENT ON COLUMN app.point3.x IS 'east';
CREATE FUNCTION app.even(n int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT n % 2 = 0';
CREATE DOMAIN app.even_number AS int DEFAULT 2 CONSTRAINT is_even CHECK (app.even(VALUE));
CREATE DOMAIN app.short AS varchar(10) COLLATE "C" NOT NULL CHECK (VALUE <> '') CHECK (length(VALUE) > 1);
COMMENT ON CONSTRAINT is_even ON DOMAIN app.even_number IS 'half of them';
CREATE DOMAIN app.old AS int;
CREATE SEQUENCE app.numbers AS smallint INCREMENT BY -2 MINVALUE -100 MAXVALUE 50 START 40 CACHE 3 CYCLE;
COMMENT ON SEQUENCE app.numbers IS 'downwards';
CREATE TABLE app.parent (
	id serial PRIMARY KEY,
	big bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME app."Its own" START WITH 1000 INCREMENT BY 10) UNIQUE DEFERRABLE INITIALLY DEFERRED,
	email text NOT NULL DEFAULT 'a@b',
	name text COLLATE app.ci, m app.mood DEFAULT 'happy', ms app.mood[], p app.point3, e app.even_number, s app.short,
	n int DEFAULT nextval('app.numbers'),
	at timestamptz(3) DEFAULT now() NOT NULL, twice int GENERATED ALWAYS AS (id * 2) STORED,
	"select" text DEFAULT E'a\\b''c;--' || $x$ y $x$, gone int, i interval day to minute, b bit varying(7), during tstzrange,
	CONSTRAINT "named check" CHECK (id > 0), CONSTRAINT "loose" CHECK (id < 100) NO INHERIT
) WITH (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_enabled = false);
ALTER TABLE app.parent DROP COLUMN gone;
ALTER TABLE app.parent ALTER COLUMN name SET STORAGE EXTERNAL, ALTER COLUMN name SET STATISTICS 17, ALTER COLUMN id SET (n_distinct = -0.5);
COMMENT ON TABLE app.parent IS E'two\nlines';
COMMENT ON COLUMN app.parent."select" IS 'a word';
COMMENT ON CONSTRAINT parent_pkey ON app.parent IS 'the key';
COMMENT ON INDEX app.parent_pkey IS 'its index';
INSERT INTO app.parent (s) VALUES ('one'), ('two');
ALTER TABLE app.parent ADD CONSTRAINT unproven CHECK (id > 1) NOT VALID;
CREATE TABLE app.child (
	id int, k text, parent int REFERENCES app.parent ON DELETE CASCADE ON UPDATE SET NULL,
	other int, span int4range, room int,
	PRIMARY KEY (k, id), EXCLUDE USING gist (span WITH &&) WHERE (room > 0)
);
ALTER TABLE app.child ADD CONSTRAINT later FOREIGN KEY (other) REFERENCES app.parent (id) DEFERRABLE INITIALLY DEFERRED NOT VALID;
CREATE TABLE app.ring_a (id int PRIMARY KEY, b int);
CREATE TABLE app.ring_b (id int PRIMARY KEY, a int REFERENCES app.ring_a);
ALTER TABLE app.ring_a ADD FOREIGN KEY (b) REFERENCES app.ring_b;
CREATE UNLOGGED TABLE "Odd schema"."Odd ""table""" ("A b" int UNIQUE, c text);
ALTER TABLE "Odd schema"."Odd ""table""" REPLICA IDENTITY FULL;
CREATE TABLE app.no_columns ();
CREATE UNIQUE INDEX partial ON app.parent ((lower(name)), id DESC NULLS LAST) INCLUDE (at) WITH (fillfactor = 80) WHERE app.even(id);
ALTER INDEX app.partial ALTER COLUMN 1 SET STATISTICS 33;
COMMENT ON INDEX app.partial IS 'some rows';
CREATE UNIQUE INDEX ident ON app.child (id, k);
ALTER TABLE app.child REPLICA IDENTITY USING INDEX ident;
ALTER TABLE app.child CLUSTER ON child_pkey;
CREATE STATISTICS app.stats (ndistinct) ON id, n FROM app.parent;
ALTER STATISTICS app.stats SET STATISTICS 44;
CREATE VIEW app.grouped (a, "B") WITH (security_barrier = true) AS SELECT p.id, p.name FROM app.parent p GROUP BY p.id;
CREATE VIEW app.above AS SELECT * FROM app.grouped;
ALTER VIEW app.above ALTER COLUMN a SET DEFAULT 7;
COMMENT ON VIEW app.above IS 'on another';
COMMENT ON COLUMN app.above.a IS 'a number';
CREATE MATERIALIZED VIEW app.kept AS SELECT count(*) AS n FROM app.above;
CREATE UNIQUE INDEX kept_n ON app.kept (n);
CREATE MATERIALIZED VIEW app.hollow AS SELECT 1 AS x WITH NO DATA;
CREATE FUNCTION app.tops() RETURNS SETOF app.above LANGUAGE sql AS 'SELECT * FROM app.above';
CREATE FUNCTION app.next_number() RETURNS int LANGUAGE plpgsql AS $$BEGIN RETURN (SELECT count(*) FROM app.ring_a); END$$;
CREATE FUNCTION app.first(p app.parent) RETURNS text LANGUAGE sql STABLE AS 'SELECT p.name';
COMMENT ON FUNCTION app.first(app.parent) IS 'of a row';
ALTER TABLE app.ring_a ALTER COLUMN id SET DEFAULT app.next_number();
CREATE PROCEDURE app.nothing() LANGUAGE plpgsql AS $$BEGIN NULL; END$$;
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.at = now(); RETURN NEW; END$$;
CREATE TRIGGER touch BEFORE UPDATE OF name ON app.parent FOR EACH ROW WHEN (old.name IS DISTINCT FROM new.name) EXECUTE FUNCTION app.touch();
ALTER TABLE app.parent DISABLE TRIGGER touch;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON app.parent DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.touch();
COMMENT ON TRIGGER late ON app.parent IS 'at the end';
CREATE TRIGGER instead INSTEAD OF INSERT ON app.above FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE RULE quiet AS ON DELETE TO app.ring_b DO INSTEAD NOTHING;
