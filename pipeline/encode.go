package pipeline

import (
	"errors"
	"fmt"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/verify"
	"github.com/litehaul/litehaul/typemap"
)

// rowEncoder turns rows of one table into tuples of a COPY stream, and digests
// them where that is asked for. It serves one goroutine and allocates nothing
// per row.
type rowEncoder struct {
	t      *table
	row    *convert.Row
	kept   int            // columns that are not skipped
	hasher *verify.Hasher // nil: no digest
	sum    verify.Digest
	tuple  []byte // all columns, the generated ones too; only with generated columns
	ledger *ledger
	reject bool // rows with text that Postgres cannot hold stay behind
	tee    *tee // nil: the rows go nowhere else
}

func newRowEncoder(t *table, l *ledger, reject bool) *rowEncoder {
	columns := make([]convert.Column, len(t.columns))
	for i := range t.columns {
		columns[i] = t.columns[i].decision.Column
	}
	e := &rowEncoder{t: t, ledger: l, reject: reject, row: convert.NewRow(columns)}
	e.kept = len(t.types())
	for i := range t.profile.Columns {
		if t.profile.Columns[i].ASCII() {
			e.row.KnowASCII(i)
		}
	}
	return e
}

// digesting makes e add up the digest of its rows.
func (e *rowEncoder) digesting() *rowEncoder {
	e.hasher = verify.NewHasher(e.t.types())
	return e
}

// types lists the types of the columns that are carried over.
func (t *table) types() []sqltype.Type {
	out := make([]sqltype.Type, 0, len(t.columns))
	for i := range t.columns {
		if c := &t.columns[i]; !c.skip {
			out = append(out, c.decision.Type)
		}
	}
	return out
}

// errRejected is a row that a policy leaves behind; it is in the ledger.
var errRejected = errors.New("row rejected")

// cellError is a value that does not become a field of its column's type.
type cellError struct {
	table, column, key, value string
	err                       error
}

// Error names the cell.
func (e *cellError) Error() string {
	return fmt.Sprintf("table %s, column %s, row %s: %s: %v", e.table, e.column, e.key, e.value, e.err)
}

// Unwrap gives the conversion's own error.
func (e *cellError) Unwrap() error { return e.err }

// append appends the row as a tuple with its header, and adds it to the
// digest. dst is returned as it was when the row is rejected.
func (e *rowEncoder) append(dst []byte, rowid int64, vals []row.Value) ([]byte, error) {
	start := len(dst)
	if len(e.t.wire) == e.kept {
		dst = pgcopy.AppendTupleHeader(dst, e.kept)
		body := len(dst)
		var err error
		if dst, err = e.fields(dst, rowid, vals); err != nil {
			return dst[:start], err
		}
		return dst, e.digest(dst[start:], dst[body:])
	}
	var err error
	if e.tuple, err = e.fields(e.tuple[:0], rowid, vals); err != nil {
		return dst, err
	}
	dst = pgcopy.AppendTupleHeader(dst, len(e.t.wire))
	it := pgcopy.NewFields(e.tuple)
	for i := range e.t.columns {
		if e.t.columns[i].skip {
			continue
		}
		it.Next()
		switch {
		case e.t.columns[i].generated != "":
		case it.Value() == nil:
			dst = pgcopy.AppendNull(dst)
		default:
			dst = pgcopy.AppendBytea(dst, it.Value())
		}
	}
	return dst, e.digest(dst[start:], e.tuple)
}

// digest accounts for a row: sent is its tuple in the stream, fields all that is
// digested of it.
func (e *rowEncoder) digest(sent, fields []byte) error {
	if e.hasher == nil {
		return nil
	}
	hi, lo, err := e.hasher.Hash(fields)
	if err != nil {
		return fmt.Errorf("table %s: digest a row: %w", e.t.src.Name, err)
	}
	e.sum.Add(hi, lo)
	if e.tee == nil {
		return nil
	}
	return e.tee.add(sent, hi, lo)
}

// fields appends all columns of the row.
func (e *rowEncoder) fields(dst []byte, rowid int64, vals []row.Value) ([]byte, error) {
	for i := 0; ; i++ {
		if dst, i = e.row.Append(dst, vals, i); i == len(vals) {
			return dst, nil
		}
		var note convert.Note
		var err error
		if dst, note, err = e.row.Cell(dst, i, &vals[i]); err != nil {
			return dst, e.misfit(i, rowid, vals, err)
		}
		if note != convert.Exact {
			e.ledger.changed(e.t, i, note, typemap.Key(e.t.src, rowid, vals), &vals[i])
		}
	}
}

func (e *rowEncoder) misfit(col int, rowid int64, vals []row.Value, err error) error {
	v := &vals[col]
	key := typemap.Key(e.t.src, rowid, vals)
	if e.reject && v.Class == row.Text && e.t.columns[col].decision.Type.IsText() {
		e.ledger.rejected(e.t, col, key, v)
		return errRejected
	}
	return &cellError{e.t.src.Name, e.t.src.Columns[col].Name, key, typemap.Show(v), err}
}
