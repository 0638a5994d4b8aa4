package typemap

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// evidence says in one line what the values are, class by class:
// "31,204 text: all UUID with dashes; 12 NULL".
func (d *decider) evidence() string {
	p := d.p
	var parts []string
	put := func(n int64, name, what string) {
		if n > 0 {
			if what != "" {
				what = ": " + what
			}
			parts = append(parts, count(n, name)+what)
		}
	}
	put(p.Count[row.Integer], "integer", d.intEvidence())
	put(p.Count[row.Real], "real", d.realEvidence())
	put(p.Count[row.Text], "text", d.textEvidence())
	put(p.Count[row.Blob], "blob", d.blobEvidence())
	if len(parts) == 0 {
		parts = append(parts, "no values")
	}
	if n := p.Count[row.Null]; n > 0 {
		parts = append(parts, thousands(n)+" NULL")
	}
	return strings.Join(parts, "; ")
}

func (d *decider) intEvidence() string {
	p := d.p
	switch {
	case !p.has(row.Integer):
		return ""
	case d.out.Int != form.NoUnit:
		lo, _, _ := d.out.Int.FromInt(p.MinInt)
		hi, _, _ := d.out.Int.FromInt(p.MaxInt)
		return unitNames[d.out.Int] + ", " + days(lo, hi)
	case p.Int01 == p.Count[row.Integer]:
		return "all 0 or 1"
	case p.MinInt == p.MaxInt:
		return "all " + showInt(p.MinInt)
	}
	return "from " + showInt(p.MinInt) + " to " + showInt(p.MaxInt)
}

func (d *decider) realEvidence() string {
	p := d.p
	switch {
	case !p.has(row.Real):
		return ""
	case d.out.Real != form.NoUnit:
		lo, _, _ := d.out.Real.FromReal(p.MinReal)
		hi, _, _ := d.out.Real.FromReal(p.MaxReal)
		return unitNames[d.out.Real] + ", " + days(lo, hi)
	case p.MinReal == p.MaxReal:
		return "all " + showReal(p.MinReal)
	}
	return "from " + showReal(p.MinReal) + " to " + showReal(p.MaxReal)
}

// shares lists the forms that occur: "all UUID with dashes", or "5 naive, 7
// with a zone".
func shares(total int64, list []share) string {
	var parts []string
	for _, x := range list {
		if x.n == 1 && x.one != "" {
			x.name = x.one
		}
		switch {
		case x.n == 0:
		case x.n != total:
			parts = append(parts, thousands(x.n)+" "+x.name)
		case total > 1:
			parts = append(parts, "all "+x.name)
		default:
			parts = append(parts, x.name)
		}
	}
	return strings.Join(parts, ", ")
}

func (d *decider) textEvidence() string {
	p := d.p
	s := shares(p.Count[row.Text], p.textShares())
	if p.Naive+p.Zoned > 0 {
		s += ", " + days(p.MinTime, p.MaxTime)
	}
	if s == "" && p.MaxRunes > 0 {
		s = "up to " + count(p.MaxRunes, "character")
	}
	return s
}

func (d *decider) blobEvidence() string { return shares(d.p.Count[row.Blob], d.p.blobShares()) }

// days shows a range of microseconds since 2000-01-01 by its days.
func days(lo, hi int64) string {
	show := func(micros int64) string {
		return time.UnixMicro(micros + pgcopy.EpochUnixMicros).UTC().Format(time.DateOnly)
	}
	if show(lo) == show(hi) {
		return show(lo)
	}
	return show(lo) + " to " + show(hi)
}

// mixed says which storage classes met in the column, with the first value
// that made it so where one is known.
func (d *decider) mixed() string {
	var kinds []string
	for _, k := range []row.Class{row.Integer, row.Real, row.Text, row.Blob} {
		if d.p.has(k) {
			kinds = append(kinds, thousands(d.p.Count[k])+" "+k.String())
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
	form.CoreData: "seconds since 2001", form.YYYYMMDD: "digits YYYYMMDD", form.EpochDays: "days since 1970",
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

var blobNames = map[convert.BlobForm]string{
	convert.BlobJSONText: "JSON text in blobs", convert.BlobJSONB: "SQLite JSONB", convert.BlobDotNetUUID: ".NET GUIDs",
}

// FormName names a decision's form for a report, "" for the plain one.
func (d *Decision) FormName() string {
	var parts []string
	if d.Int != form.NoUnit {
		parts = append(parts, unitNames[d.Int])
	}
	if d.Real != form.NoUnit && d.Real != d.Int {
		parts = append(parts, unitNames[d.Real])
	}
	if n := blobNames[d.Blob]; n != "" {
		parts = append(parts, n)
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
func showReal(f float64) string { return string(convert.AppendReal(nil, f)) }

// count writes "1 value", "2 values"; "text" is its own plural.
func count(n int64, what string) string {
	if n != 1 && what != "text" {
		what += "s"
	}
	return thousands(n) + " " + what
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
