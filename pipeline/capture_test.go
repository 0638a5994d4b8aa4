package pipeline_test

import (
	"os"
	"path/filepath"
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
