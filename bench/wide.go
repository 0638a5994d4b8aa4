package bench

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// wideColumns is the number of columns of the wide table, its key included.
const wideColumns = 150

// wideRows give about 350 MB at scale 1.
const wideRows = 250_000

// wideKinds are the columns of the wide table, over and over: what an export of
// some enterprise system has. Of the last kind most values are NULL.
var wideKinds = []struct {
	prefix, decl string
	fill         func(t *insert, d *dice, buf []byte)
}{
	{"flag", "BOOLEAN NOT NULL", func(t *insert, d *dice, _ []byte) { t.bool(d.chance(50)) }},
	{"code", "SMALLINT NOT NULL", func(t *insert, d *dice, _ []byte) { t.int(d.between(0, 999)) }},
	{"ref", "BIGINT", func(t *insert, d *dice, _ []byte) { t.int(d.between(1, 1<<40)) }},
	{"ratio", "REAL", func(t *insert, d *dice, _ []byte) { t.real(d.NormFloat64()) }},
	{"amount", "DECIMAL(12,2)", func(t *insert, d *dice, _ []byte) { t.cents(d.between(-1_000_000, 99_999_999)) }},
	{"day", "DATE", func(t *insert, d *dice, buf []byte) { t.text(appendTime(buf, d.micro(), time.DateOnly)) }},
	{"at", "DATETIME", func(t *insert, d *dice, buf []byte) { t.text(appendTime(buf, d.micro(), time.DateTime)) }},
	{"word", "VARCHAR(20)", func(t *insert, d *dice, _ []byte) { t.string(d.pick(nouns)) }},
	{"note", "TEXT", func(t *insert, d *dice, buf []byte) { t.text(d.words(buf, adjectives, d.between(1, 4))) }},
	{"extra", "INTEGER", func(t *insert, d *dice, _ []byte) {
		if d.chance(90) {
			t.null()
			return
		}
		t.int(d.between(0, 1<<20))
	}},
}

// Wide writes one table of 150 columns of mixed types to a new file at path:
// 250,000 rows in 350 MB at scale 1. An error leaves no file.
func Wide(ctx context.Context, path string, size Size) (Stats, error) {
	size, err := size.normal()
	if err != nil {
		return Stats{}, err
	}
	w, err := newWriter(ctx, path)
	if err != nil {
		return Stats{}, err
	}
	names, decls := []string{"id"}, []string{"id INTEGER PRIMARY KEY"}
	for i := range wideColumns - 1 {
		kind := wideKinds[i%len(wideKinds)]
		name := fmt.Sprintf("%s_%03d", kind.prefix, i+1)
		names, decls = append(names, name), append(decls, name+" "+kind.decl)
	}
	buf := make([]byte, 0, 256)
	fill := func(t *insert, d *dice, n int64) {
		t.int(n + 1)
		for i := range wideColumns - 1 {
			wideKinds[i%len(wideKinds)].fill(t, d, buf)
		}
	}
	ddl := "CREATE TABLE wide (\n  " + strings.Join(decls, ",\n  ") + "\n);"
	parts := []part{{table: "wide", columns: strings.Join(names, " "), rows: wideRows, fill: fill}}
	return w.finish(w.writeParts(ddl, parts, size, ""))
}
