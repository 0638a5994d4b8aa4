package translate

import (
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// from rebuilds FROM and enters its tables into the frame. Every table gets a
// name of its own, and USING and NATURAL are written out as conditions, so
// that Postgres resolves nothing by itself.
func (b *builder) from(f *frame, s *syntax.Source) (string, error) {
	leave, err := b.enter()
	if err != nil {
		return "", err
	}
	defer leave()
	switch {
	case s.Join != "" || s.Left != nil:
		return b.join(f, s)
	case s.Args != nil:
		return "", unsupported("table function "+s.Table+"()", "table functions are not rebuilt", "")
	case s.Select != nil:
		return b.fromSubquery(f, s)
	}
	return b.fromTable(f, s)
}

// relation finds what a table name means: a WITH item, or a table or view.
func (b *builder) relation(s *syntax.Source) (rel *Relation, sql string, err error) {
	name := foldASCII(s.Table)
	if s.Schema == "" {
		for i := len(b.ctes) - 1; i >= 0; i-- {
			if foldASCII(b.ctes[i].Name) == name {
				return b.ctes[i], b.ctes[i].Target, nil // the alias is quoted already
			}
		}
		for _, l := range b.later {
			if l == name {
				return nil, "", unsupported("WITH "+s.Table, "it is used before it is defined", "")
			}
		}
	} else if foldASCII(s.Schema) != "main" {
		return nil, "", unsupported("table "+s.Schema+"."+s.Table, "it is in another database", "")
	}
	rel, ok := b.cat.Relation(s.Table)
	if !ok {
		return nil, "", unsupported("table "+s.Table, "it is not among what was moved", "")
	}
	if sql, err = ident(rel.Target); err != nil {
		return nil, "", err
	}
	if rel.Schema != "" {
		q, err := ident(rel.Schema)
		if err != nil {
			return nil, "", err
		}
		sql = q + "." + sql
	}
	return rel, sql, nil
}

// fromTable rebuilds a table, view or WITH item.
func (b *builder) fromTable(f *frame, s *syntax.Source) (string, error) {
	rel, sql, err := b.relation(s)
	if err != nil {
		return "", err
	}
	name := s.Alias
	if name == "" {
		name = s.Table
	}
	alias, err := b.alias(name)
	if err != nil {
		return "", err
	}
	f.sources = append(f.sources, &sourceTable{
		name: foldASCII(name), prefix: alias + ".", columns: rel.Columns, rowid: rel.RowidAlias, key: rel.Key,
	})
	return sql + " AS " + alias, nil
}

// fromSubquery rebuilds (SELECT ...). It sees the tables around the whole
// SELECT, not its neighbours.
func (b *builder) fromSubquery(f *frame, s *syntax.Source) (string, error) {
	inner := b.frame
	b.frame = f.outer
	q, err := b.query(s.Select, nil)
	b.frame = inner
	if err != nil {
		return "", err
	}
	name := s.Alias
	if name == "" {
		name = "q"
	}
	alias, err := b.alias(name)
	if err != nil {
		return "", err
	}
	f.sources = append(f.sources, &sourceTable{name: foldASCII(s.Alias), prefix: alias + ".", columns: q.columns})
	return "(" + q.sql + ") AS " + alias, nil
}

// join rebuilds a join of two sources.
func (b *builder) join(f *frame, s *syntax.Source) (string, error) {
	if s.Alias != "" {
		return "", unsupported("alias of a join", "Postgres hides the tables behind it", "")
	}
	start := len(f.sources)
	left, err := b.from(f, s.Left)
	if err != nil {
		return "", err
	}
	middle := len(f.sources)
	right, err := b.from(f, s.Right)
	if err != nil {
		return "", err
	}
	if s.Right.Left != nil {
		right = "(" + right + ")"
	}
	if s.Join == "RIGHT" || s.Join == "FULL" {
		markNull(f.sources[start:middle])
	}
	if s.Join == "LEFT" || s.Join == "FULL" {
		markNull(f.sources[middle:])
	}
	on, err := b.joinCondition(f, s, start, middle)
	if err != nil {
		return "", err
	}
	word := map[string]string{"": " JOIN ", "CROSS": " JOIN ", "INNER": " JOIN ", "LEFT": " LEFT JOIN ", "RIGHT": " RIGHT JOIN ", "FULL": " FULL JOIN "}[s.Join]
	switch {
	case word == "":
		return "", unsupported("join", "its kind is not known", "")
	case on == "" && word == " JOIN ":
		return left + " CROSS JOIN " + right, nil
	case on == "":
		on = "true"
	}
	return left + word + right + " ON " + on, nil
}

// markNull tells that an outer join may leave tables without a row.
func markNull(list []*sourceTable) {
	for _, s := range list {
		s.null = true
	}
}

// joinCondition rebuilds ON, USING or NATURAL; "" for none.
func (b *builder) joinCondition(f *frame, s *syntax.Source, start, middle int) (string, error) {
	using := s.Using
	if s.Natural {
		using = naturalColumns(f, start, middle)
	}
	if len(using) > 0 {
		return b.using(f, using, s.Join, start, middle)
	}
	if s.On == nil {
		return "", nil
	}
	all := f.sources
	f.sources = all[start:] // Postgres sees the two sides only
	sql, err := b.clause("", s.On)
	f.sources = all
	return sql, err
}

// naturalColumns are the names that both sides have, in the left side's order.
func naturalColumns(f *frame, start, middle int) []string {
	var names []string
	seen := map[string]bool{}
	for _, l := range f.sources[start:middle] {
		for i, c := range l.columns {
			name := foldASCII(c.Name)
			if l.hidden[i] || seen[name] {
				continue
			}
			for _, r := range f.sources[middle:] {
				if j := columnNamed(r, name); j >= 0 && !r.hidden[j] {
					names = append(names, c.Name)
					seen[name] = true
					break
				}
			}
		}
	}
	return names
}

// columnNamed is find without the names of the rowid.
func columnNamed(s *sourceTable, name string) int {
	for i, c := range s.columns {
		if foldASCII(c.Name) == name {
			return i
		}
	}
	return -1
}

// using writes USING as comparisons and merges the columns.
func (b *builder) using(f *frame, names []string, kind string, start, middle int) (string, error) {
	cond := ""
	for _, n := range names {
		name := foldASCII(n)
		ls, li, err := sideColumn(f.sources[start:middle], name)
		if err != nil {
			return "", err
		}
		rs, ri, err := sideColumn(f.sources[middle:], name)
		if err != nil {
			return "", err
		}
		if _, again := f.merged[name]; again && (kind == "RIGHT" || kind == "FULL" || f.merged[name].both) {
			return "", unsupported("USING ("+n+")", "several outer joins share the column", "use ON")
		}
		l, err := b.columnTerm(f, ls, li)
		if err != nil {
			return "", err
		}
		r, err := b.columnTerm(f, rs, ri)
		if err != nil {
			return "", err
		}
		c, err := b.compare("=", l, r)
		if err != nil {
			return "", err
		}
		if cond != "" {
			cond += " AND "
		}
		cond += c.wrap()
		if rs.hidden == nil {
			rs.hidden = map[int]bool{}
		}
		rs.hidden[ri] = true
		if f.merged == nil {
			f.merged = map[string]mergedColumn{}
		}
		f.merged[name] = mergedColumn{sources: []*sourceTable{ls, rs}, columns: []int{li, ri}, both: kind == "RIGHT" || kind == "FULL"}
	}
	return cond, nil
}

// sideColumn finds the column of one side of a join.
func sideColumn(side []*sourceTable, name string) (*sourceTable, int, error) {
	for _, s := range side {
		if i := columnNamed(s, name); i >= 0 && !s.hidden[i] {
			return s, i, nil
		}
	}
	return nil, 0, unsupported("USING ("+name+")", "one side has no such column", "")
}
