package typemap

import (
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// Probes gives the candidate forms that each column of each table is tried
// against: those that its declaration, a json_valid check, its name or the
// columns that it references hint at, and those of a user's rule.
func Probes(s *schema.Schema, rules Rules) map[*schema.Table][]Probe {
	out := make(map[*schema.Table][]Probe, len(s.Tables))
	for _, t := range s.Tables {
		p := make([]Probe, len(t.Columns))
		json := checkedJSON(t)
		for i, c := range t.Columns {
			p[i] = declaredProbes(c)
			if json[i] {
				p[i] |= ProbeJSON | ProbeBlobText
			}
			if r, ok := rules.Lookup(t.Name, c.Name); ok {
				p[i] |= r.probes()
			}
		}
		out[t] = p
	}
	linkProbes(s, out)
	return out
}

func declaredProbes(c *schema.Column) Probe {
	d := ParseDeclared(c.DeclType, c.Affinity)
	var p Probe
	switch d.Family {
	case FamilyBool:
		p = ProbeBool
	case FamilyDecimal:
		p = ProbeDecimal
	case FamilyChar:
		p = ProbeBlobText
		if d.A > 0 {
			p |= ProbeLength
		}
	case FamilyText:
		p = ProbeBlobText
	case FamilyUUID:
		p = ProbeUUID
	case FamilyJSON:
		p = ProbeJSON | ProbeBlobText
	case FamilyDate, FamilyTimestamp, FamilyTimestampTZ:
		p = ProbeTimestamp
	case FamilyTime:
		p = ProbeTime | ProbeTimestamp
	}
	if hintsUUID(c, d) {
		p |= ProbeUUID
	}
	return p
}

// oddClasses gives the storage classes that a declared type does not expect,
// as bits: the first such value is the example of a mixed column.
func oddClasses(c *schema.Column) uint8 {
	const i, r, t, b = 1 << row.Integer, 1 << row.Real, 1 << row.Text, 1 << row.Blob
	switch ParseDeclared(c.DeclType, c.Affinity).Family {
	case FamilyBool, FamilyInt2, FamilyInt4, FamilyInt8:
		return r | t | b
	case FamilyFloat, FamilyDecimal:
		return t | b
	case FamilyText, FamilyChar, FamilyTime:
		return i | r | b
	case FamilyUUID:
		return i | r
	case FamilyDate, FamilyTimestamp, FamilyTimestampTZ:
		return b
	case FamilyBlob:
		return i | r | t
	}
	return 0
}

// hintsUUID tells whether a declaration leaves room for UUIDs: a length that
// fits one of their forms, or a name that says so.
func hintsUUID(c *schema.Column, d Declared) bool {
	switch d.Family {
	case FamilyChar:
		if d.A == 36 || d.A == 32 || d.A == 38 {
			return true
		}
	case FamilyBlob:
		if d.A == 16 {
			return true
		}
	case FamilyText, FamilyNone:
	default:
		return false
	}
	return namesUUID(c.Name)
}

// namesUUID finds the words uuid and guid in a column's name.
func namesUUID(name string) bool {
	n := strings.ToLower(name)
	return strings.Contains(n, "uuid") || strings.Contains(n, "guid")
}

// checkedJSON finds the columns that a CHECK (json_valid(column)) guards,
// alone or in an OR with a test for NULL, as Django, Rails and others write.
func checkedJSON(t *schema.Table) map[int]bool {
	out := map[int]bool{}
	for _, c := range t.Checks {
		if col, ok := JSONCheck(t, c.X); ok {
			out[col] = true
		}
	}
	return out
}

// JSONCheck tells whether x only says that one column of t holds valid JSON
// (or NULL), and which.
func JSONCheck(t *schema.Table, x syntax.Expr) (column int, ok bool) {
	switch e := x.(type) {
	case *syntax.Call:
		if e.Name == "json_valid" && len(e.Args) > 0 {
			if n, ok := e.Args[0].(*syntax.Name); ok {
				col := t.Column(n.Column)
				return col, col >= 0
			}
		}
	case *syntax.Binary:
		switch e.Op {
		case "OR":
			if col, ok := JSONCheck(t, e.L); ok && isNullTest(t, e.R, col) {
				return col, true
			}
			if col, ok := JSONCheck(t, e.R); ok && isNullTest(t, e.L, col) {
				return col, true
			}
		case "=":
			if lit, ok := e.R.(*syntax.Literal); ok && (lit.Kind == syntax.LitTrue || lit.Text == "1") {
				return JSONCheck(t, e.L)
			}
		}
	}
	return -1, false
}

func isNullTest(t *schema.Table, x syntax.Expr, col int) bool {
	is, ok := x.(*syntax.Is)
	if !ok || is.Not {
		return false
	}
	n, ok := is.L.(*syntax.Name)
	if !ok || t.Column(n.Column) != col {
		return false
	}
	lit, ok := is.R.(*syntax.Literal)
	return ok && lit.Kind == syntax.LitNull
}

// linkProbes gives both sides of a foreign key the probes of the other: they
// get one type in the end.
func linkProbes(s *schema.Schema, probes map[*schema.Table][]Probe) {
	for changed, rounds := true, 0; changed && rounds < len(s.Tables)+1; rounds++ {
		changed = false
		for _, l := range Links(s) {
			a, b := &probes[l.Child][l.ChildColumn], &probes[l.Parent][l.ParentColumn]
			union := *a | *b
			if l.Parent.Columns[l.ParentColumn].Affinity == schema.AffInteger {
				union |= ProbeInt
			}
			if *a != union || *b != union {
				*a, *b, changed = union, union, true
			}
		}
	}
}

// Link is one column pair of a foreign key whose parent exists.
type Link struct {
	Child, Parent             *schema.Table
	ChildColumn, ParentColumn int
}

// Links lists the column pairs of all foreign keys that resolve.
func Links(s *schema.Schema) []Link {
	var out []Link
	for _, t := range s.Tables {
		for _, fk := range t.ForeignKeys {
			parent, cols := ResolveParent(s, fk)
			if parent == nil || len(cols) != len(fk.Columns) {
				continue
			}
			for i, c := range fk.Columns {
				out = append(out, Link{t, parent, c, cols[i]})
			}
		}
	}
	return out
}

// ResolveParent finds the parent table of a foreign key and the columns that
// it references, the parent's primary key where none are named. The table is
// nil when it does not exist; cols is nil when a column does not, or when
// there is no primary key to take.
func ResolveParent(s *schema.Schema, fk *schema.ForeignKey) (parent *schema.Table, cols []int) {
	parent = s.Table(fk.Parent)
	if parent == nil {
		return nil, nil
	}
	if len(fk.ParentColumns) == 0 {
		if parent.PrimaryKey == nil {
			return parent, nil
		}
		for _, p := range parent.PrimaryKey.Parts {
			cols = append(cols, p.Column)
		}
		return parent, cols
	}
	for _, name := range fk.ParentColumns {
		c := parent.Column(name)
		if c < 0 {
			return parent, nil
		}
		cols = append(cols, c)
	}
	return parent, cols
}
