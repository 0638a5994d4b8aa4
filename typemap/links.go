package typemap

import "github.com/litehaul/litehaul/internal/sqlite/schema"

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

// linkProbes gives both sides of a foreign key the probes of the other: they
// get one type in the end. A chain of keys needs as many rounds as it is long.
func linkProbes(s *schema.Schema, probes map[*schema.Table][]Probe) {
	links := Links(s)
	for changed := true; changed; {
		changed = false
		for _, l := range links {
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
