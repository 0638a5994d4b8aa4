package sample

import (
	"errors"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// relation writes the SQL that speaks of one table. Its rows are known by their
// rowids; those of a WITHOUT ROWID table are numbered, in the order of its tree, by a
// table of the scratch database.
type relation struct {
	n     int
	src   *schema.Table
	rowid string   // an expression for it, "" where rows are numbered
	key   []string // of a WITHOUT ROWID table: its primary key's columns, quoted
	scan  string   // names the table, as s, so that its own tree is read
}

func newRelation(x *sqlite.Scratch, n int, src *schema.Table) (*relation, error) {
	u := sqlite.TableUnit(src)
	r := &relation{n: n, src: src, rowid: u.RowidName()}
	if r.rowid == "" && !src.WithoutRowid {
		return nil, &UnnamedError{Table: src.Name}
	}
	if src.WithoutRowid {
		for _, part := range src.PrimaryKey.Parts {
			r.key = append(r.key, r.column(part.Column))
		}
	}
	var err error
	r.scan, err = x.Source(u, "s")
	return r, err
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func (r *relation) name() string { return "main." + quote(r.src.Name) }

func (r *relation) column(i int) string { return quote(r.src.Columns[i].Name) }

// numbers names the table that numbers the rows.
func (r *relation) numbers() string { return fmt.Sprintf("temp.number_%d", r.n) }

// number numbers the rows of a WITHOUT ROWID table, from 1 on.
func (r *relation) number(x *sqlite.Scratch) error {
	if r.rowid != "" {
		return nil
	}
	cols, from := make([]string, len(r.key)), make([]string, len(r.key))
	for i := range r.key {
		cols[i], from[i] = fmt.Sprintf("k%d", i), "s."+r.key[i]
	}
	list := strings.Join(cols, ", ")
	// Columns without a type keep each value as it is.
	err := x.Exec(fmt.Sprintf("CREATE TABLE %s(n INTEGER PRIMARY KEY, %s, UNIQUE (%s))", r.numbers(), list, list))
	if err != nil {
		return err
	}
	return x.Exec(fmt.Sprintf("INSERT INTO %s(%s) SELECT %s FROM %s", r.numbers(), list, strings.Join(from, ", "), r.scan))
}

// id is an expression for the number of the row that an alias stands for.
func (r *relation) id(alias string) string {
	if r.rowid != "" {
		return alias + "." + r.rowid
	}
	return fmt.Sprintf("(SELECT n FROM %s WHERE %s)", r.numbers(), r.matches(alias, ""))
}

// matches is the condition that a row of the numbers' table, under alias of, has the key
// of the row of the table under alias. Without of, the number is looked up by the
// key, and with it the key by the number.
func (r *relation) matches(alias, of string) string {
	if of != "" {
		of += "."
	}
	parts := make([]string, len(r.key))
	for i, k := range r.key {
		if of == "" {
			// The index of the numbers serves where no affinity asks for a conversion.
			parts[i] = fmt.Sprintf("k%d = +%s.%s", i, alias, k)
		} else {
			parts[i] = fmt.Sprintf("%s.%s = %sk%d", alias, k, of, i) // by that of the table
		}
	}
	return strings.Join(parts, " AND ")
}

// ofSet names the rows of a set, under alias, for a FROM: the set first, then the table.
func (r *relation) ofSet(set, alias string) string {
	in := fmt.Sprintf("(SELECT id FROM temp.%s WHERE t = %d) AS z", set, r.n)
	if r.rowid != "" {
		return fmt.Sprintf("%s CROSS JOIN %s AS %s ON %s.%s = z.id", in, r.name(), alias, alias, r.rowid)
	}
	return fmt.Sprintf("%s CROSS JOIN %s AS i ON i.n = z.id CROSS JOIN %s AS %s ON %s", in, r.numbers(), r.name(), alias, r.matches(alias, "i"))
}

// without is the condition that the row under alias is not in a set.
func (r *relation) without(set, alias string) string {
	return fmt.Sprintf("NOT EXISTS (SELECT 1 FROM temp.%s AS w WHERE w.t = %d AND w.id = %s)", set, r.n, r.id(alias))
}

// errRandom refuses a condition that is true of other rows each time.
var errRandom = errors.New("its result is another one each time; use --subset for a sample")

// check makes sure that a condition is one expression about the table which SQLite
// understands, and that it says the same each time.
func (r *relation) check(x *sqlite.Scratch, condition string) error {
	tree, err := syntax.ParseExpr(condition)
	if err != nil {
		return err
	}
	syntax.Walk(tree, func(e syntax.Expr) bool {
		switch e := e.(type) {
		case *syntax.Bind:
			err = fmt.Errorf("there is nothing to put in for %s", e.Text)
		case *syntax.Call:
			if e.Name == "random" || e.Name == "randomblob" {
				err = fmt.Errorf("%s(): %w", e.Name, errRandom)
			}
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	return x.Compiles("SELECT 1 FROM " + r.name() + " WHERE " + met(condition))
}

// met writes the condition as one operand. The line feed ends a comment in it.
func met(condition string) string { return "(" + condition + "\n)" }

// references is the condition that the row of the child under alias c references
// the row of the parent under alias p. It is that of SQLite's foreign keys: the
// parent's collation and affinity count, and + takes the child's own away
// ("Foreign Key Support", section 3).
func (c *chooser) references(k *Reference) string {
	child, parent := c.tables[k.Child], c.tables[k.Parent]
	parts := make([]string, len(k.ParentColumns))
	for i, col := range k.ParentColumns {
		parts[i] = fmt.Sprintf("p.%s = +c.%s", parent.column(col), child.column(k.Key.Columns[i]))
	}
	return strings.Join(parts, " AND ")
}
