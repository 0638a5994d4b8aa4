package reseed_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/pipeline/capture"
	"github.com/litehaul/litehaul/pipeline/reseed"
)

// application is a schema with what archives of SQLite files never have.
var application = []string{
	`CREATE SCHEMA shop`, `CREATE TYPE shop.mood AS ENUM ('sad', 'ok')`, `CREATE DOMAIN shop.positive AS int CHECK (VALUE > 0)`,
	`CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.n := NEW.n + 1; RETURN NEW; END$$`,
	`CREATE TABLE shop.a (id bigserial PRIMARY KEY, m shop.mood, n shop.positive, at timestamptz DEFAULT now())`,
	`CREATE TABLE b (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a bigint REFERENCES shop.a, twice int GENERATED ALWAYS AS (2 * id) STORED)`,
	`INSERT INTO shop.a (m, n) SELECT 'ok', g FROM generate_series(1, 500) g`, `INSERT INTO b (a) SELECT g FROM generate_series(1, 500) g`,
	`CREATE TRIGGER touched BEFORE INSERT OR UPDATE ON shop.a FOR EACH ROW EXECUTE FUNCTION shop.touch()`,
	`CREATE VIEW v AS SELECT * FROM b`, `CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n FROM b`, `CREATE SEQUENCE tickets START 7`,
	`SELECT nextval('tickets')`, `COMMENT ON FUNCTION shop.touch() IS 'counts'`,
}

// TestTrust reseeds from the capture of an application's database: its functions
// and triggers are made for those who trust it, and triggers do not fire for the rows.
// Where the tables stand, nothing but rows is taken from the archive.
func TestTrust(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	origin, target := server.Database(t), server.Database(t)
	execSQL(t, origin, application...)
	archive := filepath.Join(t.TempDir(), "app.tar")
	if _, err := capture.Run(t.Context(), capture.Config{Target: origin, Fixture: pipeline.FixtureOutput{Path: archive}}); err != nil {
		t.Fatal(err)
	}
	before := pgtest.Shape(t, target)
	_, err := reseed.Run(t.Context(), reseed.Config{Fixture: archive, Target: target})
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), "CREATE OR REPLACE FUNCTION shop.touch()") || !strings.Contains(pipeline.Hint(err), "--trust") {
		t.Errorf("without trust: %v (%s)", err, pipeline.Hint(err))
	}
	if after := pgtest.Shape(t, target); len(after) != len(before) {
		t.Errorf("the target was touched: %v", after)
	}
	_, err = reseed.Run(t.Context(), reseed.Config{Fixture: archive, Target: target, Trust: true, Tables: []string{"b"}})
	if pipeline.ExitCode(err) != pipeline.ExitRefused || !strings.Contains(err.Error(), "a part of it") {
		t.Errorf("a part of it: %v", err)
	}
	for name, cfg := range map[string]reseed.Config{
		"side by side": {}, "in one transaction": {Atomic: true},
	} {
		fresh := server.Database(t)
		cfg.Fixture, cfg.Target, cfg.Trust = archive, fresh, true
		mustRun(t, cfg)
		t.Log(name)
		equalDatabases(t, origin, fresh)
		execSQL(t, fresh, "DELETE FROM b WHERE id < 100", "UPDATE shop.a SET n = 1 WHERE id = 3")
		cfg.Trust, cfg.OnData, cfg.Confirm = false, pipeline.OnDataTruncate, truncate.Confirm
		mustRun(t, cfg)
		execSQL(t, fresh, "REFRESH MATERIALIZED VIEW m")
		equalDatabases(t, origin, fresh)
	}
}
