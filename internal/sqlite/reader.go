package sqlite

import (
	"context"
	"fmt"
	"runtime/debug"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/litehaul/litehaul/internal/sqlite/page"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// maxColumns is the library's limit of result columns.
const maxColumns = sqlite3.SQLITE_MAX_COLUMN

// reader steps one statement over a unit. It owns its connection until Close.
type reader struct {
	ctx  context.Context //nolint:containedctx // row.Reader.Next has none; the reader lives within one operation
	s    *Snapshot
	c    *conn
	st   *stmt
	keys *stmt // gives the rowids where st has no room for them, or nil
	stop func()
	name string

	columnN int
	first   int32 // result column of the first value
	alias   int   // column that is the rowid, or -1
	ordinal int64 // rows so far
	keyed   bool  // rows have rowids, which must ascend
	last    int64 // the row before's
	done    bool
	err     error
	closed  bool
}

// OpenReader reads the rows of a unit on a connection of its own: all columns in
// declaration order, generated ones included, each value in the storage class
// that typeof() names. Rows come in storage order, through the table itself and
// never through an index.
func (s *Snapshot) OpenReader(ctx context.Context, u Unit) (row.Reader, error) {
	if u.Subtrees != (page.Subtrees{}) {
		return nil, fmt.Errorf("read %s: only OpenPages can read a part of a WITHOUT ROWID table", u.Name)
	}
	c, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	r := &reader{ctx: ctx, s: s, c: c, name: u.Name, columnN: len(u.Columns), alias: -1}
	r.stop = c.watch(ctx)
	if err := r.prepare(u); err != nil {
		_ = r.Close() // the error that matters is at hand
		return nil, ended(ctx, asDamage(u.Name, fmt.Errorf("read %s: %w", u.Name, err)))
	}
	return r, nil
}

// prepare compiles the statement of the unit.
func (r *reader) prepare(u Unit) (err error) {
	from, key, where := "main."+quote(u.Name), "", ""
	if u.Table != nil {
		key, r.alias = rowidName(u.Table), u.Table.RowidAlias
		if from, err = r.c.fromTable(u.Table, ""); err != nil {
			return err
		}
	}
	r.keyed = key != ""
	if key != "" && !u.Whole() {
		where = " WHERE " + key + " BETWEEN ?1 AND ?2"
	}
	ranged := where != ""
	if u.Where != "" {
		// The line feed ends a comment in the condition.
		where += map[bool]string{false: " WHERE (", true: " AND ("}[ranged] + u.Where + "\n)"
	}
	what := "*"
	switch {
	case key == "" || r.alias >= 0:
	case len(u.Columns) < maxColumns:
		what, r.first = key+", *", 1
	default:
		if r.keys, err = r.bound("SELECT "+key+" FROM "+from+where, u, ranged); err != nil {
			return err
		}
	}
	if r.st, err = r.bound("SELECT "+what+" FROM "+from+where, u, ranged); err != nil {
		return err
	}
	r.st.utf16 = r.s.info.Encoding != "UTF-8"
	if n := r.st.columns() - int(r.first); n != r.columnN {
		return fmt.Errorf("the schema has %d columns, the engine reads %d", r.columnN, n)
	}
	return nil
}

// fromTable names a table so that its own tree is read. A covering index would
// give another order, and may be damaged by itself. NOT INDEXED does not keep
// indexes from a WITHOUT ROWID table; naming the one that is the table does. alias
// is "" for none.
func (c *conn) fromTable(t *schema.Table, alias string) (string, error) {
	from := "main." + quote(t.Name)
	if alias != "" {
		from += " AS " + alias
	}
	if !t.WithoutRowid {
		return from + " NOT INDEXED", nil
	}
	err := c.query(`SELECT name FROM pragma_index_list(?1, 'main') WHERE origin = 'pk'`, func(st *stmt) error {
		from += " INDEXED BY " + quote(st.text(0))
		return nil
	}, t.Name)
	return from, err
}

func (r *reader) bound(sql string, u Unit, ranged bool) (*stmt, error) {
	st, err := r.c.prepare(sql)
	if err != nil || !ranged {
		return st, err
	}
	if err = st.bindInt(1, u.Lo); err == nil {
		err = st.bindInt(2, u.Hi)
	}
	if err != nil {
		st.close()
		return nil, err
	}
	return st, nil
}

// Next implements row.Reader. An error ends the reader: it comes again.
func (r *reader) Next(vals []row.Value) (rowid int64, ok bool, err error) {
	if r.done || r.err != nil {
		return 0, false, r.err
	}
	if len(vals) != r.columnN {
		return 0, false, fmt.Errorf("read %s: %d values for %d columns", r.name, len(vals), r.columnN)
	}
	rowid, ok, err = r.next(vals)
	if err != nil {
		r.err = ended(r.ctx, asDamage(r.name, fmt.Errorf("read %s after %d rows: %w", r.name, r.ordinal, err)))
		return 0, false, r.err
	}
	if !ok {
		r.done = true
		return 0, false, nil
	}
	// The engine does not mind a tree out of order when it scans; a rowid that
	// is wrong would arrive as a wrong key.
	if r.keyed && r.ordinal > 0 && rowid <= r.last {
		r.err = &DamagedError{Table: r.name, Detail: fmt.Sprintf("rowid %d follows %d, out of order", rowid, r.last)}
		return 0, false, r.err
	}
	r.last = rowid
	r.ordinal++
	return rowid, true, nil
}

// next is the hot path: one guard per row, not one per call of the library.
func (r *reader) next(vals []row.Value) (rowid int64, ok bool, err error) {
	c := r.c
	if c.dead {
		return 0, false, errDead("step")
	}
	old := debug.SetPanicOnFault(true)
	defer func() {
		debug.SetPanicOnFault(old)
		if p := recover(); p != nil {
			c.dead = true
			rowid, ok, err = 0, false, panicked("step", p)
		}
	}()
	if rc := sqlite3.Xsqlite3_step(c.tls, r.st.p); rc != sqlite3.SQLITE_ROW {
		return 0, false, c.failed(rc, "step")
	}
	r.st.row(vals, r.first)
	switch {
	case r.first == 1:
		return r.st.int(0), true, nil
	case r.alias >= 0:
		return vals[r.alias].Int(), true, nil
	case r.keys != nil:
		if rc := sqlite3.Xsqlite3_step(c.tls, r.keys.p); rc != sqlite3.SQLITE_ROW {
			return 0, false, c.failed(rc, "step")
		}
		return r.keys.int(0), true, nil
	}
	return r.ordinal, true, nil
}

// Close implements row.Reader.
func (r *reader) Close() error {
	if r.closed {
		return nil
	}
	r.closed, r.done = true, true
	r.stop()
	if r.st != nil {
		r.st.close()
	}
	if r.keys != nil {
		r.keys.close()
	}
	r.s.release(r.c)
	return nil
}

// RowCount counts the rows of a table by walking its own pages, never an
// index, which might disagree with it.
func (s *Snapshot) RowCount(ctx context.Context, t *schema.Table) (int64, error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer s.release(c)
	defer c.watch(ctx)()
	n, err := c.number("SELECT count(*) FROM main." + quote(t.Name) + " NOT INDEXED")
	if err != nil {
		return 0, ended(ctx, asDamage(t.Name, fmt.Errorf("count %s: %w", t.Name, err)))
	}
	return n, nil
}
