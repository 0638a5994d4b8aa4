package framework

import (
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Found is a framework that made a schema, or a part of one.
type Found struct {
	Name string
	// Evidence are sentences that say what told it.
	Evidence []string
	Zone     Zone
	// Books, Seeds and Generic are those that the schema has.
	Books   []Book
	Seeds   []Seed
	Generic []GenericKey

	rules *Rules
}

// Findings are all frameworks of a schema, the more special first: an
// application before the library that it is written with.
type Findings []*Found

// Detect tells which frameworks made a schema. It claims one for a proof or
// for two clues, and finds none in most schemas that were written by hand.
func Detect(s *schema.Schema) Findings {
	var out Findings
	for _, r := range registry {
		proofs, clues := r.signs()
		evidence := seen(proofs, s)
		if told := seen(clues, s); len(evidence) > 0 || len(told) >= 2 {
			evidence = append(evidence, told...)
		}
		if len(evidence) > 0 {
			out = append(out, r.found(s, evidence))
		}
	}
	return out
}

// Claim takes a schema for one of a framework's, whatever it looks like: evidence
// says by what. Nil where the framework is not known.
func Claim(s *schema.Schema, name, evidence string) *Found {
	for _, r := range registry {
		if r.Name == name {
			return r.found(s, []string{evidence})
		}
	}
	return nil
}

// signs gives what tells the framework, its tables among it.
func (r *Rules) signs() (proofs, clues []Sign) {
	proofs, clues = r.Proofs, r.Clues
	for _, b := range r.Books {
		switch b.Shows {
		case Proof:
			proofs = append(proofs[:len(proofs):len(proofs)], b)
		case Clue:
			clues = append(clues[:len(clues):len(clues)], b)
		case Nothing:
		}
	}
	return proofs, clues
}

func seen(signs []Sign, s *schema.Schema) (evidence []string) {
	for _, sign := range signs {
		if e := sign.evidence(s); e != "" {
			evidence = append(evidence, e)
		}
	}
	return evidence
}

func (r *Rules) found(s *schema.Schema, evidence []string) *Found {
	f := &Found{Name: r.Name, Evidence: evidence, Zone: r.Zone, rules: r}
	for _, b := range r.Books {
		if b.table(s) != nil {
			f.Books = append(f.Books, b)
		}
	}
	for _, seed := range r.Seeds {
		if seed.in(s) {
			f.Seeds = append(f.Seeds, seed)
		}
	}
	for _, g := range r.Generic {
		f.Generic = append(f.Generic, g.keys(s)...)
	}
	return f
}

// Named gives the framework of this name, or nil.
func (fs Findings) Named(name string) *Found {
	for _, f := range fs {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Leave tells whether a table is bookkeeping of one of the frameworks.
func (fs Findings) Leave(table string) (Book, bool) {
	for _, f := range fs {
		if b, ok := f.Leave(table); ok {
			return b, true
		}
	}
	return Book{}, false
}

// Leave tells whether a table is bookkeeping of the framework, to be left
// alone in a schema that an application made.
func (f *Found) Leave(table string) (Book, bool) {
	for _, b := range f.Books {
		if strings.EqualFold(b.Table, table) {
			return b, true
		}
	}
	return Book{}, false
}

// BookOf tells whether a table, by its name and the names of its columns, is
// bookkeeping of any known framework, and of which: for a target, of which
// there is no SQLite schema. Types of columns are not asked for; where several
// frameworks have the same table, the first that fits is named.
func BookOf(table string, columns []string) (framework string, b Book, ok bool) {
	for _, r := range registry {
		for _, b := range r.Books {
			if b.fitsNames(table, columns) {
				return r.Name, b, true
			}
		}
	}
	return "", Book{}, false
}

func (b Book) fitsNames(table string, columns []string) bool {
	if !strings.EqualFold(b.Table, table) {
		return false
	}
	want := columnSpecs(b.Columns)
	if b.Only && len(columns) != len(want) {
		return false
	}
	for _, w := range want {
		if !containsFold(columns, w.name) {
			return false
		}
	}
	return true
}

func containsFold(list []string, s string) bool {
	for _, x := range list {
		if strings.EqualFold(x, s) {
			return true
		}
	}
	return false
}

// CompareColumns lists the columns of Compare.
func (b Book) CompareColumns() []string {
	var out []string
	for _, c := range columnSpecs(b.Compare) {
		out = append(out, c.name)
	}
	return out
}
