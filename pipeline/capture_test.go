package pipeline_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/pipeline"
)

// capture captures a database into a fixture, and gives its path and the report.
func capture(t *testing.T, cfg pipeline.CaptureConfig) (string, pipeline.Report) {
	t.Helper()
	cfg.Fixture.Path = filepath.Join(t.TempDir(), "out.tar")
	rep, err := pipeline.Capture(t.Context(), cfg)
	if err != nil {
		t.Fatalf("%v (%s)", err, pipeline.Hint(err))
	}
	alone(t, cfg.Fixture.Path)
	return cfg.Fixture.Path, rep
}

// manifestOf reads an archive's manifest and checks all of its rows.
func manifestOf(t *testing.T, path string) *fixture.Manifest {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	f, err := fixture.Open(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Verify(t.Context(), 2); err != nil {
		t.Error(err)
	}
	return f.Manifest()
}

// digests gives the tables of an archive with what their rows digest to.
func digests(t *testing.T, path string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, table := range manifestOf(t, path).Tables {
		out[table.Schema+"."+table.Name] = table.Digest
	}
	return out
}

// Of a migrated database the same rows are captured that the SQLite file gives, and
// what is restored from them is captured as the same bytes.
func TestCapture(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	source := allKinds(t)
	made, _ := writeFixture(t, pipeline.Config{Source: source}, 2)
	url := server.Database(t)
	if _, err := pipeline.Migrate(t.Context(), pipeline.Config{Source: source, Target: url}); err != nil {
		t.Fatal(err)
	}
	captured, rep := capture(t, pipeline.CaptureConfig{Target: url, Jobs: 3})
	if diff := cmp.Diff(digests(t, made), digests(t, captured)); diff != "" {
		t.Errorf("made of the file and captured (-want +got):\n%s", diff)
	}
	if len(rep.Tables) != 7 || rep.Fixture == nil {
		t.Errorf("report: %+v", rep)
	}
	restored := server.Database(t)
	restore(t, captured, restored)
	for _, query := range []string{shapeSQL, contentsSQL} {
		if diff := cmp.Diff(describe(t, url, "public", query), describe(t, restored, "public", query)); diff != "" {
			t.Errorf("migrated and restored (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(pgtest.Shape(t, url), pgtest.Shape(t, restored)); diff != "" {
		t.Errorf("migrated and restored (-want +got):\n%s", diff)
	}
	checkManifest(t, captured, restored)
	again, _ := capture(t, pipeline.CaptureConfig{Target: restored, Jobs: 1, Exclude: []string{"empty"}})
	first, _ := capture(t, pipeline.CaptureConfig{Target: url, Jobs: 4, Exclude: []string{"public.EMPTY"}})
	a, b := manifestOf(t, first), manifestOf(t, again)
	a.Source, b.Source = "", ""
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("captured again (-want +got):\n%s", diff)
	}
}

// All kinds of objects come through the two texts as psql reads them.
func TestCaptureEverything(t *testing.T) {
	t.Parallel()
	sql, err := os.ReadFile("../internal/postgres/definition/testdata/everything.sql")
	if err != nil {
		t.Fatal(err)
	}
	server := pgtest.Start(t)
	url, restored := server.Database(t), server.Database(t)
	conn := pgtest.Connect(t, url)
	if _, err := conn.PgConn().Exec(t.Context(), string(sql)+`
		ALTER TABLE app.parent DROP COLUMN ms;
		DROP TABLE app.no_columns;
		CREATE FUNCTION app.odd() RETURNS text LANGUAGE sql AS $f$SELECT '\;' || $litehaul$ ; \q
:'x' $litehaul$$f$;
		COMMENT ON FUNCTION app.odd() IS E'\\q\n\\! false; :"USER"';
		INSERT INTO app.child (id, k, parent, span, room) SELECT i, 'k' || i, 1 + i % 2, int4range(i, i + 1), 1 FROM generate_series(1, 20) i;
		REFRESH MATERIALIZED VIEW app.kept`).ReadAll(); err != nil {
		t.Fatal(err)
	}
	path, rep := capture(t, pipeline.CaptureConfig{Target: url})
	for _, o := range rep.Objects {
		if o.Status != "carried" {
			t.Errorf("%s %s is %s: %s", o.Kind, o.Name, o.Status, o.Why)
		}
	}
	restore(t, path, restored)
	shape := func(url string) []string {
		return slices.DeleteFunc(pgtest.Shape(t, url), func(line string) bool { return strings.Contains(line, "pg.dropped") })
	}
	if diff := cmp.Diff(shape(url), shape(restored)); diff != "" {
		t.Errorf("captured and restored (-want +got):\n%s", diff)
	}
	for _, query := range []string{shapeSQL, contentsSQL} {
		// Sequences are told by what they give, and not by where they stand.
		other := func(line string) bool {
			return strings.Contains(line, " next ") || strings.Contains(line, "pg.dropped")
		}
		want, got := describe(t, url, "app", query), describe(t, restored, "app", query)
		if diff := cmp.Diff(slices.DeleteFunc(want, other), slices.DeleteFunc(got, other)); diff != "" {
			t.Errorf("captured and restored (-want +got):\n%s", diff)
		}
	}
	const odd = `SELECT app.odd() || obj_description('app.odd'::regproc) || (SELECT n FROM app.kept)`
	if diff := cmp.Diff(ask(t, url, odd), ask(t, restored, odd)); diff != "" {
		t.Errorf("a function's text (-want +got):\n%s", diff)
	}
	again, _ := capture(t, pipeline.CaptureConfig{Target: restored, Jobs: 1})
	a, b := manifestOf(t, path), manifestOf(t, again)
	a.Source, b.Source = "", ""
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("captured again (-want +got):\n%s", diff)
	}
}
