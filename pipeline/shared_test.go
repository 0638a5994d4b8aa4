package pipeline_test

import (
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/sharedtest"
)

// corpusEntry is one line of the corpus' INDEX.tsv.
type corpusEntry struct{ name, file, class string }

// shortStep is how many shared databases stand for one that -short takes: the
// race detector makes all slower by much, and most of a run is the same code for
// each of them.
const shortStep = 6

// corpusIndex lists the databases of the corpus, with -short some of them.
func corpusIndex(t *testing.T) []corpusEntry {
	t.Helper()
	var out []corpusEntry
	for i, e := range corpusAll(t) {
		if !testing.Short() || i%shortStep == 0 {
			out = append(out, e)
		}
	}
	return out
}

// corpusAll lists all databases of the corpus.
func corpusAll(t *testing.T) []corpusEntry {
	t.Helper()
	f, err := os.Open(filepath.Join(sharedtest.Dir(t, "corpus"), "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []corpusEntry
	for _, row := range rows[1:] {
		out = append(out, corpusEntry{row[0], row[1], row[5]})
	}
	return out
}

// copyDatabase copies a database and the files beside it into a folder of the
// test: a file in WAL mode grows side files even when it is only read.
func copyDatabase(t *testing.T, path string) string {
	t.Helper()
	dir := t.TempDir()
	base := filepath.Base(path)
	list, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if e.Type().IsRegular() && strings.HasPrefix(e.Name(), base) {
			copyFile(t, filepath.Join(filepath.Dir(path), e.Name()), filepath.Join(dir, e.Name()))
		}
	}
	return filepath.Join(dir, base)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
