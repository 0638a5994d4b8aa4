// Package archivetest looks, for tests, at fixture archives as somebody would who has
// them for a file: what their manifest says, and what tar, zstd and psql make of them.
//
// It is never linked into a program.
package archivetest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/fixture"
	"github.com/litehaul/litehaul/internal/sharedtest"
)

// Manifest reads an archive's manifest and checks all of its rows.
func Manifest(tb testing.TB, path string) *fixture.Manifest {
	tb.Helper()
	file, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil {
		tb.Fatal(err)
	}
	f, err := fixture.Open(file, info.Size())
	if err != nil {
		tb.Fatal(err)
	}
	if err := f.Verify(tb.Context(), 2); err != nil {
		tb.Error(err)
	}
	return f.Manifest()
}

// Digests gives the tables of an archive, schema.name, with what their rows digest
// to, and checks all of these.
func Digests(tb testing.TB, path string) map[string]string {
	tb.Helper()
	out := map[string]string{}
	for _, table := range Manifest(tb, path).Tables {
		out[table.Schema+"."+table.Name] = table.Digest
	}
	return out
}

// Alone checks that nothing stands beside an archive, such as parts of it.
func Alone(tb testing.TB, path string) {
	tb.Helper()
	list, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		tb.Fatal(err)
	}
	if len(list) != 1 || list[0].Name() != filepath.Base(path) {
		tb.Errorf("beside the fixture: %v", list)
	}
}

// Restore restores an archive into a database, a URL, by the commands of
// docs/FIXTURE-FORMAT.md. Without the programs that these call the test is skipped,
// and fails on CI.
func Restore(tb testing.TB, archive, database string) {
	tb.Helper()
	for _, program := range []string{"sh", "tar", "zstd", "psql"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") == "" {
				tb.Skipf("needs %s: %v", program, err)
			}
			tb.Fatal(err)
		}
	}
	doc, err := os.ReadFile(filepath.Join(sharedtest.Checkout(tb), "docs", "FIXTURE-FORMAT.md"))
	if err != nil {
		tb.Fatal(err)
	}
	_, after, _ := strings.Cut(string(doc), "```sh\n")
	commands, _, _ := strings.Cut(after, "```")
	//nolint:gosec // an archive that the test names
	if out, err := exec.CommandContext(tb.Context(), "tar", "-tf", archive).Output(); err != nil || !bytes.Contains(out, []byte("data/")) {
		commands = strings.Replace(commands, "zstd -d -q -r --rm data\n", "", 1) // as the document says
	}
	//nolint:gosec // the document's commands, on an archive and a database that the test names
	cmd := exec.CommandContext(tb.Context(), "sh", "-e", "-c",
		strings.NewReplacer("FIXTURE", "'"+archive+"'", "TARGET", "'"+database+"'").Replace(commands))
	cmd.Dir = tb.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
}
