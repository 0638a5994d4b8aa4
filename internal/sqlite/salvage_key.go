package sqlite

import (
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// keySearch is the salvage of a table without rowids: forward until an error,
// then backward by primary key down to the last row of the way forward.
type keySearch struct {
	v       *salvage
	from    string
	columns []int       // of the key; nil when only forward is possible
	desc    bool        // the key's order
	last    []row.Value // the key of the last row; owns its bytes
	ordinal int64
	failed  error // of the way forward
}

func (v *salvage) openKeys() (err error) {
	f := &keySearch{v: v}
	f.columns, f.desc = plainKey(v.t)
	f.last = make([]row.Value, len(f.columns))
	v.take, v.follow = f.take, f.follow
	if f.from, err = v.c.fromTable(v.t, ""); err != nil {
		return err
	}
	v.st, err = v.prepare("SELECT * FROM " + f.from)
	return err
}

// plainKey gives the columns of a primary key that SQL can compare as a whole
// the way the tree orders it: one direction, each column's own collation.
func plainKey(t *schema.Table) (columns []int, desc bool) {
	if !t.WithoutRowid || t.PrimaryKey == nil {
		return nil, false
	}
	for i, p := range t.PrimaryKey.Parts {
		if i == 0 {
			desc = p.Desc
		}
		if p.Desc != desc || p.Collation != t.Columns[p.Column].Collation {
			return nil, false
		}
		columns = append(columns, p.Column)
	}
	return columns, desc
}

// take keeps the row's key: it bounds the way back.
func (f *keySearch) take(vals []row.Value) (int64, bool) {
	if f.failed == nil {
		for i, c := range f.columns {
			own := f.last[i].Bytes[:0]
			own = append(own, vals[c].Bytes...)
			f.last[i] = vals[c]
			f.last[i].Bytes = own
		}
	}
	f.ordinal++
	return f.ordinal - 1, true
}

func (f *keySearch) follow(failure error) error {
	v := f.v
	switch {
	case failure == nil:
		v.done = true
		return nil
	case f.failed != nil || f.columns == nil:
		v.done = true
	default:
		f.failed = failure
		return f.turnBack()
	}
	v.onGap(Gap{Table: v.t.Name, Err: asDamage(v.t.Name, failure)})
	return nil
}

// turnBack starts the way back.
func (f *keySearch) turnBack() error {
	names, places, order := make([]string, 0, len(f.columns)), []string{}, []string{}
	back, beyond := " DESC", " > "
	if f.desc {
		back, beyond = "", " < "
	}
	for i, c := range f.columns {
		name := quote(f.v.t.Columns[c].Name)
		names = append(names, name)
		places = append(places, fmt.Sprintf("?%d", i+1))
		order = append(order, name+back)
	}
	sql := "SELECT * FROM " + f.from
	if f.ordinal > 0 {
		sql += " WHERE (" + strings.Join(names, ", ") + ")" + beyond + "(" + strings.Join(places, ", ") + ")"
	}
	st, err := f.v.prepare(sql + " ORDER BY " + strings.Join(order, ", "))
	if err != nil {
		return err
	}
	f.v.st = st
	if f.ordinal == 0 {
		return nil
	}
	for i := range f.last {
		if err := st.bindValue(i+1, &f.last[i]); err != nil {
			return err
		}
	}
	return nil
}
