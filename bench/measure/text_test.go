package measure_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/bench/measure"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s: -want +got:\n%s", path, diff)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	older, newer := result(1, 1.1, 1.2, 1.3, 1.4), result(2, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6)
	newer.Ways[0].Rows = 1000
	newer.Machine.Cores = 3
	var text bytes.Buffer
	if err := newer.Text(&text); err != nil {
		t.Fatal(err)
	}
	text.WriteString("\n")
	if err := compare(t, older, newer).Text(&text, "old.json"); err != nil {
		t.Fatal(err)
	}
	golden(t, "slower.txt", text.Bytes())
	var svg bytes.Buffer
	if err := newer.Figure(older).Write(&svg); err != nil {
		t.Fatal(err)
	}
	golden(t, "slower.svg", svg.Bytes())
}

func TestReadWrite(t *testing.T) {
	t.Parallel()
	before := result(1, 2, 3)
	var text bytes.Buffer
	if err := before.Write(&text); err != nil {
		t.Fatal(err)
	}
	after, err := measure.Read(&text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("-written +read:\n%s", diff)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "[]", "{}", `{"version": 2, "job": "migrate"}`, `{"version": 1}`, "SQLite format 3",
		`{"version": 1, "job": "migrate", "ways": [null]}`, `{"version": 1, "job": "migrate", "ways": [{"name": "migrate"}]}`,
	} {
		if r, err := measure.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%q is read as %+v", text, r)
		}
	}
}

func TestTextUnsteady(t *testing.T) {
	t.Parallel()
	for want, r := range map[bool]*measure.Result{
		true:  result(1, 1.1, 1.8, 2, 3),
		false: result(1, 1.02, 1.05, 1.06, 3), // one run that was in somebody's way
	} {
		var text bytes.Buffer
		if err := r.Text(&text); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(text.String(), "vary much"); got != want {
			t.Errorf("%t, want %t:\n%s", got, want, &text)
		}
	}
}
