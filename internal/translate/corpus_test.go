package translate_test

import (
	"context"
	"database/sql"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
	"github.com/litehaul/litehaul/internal/translate"
)

// TestCorpus rebuilds every CHECK, default, expression index, partial
// predicate, generated column and view of the corpus, with column types
// guessed from the declared ones. What is rebuilt, Postgres must accept.
func TestCorpus(t *testing.T) {
	t.Parallel()
	c := corpus{t: t, reasons: map[string]int{}}
	dir := sharedtest.Dir(t, "corpus")
	c.pg = pgtest.Connect(t, pgtest.Start(t).Database(t))
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !isDatabase(path) {
			return err
		}
		c.file(path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if c.done == 0 {
		t.Error("nothing was rebuilt")
	}
	t.Logf("%d of %d rebuilt", c.done, c.done+c.left)
	var list []string
	for r := range c.reasons {
		list = append(list, r)
	}
	sort.Slice(list, func(i, j int) bool { return c.reasons[list[i]] > c.reasons[list[j]] })
	for _, r := range list {
		t.Logf("%4d %s", c.reasons[r], r)
	}
}

type corpus struct {
	t          *testing.T
	pg         *pgx.Conn
	name       string
	tables     catalog
	done, left int
	reasons    map[string]int
}

func isDatabase(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, 16)
	_, err = f.Read(head)
	return err == nil && string(head) == "SQLite format 3\x00"
}

// file rebuilds the objects of one database, read without touching it.
func (c *corpus) file(path string) {
	db, err := sql.Open("sqlite", "file:"+url.PathEscape(path)+"?immutable=1&mode=ro")
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rs, err := db.QueryContext(c.t.Context(), "SELECT type, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type = 'view', type = 'index', rowid")
	if err != nil {
		return // broken and encrypted files have nothing to rebuild
	}
	defer func() { _ = rs.Close() }()
	tx, err := c.pg.Begin(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	c.name, c.tables = filepath.Base(filepath.Dir(path)), nil
	var waiting []string
	for rs.Next() {
		var typ, text string
		if rs.Scan(&typ, &text) != nil {
			continue
		}
		switch typ {
		case "table":
			c.table(tx, text)
		case "index":
			c.index(tx, text)
		case "view":
			waiting = append(waiting, text)
		}
	}
	c.views(tx, waiting)
}

// views rebuilds views; one may come before those that it reads.
func (c *corpus) views(tx pgx.Tx, waiting []string) {
	for range 3 {
		var again []string
		for _, text := range waiting {
			v, err := syntax.ParseCreateView(text)
			if err != nil {
				c.t.Errorf("%s: %v", c.name, err)
				continue
			}
			if !c.view(tx, v) {
				again = append(again, text)
			}
		}
		waiting = again
	}
	for _, text := range waiting {
		if v, err := syntax.ParseCreateView(text); err == nil {
			_, err := translate.CreateView(v, c.tables)
			c.note("view", err)
		}
	}
}

func (c *corpus) view(tx pgx.Tx, v *syntax.CreateView) bool {
	r, err := translate.CreateView(v, c.tables)
	if refused(c.t, c.name, err) {
		return false
	}
	c.done++
	c.try(tx, "CREATE VIEW "+pgx.Identifier{v.Name}.Sanitize()+" AS "+r.SQL)
	c.tables = append(c.tables, r.Relation(v.Name, "", v.Name))
	return true
}

// note counts why something was left out.
func (c *corpus) note(what string, err error) {
	if !refused(c.t, c.name, err) {
		c.done++
		return
	}
	c.left++
	c.reasons[what+": "+err.Error()+" ("+c.name+")"]++
}

// try runs a statement within a savepoint; Postgres must accept it.
func (c *corpus) try(tx pgx.Tx, text string) bool {
	c.t.Helper()
	sub, err := tx.Begin(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := sub.Exec(c.t.Context(), text); err != nil {
		c.t.Errorf("%s: %v\n\t%s", c.name, err, text)
		_ = sub.Rollback(c.t.Context())
		return false
	}
	if err := sub.Commit(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	return true
}

// guess gives a Postgres type for a declared one.
func guess(decl string) (sqltype.Type, schema.Affinity) {
	d := strings.ToUpper(decl)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(d, w) {
				return true
			}
		}
		return false
	}
	switch {
	case d == "INTEGER_OR_TEXT":
		return kind(sqltype.Text), schema.AffInteger
	case has("INT"):
		return kind(sqltype.Int8), schema.AffInteger
	case has("CHAR", "CLOB", "TEXT"):
		return kind(sqltype.Text), schema.AffText
	case has("BLOB"), d == "":
		return kind(sqltype.Bytea), schema.AffBlob
	case has("REAL", "FLOA", "DOUB"):
		return kind(sqltype.Float8), schema.AffReal
	case has("BOOL"):
		return kind(sqltype.Bool), schema.AffNumeric
	case has("DATETIME", "TIMESTAMP"):
		return kind(sqltype.Timestamp), schema.AffNumeric
	case has("DATE"):
		return kind(sqltype.Date), schema.AffNumeric
	}
	return kind(sqltype.Numeric), schema.AffNumeric
}

// table makes a table and tries its checks, defaults and generators.
func (c *corpus) table(tx pgx.Tx, text string) {
	ct, err := syntax.ParseCreateTable(text)
	if err != nil {
		return // virtual tables; the parser has its own tests
	}
	rel := &translate.Relation{Name: ct.Name, Target: ct.Name, Key: keyOf(ct)}
	var ddl []string
	for _, d := range ct.Columns {
		typ, aff := guess(d.Type)
		col := translate.Column{Name: d.Name, Target: d.Name, Type: typ, Affinity: aff}
		for _, k := range d.Constraints {
			col.NoCase = col.NoCase || k.Kind == syntax.CollateWith && strings.EqualFold(k.Text, "nocase")
			if k.Kind == syntax.PrimaryKey && strings.EqualFold(d.Type, "integer") {
				rel.RowidAlias = d.Name
			}
		}
		rel.Columns = append(rel.Columns, col)
		ddl = append(ddl, pgx.Identifier{d.Name}.Sanitize()+" "+typ.SQL())
	}
	if rel.Key != nil {
		ddl = append(ddl, "PRIMARY KEY ("+strings.Join(sanitized(rel.Key), ", ")+")")
	}
	target := pgx.Identifier{ct.Name}.Sanitize()
	if !c.try(tx, "CREATE TABLE "+target+" ("+strings.Join(ddl, ", ")+")") {
		return
	}
	c.tables = append(c.tables, rel)
	for i, d := range ct.Columns {
		for _, k := range d.Constraints {
			c.constraint(tx, rel, rel.Columns[i], k)
		}
	}
	for _, k := range ct.Constraints {
		if k.Kind == syntax.Check {
			c.check(tx, rel, k.X)
		}
	}
}

// keyOf gives the columns of a primary key, nil for none.
func keyOf(ct *syntax.CreateTable) []string {
	for _, d := range ct.Columns {
		for _, k := range d.Constraints {
			if k.Kind == syntax.PrimaryKey {
				return []string{d.Name}
			}
		}
	}
	var key []string
	for _, k := range ct.Constraints {
		if k.Kind != syntax.PrimaryKey {
			continue
		}
		for _, o := range k.Columns {
			n, ok := o.X.(*syntax.Name)
			if !ok {
				return nil
			}
			key = append(key, n.Column)
		}
	}
	return key
}

func sanitized(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = pgx.Identifier{n}.Sanitize()
	}
	return out
}

