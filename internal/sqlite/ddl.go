package sqlite

import (
	"slices"

	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// addDDL adds to a table what only its CREATE TABLE tells: checks, expressions
// of generated columns, names of constraints, deferrability.
func (in *introspection) addDDL(t *schema.Table) {
	tree, err := syntax.ParseCreateTable(t.SQL)
	if err != nil {
		in.note("table", t.Name, t.SQL, err)
		return
	}
	var refs []reference
	for i := range tree.Columns {
		def := &tree.Columns[i]
		col := t.Column(def.Name)
		if col < 0 {
			continue
		}
		for j := range def.Constraints {
			k := &def.Constraints[j]
			if k.Kind == syntax.References {
				refs = append(refs, reference{name: k.Name, columns: []int{col}, fk: k.FK})
				continue
			}
			addColumnConstraint(t, col, k)
		}
	}
	for i := range tree.Constraints {
		k := &tree.Constraints[i]
		switch k.Kind {
		case syntax.Check:
			t.Checks = append(t.Checks, &schema.Check{Name: k.Name, X: k.X, SQL: k.Text})
		case syntax.PrimaryKey, syntax.Unique:
			nameKey(t, k.Kind, k.Name, columnsOfTerms(t, k.Columns))
		case syntax.References:
			refs = append(refs, reference{name: k.Name, columns: indexesOf(t, k.FK), fk: k.FK})
		}
	}
	addReferences(t, refs)
}

func addColumnConstraint(t *schema.Table, col int, k *syntax.ColumnConstraint) {
	switch k.Kind {
	case syntax.Check:
		t.Checks = append(t.Checks, &schema.Check{Name: k.Name, X: k.X, SQL: k.Text})
	case syntax.Generated:
		t.Columns[col].Generator, t.Columns[col].GenSQL = k.X, k.Text
	case syntax.PrimaryKey, syntax.Unique:
		nameKey(t, k.Kind, k.Name, []int{col})
	}
}

// nameKey gives a constraint's name to the key on the same columns.
func nameKey(t *schema.Table, kind syntax.ConstraintKind, name string, columns []int) {
	if name == "" {
		return
	}
	keys := t.Uniques
	if kind == syntax.PrimaryKey && t.PrimaryKey != nil {
		keys = []*schema.Key{t.PrimaryKey}
	}
	for _, k := range keys {
		if k.Name == "" && slices.EqualFunc(k.Parts, columns, func(p schema.KeyPart, c int) bool { return p.Column == c }) {
			k.Name = name
			return
		}
	}
}

// columnsOfTerms finds the columns of a key's terms, -1 for what is none.
func columnsOfTerms(t *schema.Table, terms []syntax.Ordering) []int {
	cols := make([]int, 0, len(terms))
	for _, o := range terms {
		x := o.X
		if c, ok := x.(*syntax.Collate); ok {
			x = c.X
		}
		col := -1
		switch x := x.(type) {
		case *syntax.Name:
			col = t.Column(x.Column)
		case *syntax.Literal: // PRIMARY KEY('id')
			col = t.Column(x.Text)
		}
		cols = append(cols, col)
	}
	return cols
}

// reference is a foreign key as the DDL has it.
type reference struct {
	fk      *syntax.ForeignKey
	name    string
	columns []int
}

func indexesOf(t *schema.Table, fk *syntax.ForeignKey) []int {
	cols := make([]int, 0, len(fk.Columns))
	for _, name := range fk.Columns {
		cols = append(cols, t.Column(name))
	}
	return cols
}

// addReferences lends names and deferrability to the foreign keys. Both lists
// are in the order of declaration.
func addReferences(t *schema.Table, refs []reference) {
	if len(refs) != len(t.ForeignKeys) {
		return
	}
	for i, fk := range t.ForeignKeys {
		r := refs[i]
		if !slices.Equal(r.columns, fk.Columns) {
			continue
		}
		fk.Name, fk.Deferrable, fk.InitiallyDeferred = r.name, r.fk.Deferrable, r.fk.InitiallyDeferred
	}
}
