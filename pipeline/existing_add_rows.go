package pipeline

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/merge"
)

// merged tells of the staged rows as they go into the target.
func (x *addition) merged(upserts bool) *merge.Rows {
	out := &merge.Rows{
		Into: x.t.home, From: fmt.Sprintf("pg_temp.litehaul_rows_%d", x.no),
		Columns: x.t.targetNames(), Key: x.t.namesOf(x.key),
	}
	switch {
	case upserts:
		out.Standing = merge.Replaced
	case x.ids != nil:
		out.Standing = merge.Kept
	}
	return out
}

// targetNames lists the target's names of the columns that the run writes.
func (t *table) targetNames() []string { return t.namesOf(t.wire) }

// namesOf lists the target's names of columns.
func (t *table) namesOf(cols []int) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = t.columns[c].name
	}
	return out
}

// rowsSQL selects the staged rows as they go into the target: its names, and
// references by the target's ids.
func (x *addition) rowsSQL() string {
	exprs, from := x.final(x.t.wire)
	cols := make([]string, len(exprs))
	for i, c := range x.t.wire {
		cols[i] = exprs[i] + " AS " + postgres.Quote(x.t.columns[c].name)
	}
	cols = append(cols, x.keyText()+" AS "+postgres.Quote(merge.KeyColumn))
	return "SELECT " + strings.Join(cols, ", ") + " FROM " + from
}

// final gives the values of some columns as they go into the target, and what
// to select them from. The staged row is s.
func (x *addition) final(cols []int) (exprs []string, from string) {
	from = x.stageName() + " s"
	for _, c := range cols {
		switch {
		case x.via[c] != nil:
			alias := fmt.Sprintf("m%d", c)
			from += fmt.Sprintf(" LEFT JOIN %s %s ON %s", x.via[c].name(), alias, x.via[c].refers(alias, x.t, c))
			exprs = append(exprs, fmt.Sprintf("CAST(%s.new AS %s)", alias, x.typeOf(c)))
		case len(x.generic[c]) > 0:
			values := make([]string, 0, len(x.generic[c])+1)
			for i, g := range x.generic[c] {
				alias := fmt.Sprintf("g%d_%d", c, i)
				from += fmt.Sprintf(" LEFT JOIN %s %s ON %s AND %s", g.ids.name(), alias, g.ids.refers(alias, x.t, c), g.means())
				values = append(values, fmt.Sprintf("CAST(CAST(%s.new AS text) AS %s)", alias, x.typeOf(c)))
			}
			values = append(values, "s."+staged(c))
			exprs = append(exprs, "coalesce("+strings.Join(values, ", ")+")")
		default:
			exprs = append(exprs, "s."+staged(c))
		}
	}
	return exprs, from
}

func (x *addition) typeOf(col int) string { return x.t.columns[col].home.Type.Text }

// refers tells whether a column of the staged row holds an id of the map. Ids of
// one kind compare as such, a text that holds a number by its digits.
func (m *idMap) refers(alias string, t *table, col int) string {
	own, theirs := m.of.t.columns[m.id].home.Type.Plain(), t.columns[col].home.Type.Plain()
	if own.OID == theirs.OID || isInteger(own.Base) && isInteger(theirs.Base) {
		return merge.Equal(own, alias+".old", "s."+staged(col))
	}
	return fmt.Sprintf("CAST(%s.old AS text) OPERATOR(pg_catalog.=) CAST(s.%s AS text)", alias, staged(col))
}

var braces = regexp.MustCompile(`\{[^}]*\}|[^{]+`)

// means tells whether the type that the staged row refers to stands for the
// table of the map.
func (g *genericMap) means() string {
	var parts []string
	for _, p := range braces.FindAllString(g.target, -1) {
		if name, ok := strings.CutPrefix(p, "{"); ok {
			if c := g.types.t.src.Column(strings.TrimSuffix(name, "}")); c >= 0 {
				parts = append(parts, "p."+staged(c))
			}
			continue
		}
		parts = append(parts, postgres.Literal(p))
	}
	return fmt.Sprintf("s.%s IN (SELECT p.%s FROM %s p WHERE lower(concat(%s)) OPERATOR(pg_catalog.=) lower(%s))",
		staged(g.typ), staged(g.types.key[0]), g.types.stageName(), strings.Join(parts, ", "), postgres.Literal(g.table))
}

// keyText names the source's row in reports, as typemap.Key does.
func (x *addition) keyText() string {
	var cols []int
	if pk := x.t.src.PrimaryKey; pk != nil {
		cols = x.t.carried(keyIndexes(pk))
	}
	if len(cols) == 0 {
		cols = x.key
	}
	if len(cols) == 0 {
		cols = x.t.wire[:min(3, len(x.t.wire))]
	}
	parts := make([]string, len(cols))
	for i, c := range cols {
		parts[i] = fmt.Sprintf("%s || coalesce(%s, 'NULL')", postgres.Literal(x.t.src.Columns[c].Name+"="), x.shown("s."+staged(c), c))
	}
	return "concat_ws(', ', " + strings.Join(parts, ", ") + ")"
}

// carried gives those of the columns that the run carries over.
func (t *table) carried(cols []int) (out []int) {
	for _, c := range cols {
		if !t.columns[c].skip {
			out = append(out, c)
		}
	}
	return out
}

// shown writes a value for a report.
func (x *addition) shown(expr string, col int) string {
	return merge.Show(x.t.columns[col].home.Type, expr)
}
