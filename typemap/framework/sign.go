package framework

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Sign is something that a framework leaves in the schemas that it makes.
type Sign interface {
	// evidence says in words where the sign stands in a schema, "" where it
	// does not.
	evidence(s *schema.Schema) string
}

// IndexNames is a way to name indexes. Of Named and Like one is set.
type IndexNames struct {
	// Named is a pattern: {table} and {columns} stand for the names, {columns}
	// with Join between them, "_" by default. Indexes over expressions have no
	// such name.
	Named, Join string
	// Like is found in the name; Says describes it.
	Like *regexp.Regexp
	Says string
	// Written, when set, must be found in the statement as well.
	Written *regexp.Regexp
	// Most tells that at least half of the schema's indexes must have such
	// names, because one or two may by chance.
	Most bool
}

// KeyNames is a way to name foreign keys, as IndexNames, with {parent} for the
// table that is referred to.
type KeyNames struct {
	Named string
	Like  *regexp.Regexp
	Says  string
}

// Wording is a way to write CREATE TABLE statements.
type Wording struct {
	Like *regexp.Regexp
	// Says describes it.
	Says string
	// Most tells that at least half of the tables must be written so.
	Most bool
}

// evidence of a bookkeeping table is the table with its columns.
func (b Book) evidence(s *schema.Schema) string {
	if b.table(s) == nil {
		return ""
	}
	var names []string
	for _, c := range columnSpecs(b.Columns) {
		names = append(names, c.name)
	}
	only := ""
	if b.Only {
		only = " and no other"
	}
	word := "column"
	if len(names) > 1 {
		word = "columns"
	}
	return fmt.Sprintf("table %s with %s %s%s", b.Table, word, strings.Join(names, ", "), only)
}

// table finds the bookkeeping table, with its columns, or nil.
func (b Book) table(s *schema.Schema) *schema.Table {
	t := s.Table(b.Table)
	if t == nil {
		return nil
	}
	want := columnSpecs(b.Columns)
	if b.Only && len(t.Columns) != len(want) {
		return nil
	}
	for _, w := range want {
		c := t.Column(w.name)
		if c < 0 || !strings.HasPrefix(declOf(t.Columns[c]), w.decl) {
			return nil
		}
	}
	return t
}

type columnSpec struct{ name, decl string }

// columnSpecs reads "version varchar, inserted_at".
func columnSpecs(list string) (out []columnSpec) {
	for item := range strings.SplitSeq(list, ",") {
		name, decl, _ := strings.Cut(strings.TrimSpace(item), " ")
		if name != "" {
			out = append(out, columnSpec{name, decl})
		}
	}
	return out
}

func (n IndexNames) evidence(s *schema.Schema) string {
	var c counter
	for _, t := range s.Tables {
		for _, ix := range t.Indexes {
			c.add(n.fits(t, ix), ix.Name)
		}
	}
	return c.sentence(n.Most, "index", "indexes", naming(n.Named, n.Says))
}

func (n IndexNames) fits(t *schema.Table, ix *schema.Index) bool {
	if n.Written != nil && !n.Written.MatchString(ix.SQL) {
		return false
	}
	if n.Like != nil {
		return n.Like.MatchString(ix.Name)
	}
	join := n.Join
	if join == "" {
		join = "_"
	}
	var cols []string
	for _, p := range ix.Parts {
		if p.Column < 0 {
			return false
		}
		cols = append(cols, t.Columns[p.Column].Name)
	}
	return expand(n.Named, t.Name, strings.Join(cols, join), "") == ix.Name
}

func (n KeyNames) evidence(s *schema.Schema) string {
	var c counter
	for _, t := range s.Tables {
		for _, fk := range t.ForeignKeys {
			c.add(n.fits(t, fk), fk.Name)
		}
	}
	return c.sentence(false, "foreign key", "foreign keys", naming(n.Named, n.Says))
}

func (n KeyNames) fits(t *schema.Table, fk *schema.ForeignKey) bool {
	if n.Like != nil {
		return n.Like.MatchString(fk.Name)
	}
	var cols []string
	for _, i := range fk.Columns {
		if i < 0 || i >= len(t.Columns) {
			return false
		}
		cols = append(cols, t.Columns[i].Name)
	}
	return expand(n.Named, t.Name, strings.Join(cols, "_"), fk.Parent) == fk.Name
}

func (w Wording) evidence(s *schema.Schema) string {
	var c counter
	for _, t := range s.Tables {
		c.add(w.Like.MatchString(t.SQL), t.Name)
	}
	return c.sentence(w.Most, "table", "tables", w.Says)
}

func expand(pattern, table, columns, parent string) string {
	return strings.NewReplacer("{table}", table, "{columns}", columns, "{parent}", parent).Replace(pattern)
}

func naming(named, says string) string {
	if named == "" {
		return says
	}
	return "named like " + expand(named, "<table>", "<columns>", "<parent>")
}

// counter counts the objects that fit, and keeps the first.
type counter struct {
	fitN, allN int
	first      string
}

func (c *counter) add(fits bool, name string) {
	c.allN++
	if !fits {
		return
	}
	if c.fitN == 0 {
		c.first = name
	}
	c.fitN++
}

func (c *counter) sentence(most bool, one, many, what string) string {
	if c.fitN == 0 || most && 2*c.fitN < c.allN {
		return ""
	}
	if c.allN != 1 {
		one = many
	}
	return fmt.Sprintf("%d of %d %s %s (%s)", c.fitN, c.allN, one, what, c.first)
}
