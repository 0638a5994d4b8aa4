package typemap

import (
	"fmt"

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
	reconcile(s, tables, out)
	return out
}

// member is one column of a group that foreign keys tie together.
type member struct {
	table  *schema.Table
	column int
	parent bool // some foreign key references it
}

// reconcile gives all columns that foreign keys tie together one type: the
// first that every value of all of them fits, asked in the order of parents,
// children, bigint, numeric, text. Where none fits, each keeps its own, and
// the foreign key cannot be made.
func reconcile(s *schema.Schema, tables map[*schema.Table]*Table, dec Decisions) {
	for _, group := range groups(s, dec) {
		if same(group, dec) {
			continue
		}
		for _, cand := range candidates(group, dec) {
			cols, ok := allFit(group, tables, dec, cand)
			if !ok {
				continue
			}
			for i, m := range group {
				d := &dec[m.table][m.column]
				if d.Type != cols[i].Type {
					d.Why = fmt.Sprintf("%s alone would be %s; same type as the other side of a foreign key", m.table.Columns[m.column].Name, d.Type.SQL())
				}
				d.Column = cols[i]
			}
			break
		}
	}
}

// groups finds the connected columns by union-find, in schema order.
func groups(s *schema.Schema, dec Decisions) [][]member {
	type id struct {
		t *schema.Table
		c int
	}
	root := map[id]id{}
	var find func(id) id
	find = func(x id) id {
		r, ok := root[x]
		if !ok || r == x {
			root[x] = x
			return x
		}
		r = find(r)
		root[x] = r
		return r
	}
	parents := map[id]bool{}
	for _, l := range Links(s) {
		if dec[l.Child] == nil || dec[l.Parent] == nil {
			continue
		}
		p, c := id{l.Parent, l.ParentColumn}, id{l.Child, l.ChildColumn}
		parents[p] = true
		root[find(c)] = find(p)
	}
	byRoot := map[id]int{}
	var out [][]member
	for _, t := range s.Tables {
		for c := range t.Columns {
			x := id{t, c}
			if _, ok := root[x]; !ok {
				continue
			}
			r := find(x)
			i, ok := byRoot[r]
			if !ok {
				i = len(out)
				byRoot[r] = i
				out = append(out, nil)
			}
			out[i] = append(out[i], member{t, c, parents[x]})
		}
	}
	return out
}

func same(group []member, dec Decisions) bool {
	first := dec[group[0].table][group[0].column].Type
	for _, m := range group[1:] {
		if dec[m.table][m.column].Type != first {
			return false
		}
	}
	return true
}

// candidates lists the types to try. A rowid alias leaves only bigint; a
// user's rule goes first.
func candidates(group []member, dec Decisions) []sqltype.Type {
	var rules, parents, children []sqltype.Type
	longest := 0
	for _, m := range group {
		d := dec[m.table][m.column]
		longest = max(longest, d.Type.Length)
		switch {
		case m.table.RowidAlias == m.column:
			return []sqltype.Type{{Kind: sqltype.Int8}}
		case d.ByRule:
			rules = append(rules, d.Type)
		case m.parent:
			parents = append(parents, d.Type)
		default:
			children = append(children, d.Type)
		}
	}
	out := append(rules, parents...)
	if longest > 0 {
		out = append(out, sqltype.Type{Kind: sqltype.Varchar, Length: longest})
	}
	out = append(out, children...)
	return append(out, sqltype.Type{Kind: sqltype.Int8}, sqltype.Type{Kind: sqltype.Numeric}, sqltype.Type{Kind: sqltype.Text})
}

func allFit(group []member, tables map[*schema.Table]*Table, dec Decisions, typ sqltype.Type) ([]convert.Column, bool) {
	out := make([]convert.Column, len(group))
	for i, m := range group {
		d := dec[m.table][m.column]
		if d.Type == typ {
			out[i] = d.Column
			continue
		}
		if d.ByRule || !Fits(&tables[m.table].Columns[m.column], typ) {
			return nil, false
		}
		out[i] = convert.Column{Type: typ, Replace: d.Replace}
	}
	return out, true
}

// Fits tells whether a profile proves that every value fits a type in its
// plain form. It is false where the profile did not look.
func Fits(p *Column, typ sqltype.Type) bool {
	text, blob := p.Count[row.Text], p.Count[row.Blob]
	probed := func(what Probe) bool { return p.Values() == 0 || p.Probes&what != 0 || text+blob == 0 }
	switch typ.Kind {
	case sqltype.Int2:
		return fitsInt(p, -1<<15, 1<<15-1)
	case sqltype.Int4:
		return fitsInt(p, -1<<31, 1<<31-1)
	case sqltype.Int8:
		return !p.has(row.Real) && blob == 0 && probed(ProbeInt) && text == p.Ints
	case sqltype.Float8:
		return text+blob == 0 && p.IntInexact == 0
	case sqltype.Numeric:
		if blob > 0 || p.RealInf > 0 || !probed(ProbeDecimal) || text != p.Decimals {
			return false
		}
		digits := max(p.IntDigits, convert.IntDigits(p.MinInt), convert.IntDigits(p.MaxInt))
		known := p.Probes&ProbeDecimal != 0 || !p.has(row.Real)
		return typ.Precision == 0 ||
			known && digits <= typ.Precision-typ.Scale && p.FracDigits <= typ.Scale
	case sqltype.Bool:
		return blob == 0 && probed(ProbeBool) && text == p.BoolWords &&
			p.Count[row.Integer] == p.Int01 && p.Count[row.Real] == p.Real01
	case sqltype.UUID:
		return p.UUIDText+p.UUIDBlob == p.Values()
	case sqltype.Text:
		return p.BadText == 0 && blob == p.BlobText
	case sqltype.Varchar:
		return p.BadText == 0 && blob == 0 && !p.has(row.Integer) && !p.has(row.Real) &&
			(text == 0 || p.Probes&ProbeLength != 0 && p.MaxRunes <= int64(typ.Length))
	case sqltype.Bytea:
		return true
	}
	return p.Values() == 0
}

func fitsInt(p *Column, lo, hi int64) bool {
	return !p.has(row.Real) && !p.has(row.Text) && !p.has(row.Blob) &&
		(!p.has(row.Integer) || p.MinInt >= lo && p.MaxInt <= hi)
}
