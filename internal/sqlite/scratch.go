package sqlite

import (
	"context"
	"errors"
	"fmt"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// scratchKiB bounds the page cache of a scratch database; what is more lies in
// SQLite's temporary file.
const scratchKiB = 16 << 10

// Scratch is a connection on the snapshot's state with a temporary database of its
// own, in which tables can be made: to ask the source in SQL, with SQLite's own
// comparisons. The source's tables are main."name", those of the temporary
// database temp."name". Statements may read the one and write the other: main is
// open for reading only.
//
// A Scratch serves one goroutine. Its temporary file goes with Close.
type Scratch struct {
	ctx  context.Context //nolint:containedctx // it lives for one operation
	s    *Snapshot
	c    *conn
	stop func()
}

// Scratch opens a connection with a temporary database. The end of ctx interrupts
// what runs on it.
func (s *Snapshot) Scratch(ctx context.Context) (*Scratch, error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	c, err := s.connect(ctx)
	if err != nil {
		s.back()
		return nil, err
	}
	x := &Scratch{ctx: ctx, s: s, c: c, stop: c.watch(ctx)}
	if err = c.exec("PRAGMA temp_store=FILE"); err == nil {
		err = c.exec(fmt.Sprintf("PRAGMA temp.cache_size=-%d", scratchKiB))
	}
	if err == nil && s.pinned != byLog { // else the snapshot itself is a transaction
		err = c.exec("BEGIN")
	}
	if err != nil {
		x.Close()
		return nil, ended(ctx, err)
	}
	return x, nil
}

// Close gives the connection and all its tables up.
func (x *Scratch) Close() {
	x.stop()
	x.c.close()
	x.s.back()
}

// Exec runs a statement and drops its rows.
func (x *Scratch) Exec(sql string) error { return ended(x.ctx, x.c.exec(sql)) }

// Compiles tells whether a statement can be run as it stands: functions that the
// library does not have are an error, and so are names in double quotes that no column
// has, which SQLite would take for texts. The error is in the engine's own words.
func (x *Scratch) Compiles(sql string) error {
	st := &stmt{c: x.c, sql: sql}
	err := x.c.guard("prepare", func() error {
		if err := x.c.setConfig(sqlite3.SQLITE_DBCONFIG_DQS_DML, false); err != nil {
			return err
		}
		err := x.c.prepareOnce(st)
		return errors.Join(err, x.c.setConfig(sqlite3.SQLITE_DBCONFIG_DQS_DML, true))
	})
	st.close()
	var e *Error
	if errors.As(err, &e) {
		return errors.New(e.Message)
	}
	return err
}

// ScratchStatement is a prepared statement of a Scratch.
type ScratchStatement struct {
	x  *Scratch
	st *stmt
}

// Prepare compiles a statement that is run many times.
func (x *Scratch) Prepare(sql string) (*ScratchStatement, error) {
	st, err := x.c.prepare(sql)
	if err != nil {
		return nil, err
	}
	st.utf16 = x.s.info.Encoding != "UTF-8"
	return &ScratchStatement{x: x, st: st}, nil
}

// Run runs the statement with args for its parameters and hands f, which may be
// nil, each row. Bytes are valid until f returns.
func (p *ScratchStatement) Run(args []row.Value, f func(vals []row.Value) error) error {
	err := p.run(args, f)
	p.st.reset()
	p.st.dropArgs()
	return ended(p.x.ctx, err)
}

func (p *ScratchStatement) run(args []row.Value, f func(vals []row.Value) error) error {
	for i := range args {
		if err := p.st.bindValue(i+1, &args[i]); err != nil {
			return err
		}
	}
	vals := make([]row.Value, p.st.columns())
	for {
		ok, err := p.st.step()
		if err != nil || !ok {
			return err
		}
		if f == nil {
			continue
		}
		p.st.row(vals, 0)
		if err := f(vals); err != nil {
			return err
		}
	}
}

// Close gives the statement up.
func (p *ScratchStatement) Close() { p.st.close() }

// Query runs a statement once and hands f each row, as ScratchStatement.Run does.
func (x *Scratch) Query(sql string, f func(vals []row.Value) error) error {
	p, err := x.Prepare(sql)
	if err != nil {
		return ended(x.ctx, err)
	}
	defer p.Close()
	return p.Run(nil, f)
}

// Source names a table of the source so that its own tree is read, with an alias,
// in the order in which readers give its rows.
func (x *Scratch) Source(u Unit, alias string) (string, error) {
	from, err := x.c.fromTable(u.Table, alias)
	return from, ended(x.ctx, err)
}

// RowidName gives an expression for the rowid of the unit's table, "" where there is
// none or where columns take all its names.
func (u Unit) RowidName() string {
	if u.Table == nil {
		return ""
	}
	return rowidName(u.Table)
}
