package render_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
)

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0", 999: "999", 1000: "1,000", -1: "-1", -999: "-999", -1000: "-1,000",
		4_300_000: "4,300,000", -9223372036854775808: "-9,223,372,036,854,775,808",
	} {
		if got := render.Count(n); got != want {
			t.Errorf("Count(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, got, want string }{
		{"no bytes", render.Bytes(0), "0 B"},
		{"bytes", render.Bytes(812), "812 B"},
		{"kilobytes", render.Bytes(4096), "4.10 KB"},
		{"megabytes", render.Bytes(46_100_000), "46.1 MB"},
		{"many megabytes", render.Bytes(4_321_000_000), "4,321 MB"},
		{"gigabytes", render.Bytes(12_345_000_000), "12.3 GB"},
		{"milliseconds", render.Seconds(0.004), "0.00"},
		{"seconds", render.Seconds(0.611), "0.61"},
		{"minutes", render.Seconds(83.27), "83.3"},
		{"hours", render.Seconds(7199.8), "7,200"},
		{"one", render.Plural(1, "row"), "1 row"},
		{"none", render.Plural(0, "row"), "0 rows"},
		{"y", render.Plural(2, "entry"), "2 entries"},
		{"x", render.Plural(1200, "index"), "1,200 indexes"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, tt.got, tt.want)
		}
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":               "",
		"plain, Ünïcode": "plain, Ünïcode",
		"👩‍👩‍👧":          "👩‍👩‍👧", // joined by U+200D, which is harmless
		"a\x1b[31mb":     `a\x1b[31mb`,
		"a\tb\nc":        `a\tb\nc`,
		"\xff\xc3":       `\xff\xc3`,
		"\u202eabc":      `\u202eabc`,
		"a\u2028b":       `a\u2028b`,
		"\ufffd":         "\ufffd", // a replacement character of the text itself
	} {
		if got := render.Clean(in); got != want {
			t.Errorf("Clean(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		width      int
		want       []string
	}{
		{"short", "a b", 10, []string{"a b"}},
		{"no limit", "a b c", 0, []string{"a b c"}},
		{"at spaces", "aaa bbb ccc", 7, []string{"aaa bbb", "ccc"}},
		{"a long word", "x abcdefgh y", 4, []string{"x", "abcd", "efgh", "y"}},
		{"wide runes", "日本語", 4, []string{"日本", "語"}},
		{"a rune wider than the page", "日", 1, []string{"日"}},
		{"empty", "", 5, []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, render.Wrap(tt.text, tt.width)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzWrap: no text is lost, and all is shown.
func FuzzWrap(f *testing.F) {
	f.Add("aaa bbb ccc", 7)
	f.Add("日本語 abc", 3)
	f.Add("a\u0301\u0302 x", 1)
	f.Fuzz(func(t *testing.T, text string, width int) {
		text = render.Clean(text)
		joined := strings.Join(render.Wrap(text, width), "")
		if want, got := strings.Join(strings.Fields(text), ""), strings.Join(strings.Fields(joined), ""); want != got {
			t.Errorf("Wrap(%q, %d) shows %q", text, width, got)
		}
		if !utf8.ValidString(joined) {
			t.Errorf("Wrap(%q, %d) gives invalid text %q", text, width, joined)
		}
	})
}

func TestPsql(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := render.Psql(&b, []string{"id", "name"}, [][]string{{"1", "a longer name"}, {"22", "日本"}}, 8); err != nil {
		t.Fatal(err)
	}
	golden(t, "psql.txt", b.Bytes())
}

func ExampleReport() {
	rep := &pipeline.Report{
		Outcome: render.OutcomeDone, Seconds: 0.61,
		Source: pipeline.Source{Path: "app.db", Bytes: 46_100_000},
		Tables: []pipeline.TableReport{{Name: "orders", Loaded: 15607, Bytes: 2_400_000, Seconds: 0.25, Verified: "full"}},
	}
	if err := render.Report(os.Stdout, rep, render.Options{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// source    app.db (46.1 MB)
	//
	// table     rows    MB  seconds  rows/s  verified
	// orders  15,607  2.40     0.25  62,428  full
	// ------  ------  ----  -------  ------  --------
	// total   15,607  2.40     0.61  25,585
	//
	// done: 1 table, 15,607 rows in 0.61 s; every row read back and equal
}
