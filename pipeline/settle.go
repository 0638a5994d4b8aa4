package pipeline

import "strings"

// ways are the flags of migrate any of which settles a kind of hazard, the one
// that changes least first: where the run makes its tables, and where an
// application has made them. TABLE, COLUMN and RULE are filled in; FORM, TYPE and
// NAME stand for what only the user knows. Kinds that are not here are settled by
// no flag, but at the rows, on the target or as another role.
type ways struct{ create, home []string }

func bothWays(flags ...string) ways { return ways{flags, flags} }

var settle = map[string]ways{
	"damaged":        bothWays("--skip-damaged"),
	"damaged-schema": bothWays("--skip-damaged"),
	"invalid-text": {
		create: []string{"--invalid-text=bytea", "--invalid-text=replace", "--invalid-text=reject"},
		home:   []string{"--invalid-text=replace", "--invalid-text=reject"},
	},
	"orphans":           {create: []string{"--orphans=not-valid", "--orphans=skip-fk"}},
	"bad-key":           {create: []string{"--bad-keys=relax"}},
	"misfit":            {create: []string{"--type=RULE=TYPE"}, home: []string{"--form=RULE=FORM", "--drop-column=COLUMN"}},
	"too-many-columns":  bothWays("--exclude=TABLE"),
	"too-large":         bothWays("--exclude=TABLE"),
	"target-kind":       bothWays("--exclude=TABLE"),
	"rule":              bothWays("--exclude=TABLE"),
	"no-citext":         bothWays("--nocase=lower"),
	"exists":            bothWays("--schema=NAME", "--on-existing=drop"),
	"rows-exist":        bothWays("--on-data=truncate", "--on-data=append", "--on-data=upsert", "--on-existing=drop", "--schema=NAME"),
	"collision":         bothWays("--on-data=upsert", "--on-data=truncate"),
	"seed-left":         bothWays("--exclude=TABLE"),
	"trigger":           bothWays("--fire-triggers"),
	"other-application": bothWays("--schema=NAME", "--exclude=TABLE", "--on-existing=drop"),
	"key-missing":       bothWays("--on-existing=drop", "--schema=NAME"),
	"column-missing":    bothWays("--drop-column=COLUMN"),
	"schema-skew":       bothWays("--allow-schema-skew"),
}

// settlers gives the flags that settle a hazard. They come from the table and
// never from the hint, which holds names of the file.
func (r *run) settlers(h Hazard) []string {
	flags := settle[h.Code].create
	if r.into != nil {
		flags = settle[h.Code].home
	}
	out := []string{}
	for _, f := range flags {
		if h.Code == "exists" && f == "--on-existing=drop" && r.keptInPlace() {
			continue
		}
		name, value, _ := strings.Cut(f, "=")
		switch {
		case value == "TABLE":
			f = name + "=" + listed(escapeGlob(h.Table))
		case value == "COLUMN":
			f = name + "=" + listed(h.Table+"."+h.Column)
		case strings.HasPrefix(value, "RULE="):
			f = name + "=" + columnName(h) + strings.TrimPrefix(value, "RULE")
		}
		out = append(out, f)
	}
	return out
}

// keptInPlace tells whether something in the way is of a kind that litehaul does
// not drop.
func (r *run) keptInPlace() bool {
	for _, d := range r.drops {
		if !droppable[d.Kind] {
			return true
		}
	}
	return false
}

// columnName writes a hazard's column as --form and --type take it: names
// with marks of their own stand in double quotes.
func columnName(h Hazard) string { return ruleName(h.Table) + "." + ruleName(h.Column) }

func ruleName(s string) string {
	if strings.ContainsAny(s, `.=;",`) || s == "" {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// listed writes a word as flags take it that split their value at commas, as
// CSV does.
func listed(s string) string {
	if strings.ContainsAny(s, ",\"\r\n") {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// escapeGlob writes a name so that --exclude matches nothing else.
func escapeGlob(s string) string {
	var out strings.Builder
	for _, c := range s {
		if strings.ContainsRune(`*?[\`, c) {
			out.WriteByte('\\')
		}
		out.WriteRune(c)
	}
	return out.String()
}
