package bench

import (
	"errors"
	"strings"
	"time"
)

// part is one table of a plain generator: as many rows as fill is called for,
// with dice of the table's own.
type part struct {
	table   string
	columns string // names, with blanks between
	rows    int64  // at scale 1
	room    int    // bytes of texts and BLOBs in a row; 0: argsSize
	fill    func(t *insert, d *dice, n int64)
}

// writeParts makes the tables of ddl, fills them one after the other, and runs
// after when all rows are in.
func (w *writer) writeParts(ddl string, parts []part, size Size, after string) error {
	if err := w.exec(ddl); err != nil {
		return err
	}
	for _, p := range parts {
		if err := w.writePart(p, size); err != nil {
			return err
		}
	}
	if after == "" {
		return nil
	}
	return w.exec(after)
}

func (w *writer) writePart(p part, size Size) error {
	room := p.room
	if room == 0 {
		room = argsSize
	}
	t, err := w.intoRoom(room, p.table, strings.Fields(p.columns)...)
	if err != nil {
		return err
	}
	d := newDice(size.Seed, p.table)
	for n := range scaled(p.rows, size.Scale) {
		p.fill(t, d, n)
		if err := t.row(); err != nil {
			return err
		}
	}
	return nil
}

// Size says how large a database becomes, and which one of that size.
type Size struct {
	// Scale multiplies the rows: 1, which 0 stands for, is what the generator's
	// own comment says.
	Scale float64
	Seed  uint64
}

// normal fills in the default scale.
func (s Size) normal() (Size, error) {
	if s.Scale == 0 {
		s.Scale = 1
	}
	if !(s.Scale > 0) {
		return s, errors.New("scale must be greater than 0")
	}
	return s, nil
}

// appendTime appends a moment, given in microseconds since the start of 1970.
func appendTime(dst []byte, micros int64, layout string) []byte {
	return time.UnixMicro(micros).UTC().AppendFormat(dst, layout)
}

// Moments of the plain generators, in microseconds since the start of 1970:
// ten years from 2015 on.
const (
	firstMicro = 1_420_070_400_000_000
	lastMicro  = 1_735_689_600_000_000
)

// micro throws a moment.
func (d *dice) micro() int64 { return d.between(firstMicro, lastMicro-1) }

// noise appends n bytes that do not compress, eight at a throw.
func (d *dice) noise(dst []byte, n int) []byte {
	for ; n >= 8; n -= 8 {
		v := d.Uint64()
		dst = append(dst, byte(v), byte(v>>8), byte(v>>16), byte(v>>24), byte(v>>32), byte(v>>40), byte(v>>48), byte(v>>56)) //nolint:gosec // G115: the bytes of a number
	}
	return d.bytes(dst, n)
}