func (c *corpus) constraint(tx pgx.Tx, rel *translate.Relation, col translate.Column, k syntax.ColumnConstraint) {
	alter := "ALTER TABLE " + pgx.Identifier{rel.Target}.Sanitize()
	switch k.Kind {
	case syntax.Check:
		c.check(tx, rel, k.X)
	case syntax.Default:
		text, err := translate.Default(k.X, col.Type)
		c.note("default", err)
		if err == nil {
			c.try(tx, alter+" ALTER "+pgx.Identifier{col.Target}.Sanitize()+" SET DEFAULT "+text)
		}
	case syntax.Generated:
		r, err := translate.Expr(k.X, rel, translate.Want{Context: translate.Generated, Type: col.Type})
		c.note("generated", err)
		if err == nil {
			c.try(tx, alter+" ADD generated_column "+col.Type.SQL()+" GENERATED ALWAYS AS ("+r.SQL+") STORED")
			c.try(tx, alter+" DROP generated_column")
		}
	}
}

func (c *corpus) check(tx pgx.Tx, rel *translate.Relation, x syntax.Expr) {
	r, err := translate.Expr(x, rel, translate.Want{Context: translate.Check})
	c.note("check", err)
	if err == nil {
		c.try(tx, "ALTER TABLE "+pgx.Identifier{rel.Target}.Sanitize()+" ADD CHECK ("+r.SQL+")")
	}
}

// index tries expression terms and predicates.
func (c *corpus) index(tx pgx.Tx, text string) {
	ci, err := syntax.ParseCreateIndex(text)
	if err != nil {
		return
	}
	rel, ok := c.tables.Relation(ci.Table)
	if !ok {
		return
	}
	on := "CREATE INDEX ON " + pgx.Identifier{rel.Target}.Sanitize()
	for _, o := range ci.Columns {
		if _, plain := o.X.(*syntax.Name); plain {
			continue
		}
		r, err := translate.Expr(o.X, rel, translate.Want{Context: translate.UniqueIndex})
		c.note("index", err)
		if err == nil {
			c.try(tx, on+" ("+r.SQL+")")
		}
	}
	if ci.Where != nil {
		r, err := translate.Expr(ci.Where, rel, translate.Want{Context: translate.Predicate})
		c.note("predicate", err)
		if err == nil {
			c.try(tx, on+" ((1)) WHERE "+r.SQL)
		}
	}
}
