package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"github.com/litehaul/litehaul/internal/planfile"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// hashDigits is how many digits of a definition's hash a plan shows: enough to
// tell two definitions apart, short enough to compare by eye.
const hashDigits = 16

// shortHash gives the hash of what write writes.
func shortHash(write func(w io.Writer)) string {
	h := sha256.New()
	write(h)
	return hex.EncodeToString(h.Sum(nil))[:hashDigits]
}

// put writes texts so that two lists of them never look alike.
func put(w io.Writer, parts ...string) {
	for _, s := range parts {
		_, _ = fmt.Fprintf(w, "%d:%s;", len(s), s) // a hash never fails
	}
}

// makesTables tells whether the run makes its tables, as far as is known: of a
// plan that is followed before the target is looked at.
func (r *run) makesTables() bool {
	if r.cfg.Plan != nil {
		return r.cfg.Plan.Into == planfile.Create
	}
	return r.into == nil
}

// tableHash is that of a table's definition in the source, with its indexes
// where the run makes them.
func (r *run) tableHash(t *schema.Table) string {
	return shortHash(func(w io.Writer) {
		put(w, t.SQL)
		if !r.makesTables() {
			return
		}
		texts := make([]string, len(t.Indexes))
		for i, x := range t.Indexes {
			texts[i] = x.SQL
		}
		slices.Sort(texts)
		put(w, texts...)
	})
}

// sourceHash is that of all tables, and of the views where the run makes them.
func (r *run) sourceHash() string {
	return shortHash(func(w io.Writer) {
		for _, t := range r.all {
			put(w, t.Name, r.tableHash(t))
		}
		if r.makesTables() {
			for _, v := range r.schema.Views {
				put(w, v.Name, v.SQL)
			}
		}
	})
}

// homeHash is that of what a load depends on in a table of the target: columns,
// what holds rows apart, and foreign keys.
func homeHash(rel *catalog.Relation) string {
	return shortHash(func(w io.Writer) {
		put(w, rel.Kind.String())
		for _, c := range rel.Columns {
			put(w, c.Name, c.Type.Text, fmt.Sprint(c.NotNull, c.Identity, c.Generated), c.Default, c.Expression)
			put(w, c.Type.Plain().Labels...)
		}
		for _, x := range rel.Uniques() {
			put(w, x.Def)
		}
		for _, c := range rel.Checks {
			put(w, c.Def)
		}
		for _, fk := range rel.ForeignKeys {
			put(w, fk.Def)
		}
	})
}
