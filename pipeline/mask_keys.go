package pipeline

import (
	"slices"

	"github.com/litehaul/litehaul/internal/mask"
)

// maskedColumn is a column of a table of the run.
type maskedColumn struct {
	t   *table
	col int
}

// followMasks gives the columns that foreign keys tie to a masked one the same mask,
// so that references lead where they led.
func (r *run) followMasks() error {
	refs := r.sourceReferences()
	tied, parents := map[maskedColumn][]maskedColumn{}, map[maskedColumn]bool{}
	for _, ref := range refs {
		for i, c := range ref.fk.Columns {
			child, parent := maskedColumn{ref.child, c}, maskedColumn{ref.parent, ref.cols[i]}
			tied[child], tied[parent] = append(tied[child], parent), append(tied[parent], child)
			parents[parent] = true
		}
	}
	seen := map[maskedColumn]bool{}
	for _, t := range r.tables {
		for i := range t.src.Columns {
			x := maskedColumn{t, i}
			if seen[x] || !t.masks.has(i) || len(tied[x]) == 0 {
				continue
			}
			if t.masks.how[i].Kind == mask.Null && !parents[x] {
				continue // references nothing any more
			}
			if err := r.maskGroup(x, tied, parents, seen); err != nil {
				return err
			}
		}
	}
	return nil
}

// maskGroup gives all columns that are tied to one its mask, and the same idea of
// equality. Columns that only refer to others may become NULL instead.
func (r *run) maskGroup(from maskedColumn, tied map[maskedColumn][]maskedColumn, parents, seen map[maskedColumn]bool) error {
	how := from.t.masks.how[from.col]
	if !how.Distinct() {
		return noMask(from.t, from.col, "foreign keys tie it to %s, and %s does not keep values apart; hash and fake-email do",
			tied[from][0], how.Kind)
	}
	group, fold := []maskedColumn{from}, ""
	seen[from] = true
	for i := 0; i < len(group); i++ {
		x := group[i]
		if c := x.t.src.Columns[x.col].Collation; parents[x] && c != "" && c != "BINARY" {
			fold = c // of the parent: SQLite compares so
		}
		for _, next := range tied[x] {
			nulled := next.t.masks.has(next.col) && next.t.masks.how[next.col].Kind == mask.Null && !parents[next]
			if !nulled && !seen[next] {
				seen[next] = true
				group = append(group, next)
			}
		}
	}
	for _, x := range group {
		if x.t.masks == nil {
			x.t.masks = newMasks(x.t)
		}
		m := x.t.masks
		if old, ok := m.how[x.col]; ok && old != how {
			return noMask(x.t, x.col, "foreign keys tie it to %s, which is masked with %s, not with %s", from.String(), how, old)
		}
		if _, ok := m.how[x.col]; !ok {
			m.from[x.col] = from.String()
		}
		m.how[x.col], m.fold[x.col] = how, fold
	}
	return nil
}

// String names the column.
func (x maskedColumn) String() string {
	return x.t.src.Name + "." + x.t.src.Columns[x.col].Name
}

func newMasks(t *table) *masks {
	return &masks{t: t, how: map[int]mask.How{}, fold: map[int]string{}, from: map[int]string{}}
}

// sortedColumns lists the masked columns in the table's order.
func (m *masks) sortedColumns() []int {
	var out []int
	for i := range m.how {
		out = append(out, i)
	}
	slices.Sort(out)
	return out
}
