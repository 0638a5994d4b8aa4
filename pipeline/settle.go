package pipeline

import "strings"

// settlers gives the flags of migrate any of which settles a hazard, the one
// that changes least first; none where the user must act elsewhere: on the rows,
// on the target, as another role. FORM and NAME stand for what only the user
// knows.
func (r *run) settlers(h Hazard) []string {
	home := r.into != nil
	switch h.Code {
	case "damaged", "damaged-schema":
		return []string{"--skip-damaged"}
	case "invalid-text":
		if home {
			return []string{"--invalid-text=replace", "--invalid-text=reject"}
		}
		return []string{"--invalid-text=bytea", "--invalid-text=replace", "--invalid-text=reject"}
	case "orphans":
		if home {
			return nil
		}
		return []string{"--orphans=not-valid", "--orphans=skip-fk"}
	case "bad-key":
		if home {
			return nil
		}
		return []string{"--bad-keys=relax"}
	case "misfit":
		if home {
			return []string{"--form=" + columnName(h) + "=FORM", "--drop-column=" + listed(h.Table+"."+h.Column)}
		}
		return []string{"--type=" + columnName(h) + "=TYPE"}
	case "too-many-columns", "too-large", "target-kind", "rule":
		return []string{"--exclude=" + listed(escapeGlob(h.Table))}
	case "no-citext":
		return []string{"--nocase=lower"}
	case "exists":
		return r.settleExists()
	case "rows-exist":
		return []string{"--on-data=truncate", "--on-existing=drop", "--schema=NAME"}
	case "key-missing":
		return []string{"--on-existing=drop", "--schema=NAME"}
	case "column-missing":
		return []string{"--drop-column=" + listed(h.Table+"."+h.Column)}
	case "schema-skew":
		return []string{"--allow-schema-skew"}
	}
	return nil
}

// settleExists leaves out to drop what litehaul does not drop.
func (r *run) settleExists() []string {
	for _, d := range r.drops {
		if !droppable[d.Kind] {
			return []string{"--schema=NAME"}
		}
	}
	return []string{"--schema=NAME", "--on-existing=drop"}
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
