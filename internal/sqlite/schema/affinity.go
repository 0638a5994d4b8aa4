package schema

import "strings"

// AffinityOf gives the affinity of a declared type by SQLite's five rules, in
// their order ("Datatypes in SQLite", section 3.1). Only ASCII letters fold.
// ANY of a STRICT table, which has no affinity, is the caller's to know.
func AffinityOf(decl string) Affinity {
	b := []byte(decl)
	for i := range b {
		b[i] = lower(b[i])
	}
	d := string(b)
	has := func(s string) bool { return strings.Contains(d, s) }
	switch {
	case has("int"):
		return AffInteger
	case has("char"), has("clob"), has("text"):
		return AffText
	case d == "", has("blob"):
		return AffBlob
	case has("real"), has("floa"), has("doub"):
		return AffReal
	}
	return AffNumeric
}
