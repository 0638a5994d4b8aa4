package typemap

import (
	"slices"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Decisions hold what each column of each table becomes.
type Decisions map[*schema.Table][]Decision

// DecideAll decides every column of every profiled table, each for itself,
// and then reconciles both sides of each foreign key.
func DecideAll(s *schema.Schema, tables map[*schema.Table]*Table, opt Options) Decisions {
	out := make(Decisions, len(tables))
	for _, t := range s.Tables {
		p := tables[t]
		if p == nil {
			continue
		}
		list := make([]Decision, len(t.Columns))
		for i := range list {
			list[i] = Decide(p, i, opt)
		}
		out[t] = list
	}
	for _, g := range groups(s, tables, out) {
		g.reconcile()
	}
	return out
}

// member is one column of a group that foreign keys tie together.
type member struct {
	table  *schema.Table
	column int
	parent bool // some foreign key references it
	p      *Column
	d      *Decision
}

type group []member

// reconcile gives all columns of the group one type and form: the first that
// every value of all of them fits, asked in the order of a rowid, the user's
// rules, parents, children, bigint, numeric, text, bytea. Where none fits all,
// those that fit the first take it, and the foreign keys of the others cannot
// be made.
func (g group) reconcile() {
	if g.same() {
		return
	}
	cands := g.candidates()
	for _, cand := range cands {
		if cols, n := g.fit(cand); n == len(g) {
			g.take(cols)
			return
		}
	}
	cols, _ := g.fit(cands[0])
	g.take(cols)
}

// take gives each member its column, where it has got one.
func (g group) take(cols []*convert.Column) {
	for i, c := range cols {
		m := g[i]
		if c == nil || *c == m.d.Column {
			continue
		}
		m.d.Why = "same as the other side of its foreign key; alone it would be " + m.d.Type.SQL()
		m.d.Column = *c
	}
}

// cell names a column of a table.
type cell struct {
	table  *schema.Table
	column int
}

// forest holds the columns that foreign keys tie together, as a union-find.
type forest map[cell]cell

func (f forest) root(x cell) cell {
	for {
		up, ok := f[x]
		if !ok {
			f[x] = x
		}
		if !ok || up == x {
			return x
		}
		f[x] = f[up] // halves the path
		x = up
	}
}

// groups finds the columns that foreign keys tie together, in schema order.
func groups(s *schema.Schema, tables map[*schema.Table]*Table, dec Decisions) []group {
	tied, parents := forest{}, map[cell]bool{}
	for _, l := range Links(s) {
		if dec[l.Child] == nil || dec[l.Parent] == nil {
			continue
		}
		p := cell{l.Parent, l.ParentColumn}
		parents[p] = true
		tied[tied.root(cell{l.Child, l.ChildColumn})] = tied.root(p)
	}
	place := map[cell]int{}
	var out []group
	for _, t := range s.Tables {
		for c := range t.Columns {
			x := cell{t, c}
			if _, ok := tied[x]; !ok {
				continue
			}
			root := tied.root(x)
			i, ok := place[root]
			if !ok {
				i = len(out)
				place[root] = i
				out = append(out, nil)
			}
			out[i] = append(out[i], member{t, c, parents[x], &tables[t].Columns[c], &dec[t][c]})
		}
	}
	return out
}

// same tells whether all members have the same type and, as far as they have
// such values, the same form.
func (g group) same() bool {
	for i, m := range g {
		for _, o := range g[:i] {
			if !alike(m.d.Column, m.p, o.d.Column, o.p) {
				return false
			}
		}
	}
	return true
}

// alike tells whether equal values of two columns become equal fields.
func alike(a convert.Column, p *Column, b convert.Column, q *Column) bool {
	both := func(k row.Class) bool { return p.has(k) && q.has(k) }
	return a.Type == b.Type &&
		(a.Int == b.Int || !both(row.Integer)) &&
		(a.Real == b.Real || !both(row.Real)) &&
		(a.Blob == b.Blob || !both(row.Blob))
}

// candidates lists the members whose column the group may take, and plain
// types after them. A rowid alias leaves only bigint; a user's rule goes first.
func (g group) candidates() []member {
	var rules, parents, children, plain []member
	longest, bytes := 0, true
	put := func(t sqltype.Type) {
		plain = append(plain, member{d: &Decision{Column: convert.Column{Type: t}}, p: &Column{}})
	}
	for _, m := range g {
		longest = max(longest, m.d.Type.Length)
		bytes = bytes && m.p.Values() == m.p.Count[row.Blob]
		switch {
		case m.table.RowidAlias == m.column:
			put(sqltype.Type{Kind: sqltype.Int8})
			return plain
		case m.d.ByRule:
			rules = append(rules, m)
		case m.parent:
			parents = append(parents, m)
		default:
			children = append(children, m)
		}
	}
	if longest > 0 {
		put(sqltype.Type{Kind: sqltype.Varchar, Length: longest})
	}
	for _, k := range []sqltype.Kind{sqltype.Int8, sqltype.Numeric, sqltype.Text} {
		put(sqltype.Type{Kind: k})
	}
	if bytes {
		put(sqltype.Type{Kind: sqltype.Bytea})
	}
	return slices.Concat(rules, parents, children, plain)
}

// fit gives the columns that the members would have with the type of cand, nil
// for those that do not fit it, and how many do.
func (g group) fit(cand member) (cols []*convert.Column, n int) {
	cols = make([]*convert.Column, len(g))
	for i, m := range g {
		c := m.d.Column
		switch {
		case alike(c, m.p, cand.d.Column, cand.p):
		case m.d.ByRule || !fits(m.p, cand.d.Column):
			continue
		default:
			c = convert.Column{Type: cand.d.Type, Blob: cand.d.Blob, Replace: m.d.Replace}
		}
		cols[i] = &c
		n++
	}
	return cols, n
}

// fits tells whether a profile proves that every value fits a column in its
// plain form, or a uuid in the byte order of its blobs. It is false where the
// profile did not look.
func fits(p *Column, c convert.Column) bool {
	if p.Values() == 0 {
		return true
	}
	text, blob := p.Count[row.Text], p.Count[row.Blob]
	looked := func(what Probe) bool { return p.Probes&what != 0 || text+blob == 0 }
	switch c.Type.Kind {
	case sqltype.Int2, sqltype.Int4:
		lo, hi := intRange(c.Type.Kind)
		return p.Values() == p.Count[row.Integer] && p.MinInt >= lo && p.MaxInt <= hi
	case sqltype.Int8:
		return !p.has(row.Real) && blob == 0 && looked(ProbeInt|ProbeDecimal) && text == p.Ints
	case sqltype.Float8:
		return text+blob == 0 && p.IntInexact == 0
	case sqltype.Numeric:
		if blob > 0 || p.RealInf > 0 || !looked(ProbeDecimal) || text != p.Decimals {
			return false
		}
		known := p.Probes&ProbeDecimal != 0 || !p.has(row.Real)
		return c.Type.Precision == 0 || known && p.fitsScale(c.Type)
	case sqltype.Bool:
		return looked(ProbeBool) && p.allBool()
	case sqltype.UUID:
		order := c.Blob != convert.BlobDotNetUUID || p.dotNet()
		return p.uuidText()+p.BlobUUID == p.Values() && order
	case sqltype.Text:
		return p.BadText == 0 && p.textBlobs()
	case sqltype.Varchar:
		return p.BadText == 0 && text == p.Values() && p.Probes&ProbeLength != 0 && p.MaxRunes <= int64(c.Type.Length)
	case sqltype.Bytea:
		return true
	}
	return false
}
