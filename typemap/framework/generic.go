package framework

import (
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// GenericKey is a pair of columns that refers to a row of any table: Type to
// the row of Parent that names the table, Object to the row's key.
type GenericKey struct {
	Table        *schema.Table
	Type, Object int // columns of Table
	Parent       string
	// Target names the table that a row of Parent stands for, see Generic.
	Target string
}

// keys finds the pairs in a schema: a foreign key to the table of names, and
// beside it a column named alike.
func (g Generic) keys(s *schema.Schema) (out []GenericKey) {
	for _, t := range s.Tables {
		for _, fk := range t.ForeignKeys {
			if !strings.EqualFold(fk.Parent, g.Parent) || len(fk.Columns) != 1 || fk.Columns[0] < 0 {
				continue
			}
			before, ok := strings.CutSuffix(t.Columns[fk.Columns[0]].Name, g.Type)
			if !ok {
				continue
			}
			for _, o := range g.Object {
				if c := t.Column(before + o); c >= 0 {
					out = append(out, GenericKey{t, fk.Columns[0], c, g.Parent, g.Target})
					break
				}
			}
		}
	}
	return out
}

// in tells whether a schema has the seeded table, with its natural key, which
// must be unique there.
func (seed Seed) in(s *schema.Schema) bool {
	t := s.Table(seed.Table)
	if t == nil {
		return false
	}
	key := make(map[int]bool, len(seed.Key))
	for _, k := range seed.Key {
		c := t.Column(k.Column)
		if c < 0 || k.Via != "" && s.Table(k.Via) == nil {
			return false
		}
		key[c] = true
	}
	return unique(t, key)
}

// unique tells whether a primary key, a UNIQUE or a unique index of t is over
// exactly these columns.
func unique(t *schema.Table, columns map[int]bool) bool {
	keys := t.Uniques
	if t.PrimaryKey != nil {
		keys = append(keys[:len(keys):len(keys)], t.PrimaryKey)
	}
	for _, k := range keys {
		n := 0
		for _, p := range k.Parts {
			if columns[p.Column] {
				n++
			}
		}
		if n == len(columns) && len(k.Parts) == n {
			return true
		}
	}
	for _, ix := range t.Indexes {
		n := 0
		for _, p := range ix.Parts {
			if p.Column >= 0 && columns[p.Column] {
				n++
			}
		}
		if ix.Unique && ix.WhereSQL == "" && n == len(columns) && len(ix.Parts) == n {
			return true
		}
	}
	return false
}
