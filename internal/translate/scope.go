package translate

import (
	"strconv"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// frame holds the names that one SELECT (or one table's CHECK) may use; outer
// is the enclosing SELECT's.
type frame struct {
	outer   *frame
	sources []*sourceTable
	merged  map[string]mergedColumn // of USING and NATURAL, by folded name
	aliases []syntax.ResultColumn   // result columns, where aliases may be used
	windows []syntax.NamedWindow
	group   *grouping
	// inAgg counts the aggregates and GROUP BY expressions around; aggDepth
	// the aggregates alone.
	inAgg, aggDepth int
	aliasDepth      int
	stage           stage
}

// stage is how far a SELECT is rebuilt: aggregates may stand in HAVING and
// later, window functions in the result columns and later.
type stage uint8

const (
	inWhere stage = iota // and FROM and GROUP BY
	inHaving
	inResults
)

// sourceTable is one table of FROM.
type sourceTable struct {
	name    string // as the SELECT names it, folded
	prefix  string // quoted alias with a dot, or "" for a single table
	columns []Column
	rowid   string // the rowid's alias column, or ""
	key     []string
	hidden  map[int]bool // columns that USING merged away
	null    bool         // on the side of an outer join that may be missing
}

// mergedColumn is a column that USING made of two.
type mergedColumn struct {
	sources []*sourceTable
	columns []int
	both    bool // FULL or RIGHT: coalesce of the two
}

// tableFrame is the frame of a CHECK, an index or a generated column.
func tableFrame(rel *Relation) *frame {
	return &frame{sources: []*sourceTable{{name: foldASCII(rel.Name), columns: rel.Columns, rowid: rel.RowidAlias}}}
}

// find looks a column up in one source; rowid and its other names mean the
// alias column.
func (s *sourceTable) find(name string) int {
	for i, c := range s.columns {
		if foldASCII(c.Name) == name {
			return i
		}
	}
	if s.rowid != "" && (name == "rowid" || name == "oid" || name == "_rowid_") {
		return s.find(foldASCII(s.rowid))
	}
	return -1
}

// name resolves a column reference, from the innermost SELECT outwards.
func (b *builder) name(e *syntax.Name) (term, error) {
	folded, table := foldASCII(e.Column), foldASCII(e.Table)
	for f := b.frame; f != nil; f = f.outer {
		t, ok, err := b.nameIn(f, table, folded)
		if ok || err != nil {
			return t, err
		}
		if table == "" {
			if t, ok, err := b.aliasIn(f, folded); ok || err != nil {
				return t, err
			}
		}
	}
	switch {
	case e.DoubleQuoted && e.Table == "" && e.Schema == "":
		return textConst(e.Column).term()
	case folded == "rowid" || folded == "oid" || folded == "_rowid_":
		return term{}, unsupported("column "+e.Column, "the table has no column for its rowid in Postgres", "add an INTEGER PRIMARY KEY column")
	case b.ctx == defaultValue:
		return term{}, unsupported("column "+e.Column, "a default names no columns", "")
	}
	return term{}, unsupported("column "+e.Column, "there is no such column", "")
}

// nameIn looks a name up in the tables of one frame.
func (b *builder) nameIn(f *frame, table, name string) (term, bool, error) {
	if m, ok := f.merged[name]; ok && table == "" {
		return b.mergedTerm(f, m)
	}
	var found *sourceTable
	index := -1
	for _, s := range f.sources {
		if table != "" && s.name != table {
			continue
		}
		i := s.find(name)
		if i < 0 || table == "" && s.hidden[i] {
			continue
		}
		if found != nil {
			return term{}, false, unsupported("column "+name, "several tables have it", "")
		}
		found, index = s, i
	}
	if found == nil {
		return term{}, false, nil
	}
	t, err := b.columnTerm(f, found, index)
	return t, true, err
}

// mergedTerm gives a column of USING.
func (b *builder) mergedTerm(f *frame, m mergedColumn) (term, bool, error) {
	ts := make([]term, len(m.sources))
	for i, s := range m.sources {
		t, err := b.columnTerm(f, s, m.columns[i])
		if err != nil {
			return term{}, true, err
		}
		ts[i] = t
	}
	if !m.both {
		return ts[0], true, nil
	}
	us, typ, err := b.unify("USING", ts)
	if err != nil {
		return term{}, true, err
	}
	t := unified("coalesce("+list(us)+")", typ, us)
	t.coll = ts[0].coll
	return t, true, nil
}

// columnTerm writes a column.
func (b *builder) columnTerm(f *frame, s *sourceTable, i int) (term, error) {
	c := s.columns[i]
	b.columnN++
	if f.group != nil && f.inAgg == 0 && !f.group.determines(s, i) {
		return term{}, unsupported("column "+c.Name, "it is neither in GROUP BY nor in an aggregate; SQLite takes it from any row of the group", "add it to GROUP BY, or use min() or max()")
	}
	target := c.Target
	if target == "" {
		target = c.Name
	}
	q, err := ident(target)
	if err != nil {
		return term{}, err
	}
	t := term{
		sql: s.prefix + q, typ: c.Type, cls: classOf(c.Type.Kind), atom: true,
		column: true, hasAff: true, aff: c.Affinity, loose: looseColumn(c),
		notNull: c.NotNull && !s.null,
		words:   c.Words, digits: c.Digits, local: c.Local,
	}
	if t.cls == clsTime {
		t.unit = c.Unit
	}
	switch {
	case c.NoCase:
		t.coll = collNoCase
	case c.RTrim:
		t.coll = collRTrim
	}
	if c.Type.Kind == 0 {
		t.cls = clsOther
	}
	return t, nil
}

// aliasIn substitutes a result column for its alias, as SQLite allows in
// WHERE, GROUP BY and HAVING.
func (b *builder) aliasIn(f *frame, name string) (term, bool, error) {
	for _, c := range f.aliases {
		if c.Alias != "" && foldASCII(c.Alias) == name && c.X != nil {
			t, err := b.aliased(f, c)
			return t, true, err
		}
	}
	return term{}, false, nil
}

// aliased rebuilds a result column in its own frame.
func (b *builder) aliased(f *frame, c syntax.ResultColumn) (term, error) {
	if f.aliasDepth > 20 {
		return term{}, unsupported("alias "+c.Alias, "it is defined by itself", "")
	}
	inner := b.frame
	b.frame = f
	f.aliasDepth++
	defer func() {
		f.aliasDepth--
		b.frame = inner
	}()
	return b.expr(c.X)
}

// alias makes a quoted name that no other table of the statement has, so that
// correlated references cannot be captured.
func (b *builder) alias(name string) (string, error) {
	base := cutIdent(name, maxIdent-6)
	if base == "" {
		base = "t"
	}
	unique := base
	for n := 2; b.aliases[foldASCII(unique)]; n++ {
		unique = base + "_" + strconv.Itoa(n)
	}
	b.aliases[foldASCII(unique)] = true
	return ident(unique)
}

// grouping is the GROUP BY of a SELECT, or that of a SELECT with aggregates
// and none.
type grouping struct {
	keys    map[string]bool // texts of expressions
	columns map[groupColumn]bool
}

type groupColumn struct {
	s *sourceTable
	i int
}

// isKey tells an expression that stands in GROUP BY.
func (g *grouping) isKey(e syntax.Expr) bool {
	if len(g.keys) == 0 {
		return false
	}
	text, ok := shortSource(e)
	return ok && g.keys[text]
}

// determines tells that a column has one value per group: it stands in GROUP
// BY, or its table's primary key does.
func (g *grouping) determines(s *sourceTable, i int) bool {
	if g.columns[groupColumn{s, i}] {
		return true
	}
	for _, name := range s.key {
		k := s.find(foldASCII(name))
		if k < 0 || !g.columns[groupColumn{s, k}] {
			return false
		}
	}
	return len(s.key) > 0
}

// outputColumn describes a result for those who read it: a view or subquery.
func outputColumn(name string, t term) Column {
	c := Column{
		Name: name, Target: name, Type: t.typ, Unit: t.unit, NotNull: t.notNull,
		NoCase: t.coll == collNoCase && (t.column || t.collSet), RTrim: t.coll == collRTrim,
		Words: t.words, Digits: t.digits, Local: t.local,
	}
	if t.hasAff {
		c.Affinity = t.aff
	}
	c.definite = !t.loose
	return c
}
