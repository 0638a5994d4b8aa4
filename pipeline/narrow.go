package pipeline

import (
	"context"
	"slices"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/verify"
	"github.com/litehaul/litehaul/typemap"
)

// maxDiffKeys is how many differing keys a report names.
const maxDiffKeys = 20

// narrow finds the columns and keys in which a table differs, by reading both
// sides again: once to find the buckets of keys that differ, once more to name
// the keys in them.
func (rb *readback) narrow(ctx context.Context, w *worker) error {
	columns := make([]verify.Column, 0, len(rb.types))
	for i := range rb.t.columns {
		if c := &rb.t.columns[i]; !c.skip {
			columns = append(columns, verify.Column{Name: c.src.Name, Type: c.decision.Type})
		}
	}
	s := verify.NewSearch(columns, rb.t.keyColumns(), maxDiffKeys)
	for !s.Done() {
		if err := rb.eachSource(ctx, s.Source); err != nil {
			return err
		}
		err := rb.copyOut(ctx, w.Conn, "", s.Target)
		if err != nil {
			return err
		}
		if err := s.Next(); err != nil {
			return err
		}
	}
	d := rb.t.differs
	for _, i := range s.Columns() {
		d.Columns = append(d.Columns, columns[i].Name)
	}
	d.Keys, d.More = s.Keys()
	return nil
}

// eachSource encodes all rows of the table again.
func (rb *readback) eachSource(ctx context.Context, f func(tuple []byte, key func() string) error) error {
	t := rb.t
	silent, err := newLedger("")
	if err != nil {
		return err
	}
	enc := newRowEncoder(t, silent, rb.r.cfg.InvalidText == InvalidReject).digesting()
	for _, u := range t.units {
		err := rb.r.scanUnit(ctx, t, u, func(rowid int64, vals []row.Value) error {
			var err error
			if enc.tuple, err = enc.fields(enc.tuple[:0], rowid, vals); err != nil {
				if err == errRejected { //nolint:errorlint // returned as it is by fields
					return nil
				}
				return err
			}
			return f(enc.tuple, func() string { return typemap.Key(t.src, rowid, vals) })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// keyColumns gives the columns that name a row, the primary key's or all, as
// they are numbered among those that are carried over.
func (t *table) keyColumns() []int {
	var all, key []int
	pk := t.src.PrimaryKey
	for i := range t.columns {
		if t.columns[i].skip {
			continue
		}
		if pk != nil && slices.Contains(keyIndexes(pk), i) {
			key = append(key, len(all))
		}
		all = append(all, len(all))
	}
	if len(key) == 0 {
		return all
	}
	return key
}
