package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"sync"

	"github.com/litehaul/litehaul/internal/sqlite/page"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// pageFile is the snapshot as package page sees it, opened when it is first
// asked for.
type pageFile struct {
	once sync.Once
	file *page.File
	log  *os.File // the write-ahead log, or nil
	err  error

	mu      sync.Mutex
	layouts map[*schema.Table]*page.Layout
}

// PagesCan tells whether OpenPages can read a table, and if not, why: tables with
// virtual generated columns need the engine.
func (s *Snapshot) PagesCan(t *schema.Table) (ok bool, why string) {
	if ok, why = page.CanRead(t); !ok {
		return false, why
	}
	if _, err := s.pagesOf(); err != nil {
		return false, err.Error()
	}
	return true, ""
}

// pagesOf opens the snapshot for package page.
func (s *Snapshot) pagesOf() (*page.File, error) {
	p := &s.pages
	p.once.Do(func() { p.err = s.openPages() })
	return p.file, p.err
}

func (s *Snapshot) openPages() error {
	count := s.info.PageCount
	if count < 1 || count > math.MaxUint32-1 {
		return &DamagedError{Detail: fmt.Sprintf("%d pages", count)}
	}
	src := page.Source{Main: s.file, Size: s.info.FileSize, PageCount: uint32(count)}
	if m := s.info.Log; m.Frames > 0 {
		l, err := s.openLog(m)
		if err != nil {
			return asDamage("", err)
		}
		src.Log = l
	}
	f, err := page.Open(src)
	if err != nil {
		return pageDamage("", err)
	}
	s.pages.file = f
	s.pages.layouts = map[*schema.Table]*page.Layout{}
	return nil
}

// openLog opens the write-ahead log beside the main file. Nobody locks the log
// itself, so this descriptor of its own drops no lock when it is closed.
func (s *Snapshot) openLog(m LogMark) (*page.Log, error) {
	f, err := os.Open(s.path + "-wal")
	if err != nil {
		return nil, &OpenError{Path: s.path, Kind: ErrLogUnreadable, Cause: err}
	}
	s.pages.log = f
	info, err := f.Stat()
	if err != nil {
		return nil, &OpenError{Path: s.path, Kind: ErrLogUnreadable, Cause: err}
	}
	mark := page.Mark{Frames: m.Frames, Pages: m.Pages}
	// The wal-index keeps the salt's bytes as they are, whatever the machine.
	binary.NativeEndian.PutUint32(mark.Salt[:], m.Salt[0])
	binary.NativeEndian.PutUint32(mark.Salt[4:], m.Salt[1])
	l, err := page.OpenLog(f, info.Size(), mark)
	if err != nil {
		return nil, pageDamage("", err)
	}
	return l, nil
}

// close closes the log. The main file belongs to the snapshot.
func (p *pageFile) close() {
	if p.log != nil {
		_ = p.log.Close() // opened for reading
	}
}

// layout gives the layout of a table, made once.
func (s *Snapshot) layout(t *schema.Table) (*page.File, *page.Layout, error) {
	f, err := s.pagesOf()
	if err != nil {
		return nil, nil, err
	}
	p := &s.pages
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.layouts[t]
	if l == nil {
		if l, err = page.NewLayout(t); err != nil {
			return nil, nil, err
		}
		p.layouts[t] = l
	}
	return f, l, nil
}

// PageUnits cuts a table that PagesCan accepts into at most n units with about
// the same number of leaf pages, in the order of the table's tree. Units of
// rowid tables suit OpenReader too, where Unit.Ranged says so; those of WITHOUT
// ROWID tables only OpenPages.
func (s *Snapshot) PageUnits(ctx context.Context, t *schema.Table, n int) ([]Unit, error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.back()
	f, l, err := s.layout(t)
	if err != nil {
		return nil, err
	}
	parts, err := f.Split(ctx, l, n)
	if err != nil {
		return nil, pageDamage(t.Name, err)
	}
	units := make([]Unit, 0, len(parts))
	for _, p := range parts {
		u := TableUnit(t)
		u.Lo, u.Hi, u.Subtrees = p.Lo, p.Hi, p.Subtrees
		units = append(units, u)
	}
	return units, nil
}

// enter keeps the snapshot from ending until back is called.
func (s *Snapshot) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	s.out++
	return nil
}

// pageReader keeps the snapshot alive while its rows are read.
type pageReader struct {
	r      *page.Reader
	s      *Snapshot
	name   string
	closed bool
}

// OpenPages reads the rows of a unit of a table that PagesCan accepts, from the
// file's pages: the rows that OpenReader gives, in the same order, several times
// as fast. It checks more, so a damaged table may be an error here and rows
// there. Rowids are given also where no column name leads to them.
func (s *Snapshot) OpenPages(ctx context.Context, u Unit) (row.Reader, error) {
	return s.openPageReader(ctx, u, page.ReadOptions{})
}

func (s *Snapshot) openPageReader(ctx context.Context, u Unit, o page.ReadOptions) (row.Reader, error) {
	if u.Table == nil {
		return nil, fmt.Errorf("%s has no pages of its own", u.Name)
	}
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	f, l, err := s.layout(u.Table)
	if err == nil {
		var r *page.Reader
		part := page.Part{Lo: u.Lo, Hi: u.Hi, Subtrees: u.Subtrees}
		if r, err = f.Reader(ctx, l, part, o); err == nil {
			return &pageReader{r: r, s: s, name: u.Name}, nil
		}
	}
	s.back()
	return nil, pageDamage(u.Name, err)
}

// Next implements row.Reader.
func (r *pageReader) Next(vals []row.Value) (rowid int64, ok bool, err error) {
	rowid, ok, err = r.r.Next(vals)
	if err != nil {
		err = pageDamage(r.name, err)
	}
	return rowid, ok, err
}

// Close implements row.Reader.
func (r *pageReader) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	err := r.r.Close()
	r.s.back()
	return err
}

// pageDamage turns corrupt pages into a DamagedError; other errors pass.
func pageDamage(table string, err error) error {
	var e *page.Error
	if !errors.As(err, &e) {
		return err
	}
	detail := e.What
	if e.Err != nil {
		detail = fmt.Sprintf("%s: %v", e.What, e.Err)
	}
	if e.Object != "" && e.Object != table {
		detail = e.Object + ": " + detail
	}
	return &DamagedError{Table: table, Page: e.Page, Detail: detail, Err: err}
}

// ContentHash gives the SHA-256 of the snapshot's pages, wherever they stand: a
// checkpoint does not change it.
func (s *Snapshot) ContentHash(ctx context.Context) (sum [sha256.Size]byte, err error) {
	if err := s.enter(ctx); err != nil {
		return sum, err
	}
	defer s.back()
	f, err := s.pagesOf()
	if err != nil {
		return sum, err
	}
	h := sha256.New()
	if err := f.Copy(ctx, h); err != nil {
		return sum, pageDamage("", err)
	}
	h.Sum(sum[:0])
	return sum, nil
}
