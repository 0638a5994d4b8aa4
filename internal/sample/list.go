package sample

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"sort"

	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// entryLen is the length of one row's number in the file, big endian.
const entryLen = 8

// readAhead is how many numbers a reader takes from the file at once: 32 KiB of them.
const readAhead = 4096

// lists writes the sets into a file.
func (c *chooser) lists() (*Choice, error) {
	f, err := os.CreateTemp("", "litehaul-rows-*")
	if err != nil {
		return nil, fmt.Errorf("list the rows that go in: %w", err)
	}
	out := &Choice{file: f, named: os.Remove(f.Name()) != nil, tables: make([]*Rows, len(c.tables))}
	w := bufio.NewWriterSize(f, 1<<16)
	at := int64(0)
	for i := range c.tables {
		rows, err := c.list(w, i)
		if err != nil {
			_ = out.Close() // the error that matters is at hand
			return nil, err
		}
		rows.file, rows.offset = f, at
		at += rows.n * entryLen
		if rows.left > 0 {
			out.tables[i] = rows
		}
	}
	if err := w.Flush(); err != nil {
		_ = out.Close() // as above
		return nil, fmt.Errorf("list the rows that go in: %w", err)
	}
	return out, nil
}

// list writes the list of one table: of a drawn one the rows that go in, of one with
// all that conditions leave those that stay behind.
func (c *chooser) list(w io.Writer, i int) (*Rows, error) {
	gone, err := c.count("gone", i)
	if err != nil {
		return nil, err
	}
	r := &Rows{ordinals: c.tables[i].rowid == "", left: gone}
	set := "gone"
	if c.req.Share > 0 && !c.req.Tables[i].Whole {
		set, r.listed = "kept", true
		err := c.x.Query("SELECT count(*) FROM "+c.tables[i].name()+" NOT INDEXED", func(vals []row.Value) error {
			r.left = vals[0].Int()
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	shift := int64(0)
	if r.ordinals {
		shift = 1 // numbers begin at 1, ordinals of readers at 0
	}
	err = c.x.Query(fmt.Sprintf("SELECT id FROM temp.%s WHERE t = %d ORDER BY id", set, i), func(vals []row.Value) error {
		r.n++
		var b [entryLen]byte
		binary.BigEndian.PutUint64(b[:], uint64(vals[0].Int()-shift)) //nolint:gosec // the same 64 bits
		_, err := w.Write(b[:])
		return err //nolint:wrapcheck // the caller says what was written
	})
	if err != nil {
		return nil, fmt.Errorf("list the rows that go in: %w", err)
	}
	if r.listed {
		r.left -= r.n
	}
	return r, nil
}

// Reader passes on, of the rows that a reader gives, those that go in. The reader's
// rows come in the order of their rowids, or ordinals.
func (r *Rows) Reader(rows row.Reader) row.Reader {
	return &filter{Reader: rows, list: r, next: -1}
}

// filter merges rows with the list.
type filter struct {
	row.Reader
	list *Rows
	next int64 // place in the list, -1 before the first row
	buf  [readAhead * entryLen]byte
	part []byte // of buf: numbers from next on
}

// Next implements row.Reader.
func (f *filter) Next(vals []row.Value) (rowid int64, ok bool, err error) {
	for {
		rowid, ok, err = f.Reader.Next(vals)
		if err != nil || !ok {
			return rowid, ok, err //nolint:wrapcheck // it is the reader's own
		}
		in, err := f.has(rowid)
		if err != nil {
			return 0, false, err
		}
		if in == f.list.listed {
			return rowid, true, nil
		}
	}
}

// has tells whether the list has a number, which is above all that were asked before.
func (f *filter) has(rowid int64) (bool, error) {
	n := f.list.n
	if f.next < 0 {
		if err := f.seek(rowid); err != nil {
			return false, err
		}
	}
	for f.next < n {
		if len(f.part) == 0 {
			if err := f.fill(); err != nil {
				return false, err
			}
		}
		at := int64(binary.BigEndian.Uint64(f.part)) //nolint:gosec // the same 64 bits
		if at > rowid {
			return false, nil
		}
		f.part, f.next = f.part[entryLen:], f.next+1
		if at == rowid {
			return true, nil
		}
	}
	return false, nil
}

// seek finds the first number that is not below rowid.
func (f *filter) seek(rowid int64) error {
	var err error
	f.next = int64(sort.Search(int(f.list.n), func(i int) bool {
		var b [entryLen]byte
		if _, e := f.list.file.ReadAt(b[:], f.list.offset+int64(i)*entryLen); e != nil {
			err = e
			return true
		}
		return int64(binary.BigEndian.Uint64(b[:])) >= rowid //nolint:gosec // the same 64 bits
	}))
	if err != nil {
		return fmt.Errorf("read the list of rows: %w", err)
	}
	return nil
}

// fill reads the next numbers.
func (f *filter) fill() error {
	f.part = f.buf[:min(f.list.n-f.next, readAhead)*entryLen]
	if _, err := f.list.file.ReadAt(f.part, f.list.offset+f.next*entryLen); err != nil {
		return fmt.Errorf("read the list of rows: %w", err)
	}
	return nil
}
