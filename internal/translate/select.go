package translate

import (
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// View is a rebuilt SELECT.
type View struct {
	SQL string
	// Columns are what the view gives to those who read it; Target is the
	// name in Postgres, which differs from Name where Renamed says so.
	Columns []Column
	// Renamed lists the names that were changed, because Postgres refuses two
	// columns of one name: "name" and "name:1", as SQLite shows them.
	Renamed []string
}

// Relation makes the view readable for later views.
func (v View) Relation(name, schema, target string) *Relation {
	return &Relation{Name: name, Schema: schema, Target: target, Columns: v.Columns}
}

// Select rebuilds a SELECT over the relations of a catalog.
func Select(s *syntax.Select, cat Catalog) (View, error) {
	return selectView(s, nil, cat)
}

// CreateView rebuilds the SELECT of a view, with the view's own column names.
func CreateView(v *syntax.CreateView, cat Catalog) (View, error) {
	return selectView(v.Select, v.Columns, cat)
}

func selectView(s *syntax.Select, names []string, cat Catalog) (View, error) {
	b := newBuilder(view, cat)
	q, err := b.query(s, names)
	if err != nil {
		return View{}, err
	}
	v := View{SQL: q.sql, Columns: q.columns}
	for i, c := range q.columns {
		if c.Target != q.wanted[i] {
			v.Renamed = append(v.Renamed, oneLine(q.wanted[i]))
		}
	}
	return v, nil
}

// query is a rebuilt SELECT: its text and what it gives.
type query struct {
	sql     string
	columns []Column
	terms   []term
	wanted  []string // names before duplicates were told apart
	// single tells that it cannot give more than one row.
	single bool
}

// arm is one SELECT of a compound, before its columns have their final types.
type arm struct {
	terms []term
	names []string
	head  string   // "SELECT " or "SELECT DISTINCT "
	rest  string   // from FROM on
	frame *frame   // to resolve ORDER BY, nil for VALUES
	rows  [][]term // VALUES
	core  *syntax.SelectCore
}

// query rebuilds a SELECT in the current frame, which becomes the outer one.
func (b *builder) query(s *syntax.Select, names []string) (query, error) {
	leave, err := b.enter()
	if err != nil {
		return query{}, err
	}
	defer leave()
	if s == nil || len(s.Cores) == 0 {
		return query{}, unsupported("SELECT", "it is empty", "")
	}
	ctes, later := len(b.ctes), b.later
	defer func() { b.ctes, b.later = b.ctes[:ctes], later }()
	with, err := b.with(s)
	if err != nil {
		return query{}, err
	}
	arms := make([]*arm, len(s.Cores))
	for i := range s.Cores {
		if arms[i], err = b.arm(&s.Cores[i]); err != nil {
			return query{}, err
		}
		if f := arms[i].frame; f != nil {
			b.frame = f.outer // orderAndLimit comes back to it
		}
	}
	q, err := b.compound(s, arms, names)
	if err != nil {
		return query{}, err
	}
	if err := b.orderAndLimit(s, arms, &q); err != nil {
		return query{}, err
	}
	q.sql = with + q.sql
	if len(q.sql) > maxSQL {
		return query{}, unsupported("SELECT", "it is too large when rebuilt", "")
	}
	return q, nil
}

// arm rebuilds one SELECT core up to HAVING. Its frame is left as the current
// one, so that the caller takes it off again.
func (b *builder) arm(c *syntax.SelectCore) (*arm, error) {
	if c.Values != nil {
		return b.values(c)
	}
	if len(c.Columns) == 0 {
		return nil, unsupported("SELECT", "it has no columns", "")
	}
	f := &frame{outer: b.frame, windows: c.Windows}
	a := &arm{frame: f, head: "SELECT ", core: c}
	from := ""
	if c.From != nil {
		var err error
		b.frame = f
		if from, err = b.from(f, c.From); err != nil {
			b.frame = f.outer
			return nil, err
		}
		from = " FROM " + from
	}
	b.frame = f
	if err := b.armBody(a, c, from); err != nil {
		b.frame = f.outer
		return nil, err
	}
	return a, nil
}

// armBody rebuilds WHERE, GROUP BY, HAVING and the result columns.
func (b *builder) armBody(a *arm, c *syntax.SelectCore, from string) error {
	f := a.frame
	f.aliases = c.Columns
	where, err := b.clause(" WHERE ", c.Where)
	if err != nil {
		return err
	}
	groupBy, err := b.groupBy(f, c)
	if err != nil {
		return err
	}
	f.stage = inHaving
	having, err := b.clause(" HAVING ", c.Having)
	if err != nil {
		return err
	}
	f.stage = inResults
	if err := b.results(a, c); err != nil {
		return err
	}
	if c.Distinct {
		a.head = "SELECT DISTINCT "
		if err := distinctable("SELECT DISTINCT", a.terms); err != nil {
			return err
		}
	}
	a.rest = from + where + groupBy + having
	return nil
}

// clause rebuilds a condition behind a keyword.
func (b *builder) clause(keyword string, e syntax.Expr) (string, error) {
	if e == nil {
		return "", nil
	}
	t, err := b.expr(e)
	if err != nil {
		return "", err
	}
	if t, err = b.condition(t); err != nil {
		return "", err
	}
	return keyword + t.sql, nil
}

// results rebuilds the result columns; stars are written out.
func (b *builder) results(a *arm, c *syntax.SelectCore) error {
	for _, r := range c.Columns {
		if r.Star || r.X == nil {
			if err := b.star(a, r.Table); err != nil {
				return err
			}
			continue
		}
		t, err := b.expr(r.X)
		if err != nil {
			return err
		}
		a.terms = append(a.terms, t)
		a.names = append(a.names, b.resultName(r))
		if len(a.terms) > 1600 { // MaxTupleAttributeNumber is 1664
			return unsupported("SELECT", "it has more columns than Postgres allows", "")
		}
	}
	return nil
}

// resultName names a result column as SQLite does: the alias, else the name
// of the column, else the expression's text.
func (b *builder) resultName(r syntax.ResultColumn) string {
	if r.Alias != "" {
		return r.Alias
	}
	if n, ok := r.X.(*syntax.Name); ok {
		for f := b.frame; f != nil; f = f.outer {
			for _, s := range f.sources {
				if i := s.find(foldASCII(n.Column)); i >= 0 && (n.Table == "" || s.name == foldASCII(n.Table)) {
					return s.columns[i].Name
				}
			}
		}
		return n.Column
	}
	if text, ok := shortSource(r.X); ok {
		return text
	}
	return "column"
}

// star writes out * or table.*.
func (b *builder) star(a *arm, table string) error {
	found := false
	for _, s := range a.frame.sources {
		if table != "" && s.name != foldASCII(table) {
			continue
		}
		found = true
		for i, c := range s.columns {
			if table == "" && s.hidden[i] {
				continue
			}
			name := &syntax.Name{Column: c.Name}
			t, err := b.columnTerm(a.frame, s, i)
			if m, ok := a.frame.merged[foldASCII(name.Column)]; ok && table == "" && m.sources[0] == s {
				t, _, err = b.mergedTerm(a.frame, m)
			}
			if err != nil {
				return err
			}
			a.terms, a.names = append(a.terms, t), append(a.names, c.Name)
		}
	}
	if !found {
		return unsupported("SELECT "+table+".*", "there is no such table in FROM", "")
	}
	return nil
}

// values rebuilds VALUES (...), (...).
func (b *builder) values(c *syntax.SelectCore) (*arm, error) {
	a := &arm{core: c}
	if len(c.Values) == 0 {
		return nil, unsupported("VALUES", "it is empty", "")
	}
	for _, row := range c.Values {
		var ts []term
		for _, e := range row {
			t, err := b.expr(e)
			if err != nil {
				return nil, err
			}
			ts = append(ts, t)
		}
		if len(a.rows) > 0 && len(ts) != len(a.rows[0]) {
			return nil, unsupported("VALUES", "its rows differ in length", "")
		}
		a.rows = append(a.rows, ts)
	}
	for i := range a.rows[0] {
		column := make([]term, len(a.rows))
		for j := range a.rows {
			column[j] = a.rows[j][i]
		}
		us, typ, err := b.unify("VALUES", column)
		if err != nil {
			return nil, err
		}
		for j := range a.rows {
			a.rows[j][i] = us[j]
		}
		a.terms = append(a.terms, unified(us[0].sql, typ, us))
		a.names = append(a.names, "column"+strconv.Itoa(i+1))
	}
	return a, nil
}

// distinctable refuses what DISTINCT, GROUP BY and UNION tell apart otherwise.
func distinctable(what string, ts []term) error {
	for _, t := range ts {
		if t.cls == clsJSON && t.typ.Kind.String() == "json" {
			return unsupported(what, "the type json has no equality in Postgres", "use jsonb")
		}
		if t.coll != collBinary && t.cls == clsText && (t.column || t.collSet) && t.typ.Kind.String() != "citext" {
			return unsupported(what+" under NOCASE or RTRIM", "SQLite keeps one of several texts that it finds equal", "")
		}
	}
	return nil
}

// uniqueNames tells duplicate names apart as SQLite does (name:1, name:2), and
// keeps them within the length of Postgres' identifiers.
func uniqueNames(names []string) []string {
	out := make([]string, len(names))
	taken := map[string]bool{}
	for i, n := range names {
		n = strings.ToValidUTF8(strings.ReplaceAll(n, "\x00", ""), "?")
		if n == "" {
			n = "column" + strconv.Itoa(i+1)
		}
		name := cutIdent(n, maxIdent)
		for k := 1; taken[foldASCII(name)]; k++ {
			suffix := ":" + strconv.Itoa(k)
			name = cutIdent(n, maxIdent-len(suffix)) + suffix
		}
		taken[foldASCII(name)] = true
		out[i] = name
	}
	return out
}
