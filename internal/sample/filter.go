package sample

import (
	"fmt"
	"slices"
)

// filter puts into temp.gone what the conditions leave behind, and whatever
// references it.
func (c *chooser) filter() error {
	given := false
	for i, t := range c.req.Tables {
		for _, cond := range t.Conditions {
			given = true
			if err := c.x.Exec(c.tables[i].failing(cond)); err != nil {
				return &ConditionError{Table: t.Schema.Name, Condition: cond, Err: err}
			}
		}
	}
	if !given {
		return nil
	}
	for _, part := range c.parts {
		if err := c.spread(part); err != nil {
			return err
		}
	}
	return nil
}

// failing puts the rows for which a condition does not hold into temp.gone: NULL is
// not true. The table keeps its name, for the condition to use.
func (r *relation) failing(condition string) string {
	if r.rowid != "" {
		return fmt.Sprintf("INSERT OR IGNORE INTO temp.gone SELECT %d, %s.%s FROM %s NOT INDEXED WHERE %s IS NOT TRUE",
			r.n, quote(r.src.Name), r.rowid, r.name(), met(condition))
	}
	return fmt.Sprintf("INSERT OR IGNORE INTO temp.gone SELECT %d, %s FROM %s WHERE %s IS NOT TRUE",
		r.n, r.id(quote(r.src.Name)), r.name(), met(condition))
}

// spread takes the rows of a part's tables that reference a row which is left behind
// out too, through the references within the part last.
func (c *chooser) spread(part []int) error {
	for i := range c.req.References {
		k := &c.req.References[i]
		if !slices.Contains(part, k.Child) || slices.Contains(part, k.Parent) {
			continue
		}
		if n, err := c.count("gone", k.Parent); err != nil || n == 0 {
			if err != nil {
				return err
			}
			continue
		}
		child, parent := c.tables[k.Child], c.tables[k.Parent]
		err := c.x.Exec(fmt.Sprintf(`INSERT OR IGNORE INTO temp.gone SELECT %d, %s FROM %s AS c WHERE EXISTS (
			SELECT 1 FROM %s AS p CROSS JOIN temp.gone AS g ON g.t = %d AND g.id = %s WHERE %s)`,
			k.Child, child.id("c"), child.name(), parent.name(), k.Parent, parent.id("p"), c.references(k)))
		if err != nil {
			return err
		}
	}
	if circle, err := c.edges(part); err != nil || !circle {
		return err
	}
	return c.x.Exec(`INSERT OR IGNORE INTO temp.gone WITH RECURSIVE more(t, id) AS (
		SELECT g.t, g.id FROM temp.gone AS g WHERE EXISTS (SELECT 1 FROM temp.edge WHERE pt = g.t AND p = g.id)
		UNION SELECT e.ct, e.c FROM more AS m CROSS JOIN temp.edge AS e ON e.pt = m.t AND e.p = m.id)
		SELECT t, id FROM more`)
}

// edges puts into temp.edge what the rows of a part's tables reference within it, and
// tells whether there can be something.
func (c *chooser) edges(part []int) (circle bool, err error) {
	if err := c.x.Exec("DELETE FROM temp.edge"); err != nil {
		return false, err
	}
	for i := range c.req.References {
		k := &c.req.References[i]
		if !slices.Contains(part, k.Child) || !slices.Contains(part, k.Parent) {
			continue
		}
		child, parent := c.tables[k.Child], c.tables[k.Parent]
		err := c.x.Exec(fmt.Sprintf("INSERT OR IGNORE INTO temp.edge SELECT %d, %s, %d, %s FROM %s AS c CROSS JOIN %s AS p WHERE %s",
			k.Parent, parent.id("p"), k.Child, child.id("c"), child.name(), parent.name(), c.references(k)))
		if err != nil {
			return false, err
		}
		circle = true
	}
	return circle, nil
}

// components gives the parts of the graph of references that are strongly connected,
// parents first, from what each table reaches (Warshall, "A theorem on Boolean
// matrices", 1962).
func components(n int, refs []Reference) [][]int {
	reach := make([][]bool, n) // reach[i][j]: i references j, in one step or several
	for i := range reach {
		reach[i] = make([]bool, n)
		reach[i][i] = true
	}
	for _, k := range refs {
		reach[k.Child][k.Parent] = true
	}
	for via := range n {
		for i := range n {
			if !reach[i][via] {
				continue
			}
			for j := range n {
				reach[i][j] = reach[i][j] || reach[via][j]
			}
		}
	}
	var parts [][]int
	placed := make([]bool, n)
	size := func(i int) (k int) { // of what i reaches: parents reach less
		for _, r := range reach[i] {
			if r {
				k++
			}
		}
		return k
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return size(a) - size(b) })
	for _, i := range order {
		if placed[i] {
			continue
		}
		var part []int
		for j := range n {
			if reach[i][j] && reach[j][i] {
				part = append(part, j)
				placed[j] = true
			}
		}
		parts = append(parts, part)
	}
	return parts
}
