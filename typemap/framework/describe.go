package framework

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// Description says in words what a framework means by some columns, for the
// documentation.
type Description struct {
	Framework string
	// Decl lists the declared types in lower case, "" for any; Where says which
	// of their columns are meant, "" for all.
	Decl  []string
	Where string
	// Type is what they become, Why the framework's reason.
	Type, Why string
	// Empty tells that a column without values becomes it too.
	Empty bool
}

// Describe lists what all frameworks say about columns.
func Describe() (out []Description) {
	for _, r := range registry {
		for i := range r.Columns {
			c := &r.Columns[i]
			d := Description{
				Framework: r.Name, Where: c.where(), Why: c.Why, Empty: c.Declared,
				Type: sqltype.Type{Kind: c.Type}.SQL(),
			}
			if c.Decl != "" {
				d.Decl = strings.Split(c.Decl, "|")
			}
			out = append(out, d)
		}
	}
	return out
}

// where says in words what conditions a rule has beside the declared type.
func (r *Column) where() string {
	var parts []string
	if r.Table != nil {
		parts = append(parts, "in its tables")
	}
	if r.Key {
		parts = append(parts, "primary key")
	}
	if r.Name != nil {
		parts = append(parts, "by name")
	}
	if r.Default != nil {
		parts = append(parts, "by default")
	}
	if r.Strict {
		parts = append(parts, "strictly")
	}
	return strings.Join(parts, ", ")
}
