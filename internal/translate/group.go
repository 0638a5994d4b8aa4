package translate

import (
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// groupBy rebuilds GROUP BY. From then on, columns outside of aggregates must
// be determined by the groups.
func (b *builder) groupBy(f *frame, c *syntax.SelectCore) (string, error) {
	if len(c.GroupBy) == 0 {
		if grouped(c) {
			f.group = &grouping{}
		}
		return "", nil
	}
	g := &grouping{keys: map[string]bool{}, columns: map[groupColumn]bool{}}
	parts := make([]string, len(c.GroupBy))
	for i, e := range c.GroupBy {
		e, err := groupTarget(e, c)
		if err != nil {
			return "", err
		}
		t, err := b.expr(e)
		if err != nil {
			return "", err
		}
		if t.lit != nil || t.isNull() {
			return "", unsupported("GROUP BY", "it groups by a constant", "")
		}
		if err := distinctable("GROUP BY", []term{t}); err != nil {
			return "", err
		}
		if t.cls == clsJSONValue {
			return "", unsupported("GROUP BY a JSON value", "true and 1 are one group in SQLite, two in jsonb", "")
		}
		parts[i] = t.wrap()
		g.add(f, e)
	}
	f.group = g
	return " GROUP BY " + strings.Join(parts, ", "), nil
}

// groupTarget resolves GROUP BY 1.
func groupTarget(e syntax.Expr, c *syntax.SelectCore) (syntax.Expr, error) {
	l, ok := e.(*syntax.Literal)
	if !ok || l.Kind != syntax.LitInt {
		return e, nil
	}
	n, err := strconv.Atoi(l.Text)
	if err != nil || n < 1 || n > len(c.Columns) {
		return nil, unsupported("GROUP BY "+l.Text, "there is no such column", "")
	}
	for _, r := range c.Columns[:n] {
		if r.Star || r.X == nil {
			return nil, unsupported("GROUP BY "+l.Text, "a star stands before the column", "")
		}
	}
	return c.Columns[n-1].X, nil
}

// add enters an expression of GROUP BY: its text, and the column when it is
// one. An alias stands for its expression.
func (g *grouping) add(f *frame, e syntax.Expr) {
	if text, ok := shortSource(e); ok {
		g.keys[text] = true
	}
	n, ok := e.(*syntax.Name)
	if !ok {
		return
	}
	table, name := foldASCII(n.Table), foldASCII(n.Column)
	for _, s := range f.sources {
		if i := s.find(name); i >= 0 && (table == "" && !s.hidden[i] || s.name == table) {
			g.columns[groupColumn{s, i}] = true
			return
		}
	}
	for _, c := range f.aliases {
		if table == "" && foldASCII(c.Alias) == name && c.X != nil && c.Alias != "" && c.X != e {
			if x, ok := c.X.(*syntax.Name); !ok || foldASCII(x.Column) != name {
				g.add(f, c.X)
			}
			return
		}
	}
}

// grouped tells whether a SELECT without GROUP BY gives one row.
func grouped(c *syntax.SelectCore) bool {
	if c.Having != nil {
		return true
	}
	for _, r := range c.Columns {
		if r.X != nil && hasAggregate(r.X) {
			return true
		}
	}
	return false
}
