package typemap

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// evidence says in one line what the values are.
func (d *decider) evidence() string {
	p := d.p
	if p.Values() == 0 {
		return "no values"
	}
	var parts []string
	put := func(n int64, what string) {
		if n > 0 {
			parts = append(parts, group(n)+" "+what)
		}
	}
	put(p.Count[row.Integer], "integer")
	put(p.Count[row.Real], "real")
	put(p.Count[row.Text], "text")
	put(p.Count[row.Blob], "blob")
	var forms []string
	for _, f := range []struct {
		n    int64
		name string
	}{
		{p.BoolWords, "boolean words"}, {p.UUIDText + p.UUIDBlob, "UUID"},
		{p.JSONText, "JSON text"}, {p.BlobJSON, "blobs of JSON text"}, {p.BlobJSONB, "binary JSONB"},
		{p.Times, "times of day"}, {p.Zoned, "with zone"}, {p.Naive, "naive datetimes or dates"},
		{p.Cut, "finer than microseconds"},
	} {
		if f.n > 0 {
			forms = append(forms, group(f.n)+" "+f.name)
		}
	}
	s := strings.Join(parts, ", ")
	if len(forms) > 0 {
		s += ": " + strings.Join(forms, ", ")
	}
	return s
}

// mixed says which storage classes met in the column, with the first value
// that made it so where one is known.
func (d *decider) mixed() string {
	var kinds []string
	for _, k := range []row.Class{row.Integer, row.Real, row.Text, row.Blob} {
		if d.p.has(k) {
			kinds = append(kinds, group(d.p.Count[k])+" "+k.String())
		}
	}
	switch {
	case len(kinds) > 1:
		return "values of several storage classes: " + strings.Join(kinds, ", ") + d.example(MissClass)
	case len(kinds) == 1 && d.col.DeclType != "":
		return "values are " + kinds[0][strings.LastIndexByte(kinds[0], ' ')+1:] + d.example(MissClass)
	}
	return ""
}

func (d *decider) missed(what string, m Miss) string { return what + d.example(m) }

// example shows the first value that missed.
func (d *decider) example(m Miss) string {
	ex := d.t.Examples(d.i, m)
	if len(ex) == 0 {
		return ""
	}
	return fmt.Sprintf(": %s at %s", ex[0].Value, ex[0].Key)
}

var unitNames = map[form.Unit]string{
	form.Seconds: "epoch seconds", form.Millis: "epoch milliseconds", form.Micros: "epoch microseconds",
	form.Nanos: "epoch nanoseconds", form.JulianDay: "Julian days", form.DotNetTicks: ".NET ticks",
	form.WebKitMicros: "microseconds since 1601", form.FileTime: "100 ns since 1601",
	form.CoreData: "seconds since 2001", form.YYYYMMDD: "digits YYYYMMDD",
}

func (d *decider) unitName() string {
	switch {
	case d.out.Int != form.NoUnit && d.out.Real != form.NoUnit && d.out.Int != d.out.Real:
		return unitNames[d.out.Int] + " and " + unitNames[d.out.Real]
	case d.out.Int != form.NoUnit:
		return unitNames[d.out.Int]
	}
	return unitNames[d.out.Real]
}

// FormName names a decision's form for a report, "" for the plain one.
func (d *Decision) FormName() string {
	var parts []string
	for _, u := range []form.Unit{d.Int, d.Real} {
		if n := unitNames[u]; n != "" && (len(parts) == 0 || parts[0] != n) {
			parts = append(parts, n)
		}
	}
	if d.Blob == 1 {
		parts = append(parts, "JSON text in blobs")
	} else if d.Blob == 2 {
		parts = append(parts, "SQLite JSONB")
	}
	if d.OnDay {
		parts = append(parts, "time on 2000-01-01")
	}
	if d.EmptyNull {
		parts = append(parts, "empty text is NULL")
	}
	return strings.Join(parts, ", ")
}

func showInt(n int64) string    { return strconv.FormatInt(n, 10) }
func showReal(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func count(n int, what string) string { return count64(int64(n), what) }

func count64(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return group(n) + " " + what + "s"
}

// group writes 1234567 as 1,234,567.
func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
