package sample

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// draw puts the rows that are drawn into temp.kept, parents before children.
func (c *chooser) draw() error {
	if c.req.Share == 0 {
		return nil
	}
	for i := range c.tables {
		if err := c.takeWhole(i); err != nil {
			return err
		}
	}
	for _, part := range c.parts {
		for _, i := range part {
			if c.req.Tables[i].Whole {
				continue
			}
			if err := c.drawFrom(i, c.owner(i, part)); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeWhole finds out whether a table is small, and takes all rows of those that go in
// whole. Those of tables that reference nothing need not be noted: nobody asks.
func (c *chooser) takeWhole(i int) error {
	t, r := &c.req.Tables[i], c.tables[i]
	if !t.Whole {
		err := c.x.Query(fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s LIMIT %d)", r.name(), c.req.Small+1), func(vals []row.Value) error {
			t.Whole = vals[0].Int() <= int64(c.req.Small)
			return nil
		})
		if err != nil {
			return err
		}
	}
	refers := slices.ContainsFunc(c.req.References, func(k Reference) bool { return k.Child == i })
	if !t.Whole || !refers {
		return nil
	}
	return c.x.Exec(fmt.Sprintf("INSERT INTO temp.kept SELECT %d, %s FROM %s AS c WHERE %s", i, r.id("c"), r.name(), r.without("gone", "c")))
}

// owner gives the reference along which the rows of a table are taken: to a table
// outside of its own circle of which rows are drawn. Of several, one that deletes the
// children with their parent says it best, then one in the primary key, then one that
// is never NULL; then the first. nil: there is none.
func (c *chooser) owner(i int, part []int) (best *Reference) {
	most := -1
	for j := range c.req.References {
		k := &c.req.References[j]
		if k.Child != i || slices.Contains(part, k.Parent) || c.req.Tables[k.Parent].Whole {
			continue
		}
		if w := weight(c.tables[i].src, k.Key); w > most {
			best, most = k, w
		}
	}
	return best
}

func weight(t *schema.Table, k *schema.ForeignKey) (w int) {
	if k.OnDelete == "CASCADE" {
		w += 4
	}
	inKey, never := true, true
	for _, col := range k.Columns {
		inKey = inKey && t.Columns[col].PKOrdinal > 0
		never = never && (t.Columns[col].NotNull || t.Columns[col].PKOrdinal > 0)
	}
	if inKey {
		w += 2
	}
	if never {
		w++
	}
	return w
}

// drawFrom draws rows of one table: those whose owner is drawn, and of those that have
// none, by their keys.
func (c *chooser) drawFrom(i int, owner *Reference) error {
	r := c.tables[i]
	put, err := c.x.Prepare(fmt.Sprintf("INSERT INTO temp.kept VALUES (%d, ?1)", i))
	if err != nil {
		return err
	}
	defer put.Close()
	what := []string{r.id("c"), "NULL"}
	if owner != nil {
		parent := c.tables[owner.Parent]
		what[1] = fmt.Sprintf("(SELECT EXISTS (SELECT 1 FROM temp.kept AS k WHERE k.t = %d AND k.id = %s) FROM %s AS p WHERE %s)",
			owner.Parent, parent.id("p"), parent.name(), c.references(owner))
	}
	for _, col := range keyOf(r.src) {
		what = append(what, "c."+r.column(col))
	}
	limit := threshold(c.req.Share)
	h := keyHash{seed: xxh3.HashString(r.src.Name)}
	query := fmt.Sprintf("SELECT %s FROM %s AS c WHERE %s", strings.Join(what, ", "), r.name(), r.without("gone", "c"))
	return c.x.Query(query, func(vals []row.Value) error {
		in := vals[1].Class == row.Integer && vals[1].Int() != 0
		if vals[1].Class == row.Null {
			key := vals[2:]
			if len(key) == 0 {
				key = vals[:1]
			}
			in = h.of(key) <= limit
		}
		if !in {
			return nil
		}
		return put.Run(vals[:1], nil)
	})
}

// keyOf gives the columns by which a table's rows are drawn: those of its primary key,
// none for the rowid.
func keyOf(t *schema.Table) (cols []int) {
	if t.PrimaryKey == nil {
		return nil
	}
	for _, p := range t.PrimaryKey.Parts {
		cols = append(cols, p.Column)
	}
	return cols
}

// threshold gives the hash up to which a share of all hashes lies.
func threshold(share float64) uint64 {
	if share >= 1 {
		return math.MaxUint64
	}
	return uint64(share * (1 << 64))
}

// keyHash hashes keys, the same on each machine.
type keyHash struct {
	seed uint64
	buf  []byte
}

func (h *keyHash) of(key []row.Value) uint64 {
	h.buf = h.buf[:0]
	for i := range key {
		v := &key[i]
		h.buf = append(h.buf, byte(v.Class))
		switch v.Class {
		case row.Integer:
			h.buf = binary.LittleEndian.AppendUint64(h.buf, uint64(v.Int())) //nolint:gosec // the same 64 bits
		case row.Real:
			h.buf = binary.LittleEndian.AppendUint64(h.buf, math.Float64bits(v.Real()))
		default:
			h.buf = binary.LittleEndian.AppendUint64(h.buf, uint64(len(v.Bytes)))
			h.buf = append(h.buf, v.Bytes...)
		}
	}
	return xxh3.HashSeed(h.buf, h.seed)
}

// complete adds the parents that rows of temp.kept lack, children before parents.
func (c *chooser) complete() error {
	if c.req.Share == 0 {
		return nil
	}
	for _, part := range slices.Backward(c.parts) {
		if err := c.climb(part); err != nil {
			return err
		}
		for i := range c.req.References {
			k := &c.req.References[i]
			if !slices.Contains(part, k.Child) || slices.Contains(part, k.Parent) || c.req.Tables[k.Parent].Whole {
				continue
			}
			child, parent := c.tables[k.Child], c.tables[k.Parent]
			err := c.x.Exec(fmt.Sprintf("INSERT OR IGNORE INTO temp.kept SELECT %d, %s FROM %s CROSS JOIN %s AS p WHERE %s",
				k.Parent, parent.id("p"), child.ofSet("kept", "c"), parent.name(), c.references(k)))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// climb adds the parents within a part: of a table that references itself, and of
// circles.
func (c *chooser) climb(part []int) error {
	if circle, err := c.edges(part); err != nil || !circle {
		return err
	}
	for _, sql := range []string{
		"CREATE INDEX IF NOT EXISTS temp.upward ON edge(ct, c)",
		`INSERT OR IGNORE INTO temp.kept WITH RECURSIVE more(t, id) AS (
			SELECT k.t, k.id FROM temp.kept AS k WHERE EXISTS (SELECT 1 FROM temp.edge WHERE ct = k.t AND c = k.id)
			UNION SELECT e.pt, e.p FROM more AS m CROSS JOIN temp.edge AS e ON e.ct = m.t AND e.c = m.id)
			SELECT t, id FROM more`,
	} {
		if err := c.x.Exec(sql); err != nil {
			return err
		}
	}
	return nil
}
