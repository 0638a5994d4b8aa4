package bench

import (
	"context"
	"errors"
	"strconv"
	"time"
)

// Rows of the shop at scale 1. Order items (1 to 4 an order), tags of products
// and payments come in numbers that chance decides.
const (
	shopCategories = 120
	shopUsers      = 12_000
	shopAddresses  = 14_000
	shopSessions   = 18_000
	shopProducts   = 5_000
	shopOrders     = 27_000
	shopReturns    = 1_300
	shopReviews    = 8_000
)

// Time in the shop, in milliseconds since the start of 1970.
var (
	shopOpens = time.Date(2019, time.March, 4, 8, 0, 0, 0, time.UTC).UnixMilli()
	shopToday = time.Date(2025, time.June, 30, 17, 0, 0, 0, time.UTC).UnixMilli()
)

const msPerDay = secondsPerDay * 1000

// ShopOptions say what Shop writes.
type ShopOptions struct {
	// Scale multiplies the rows: 1, which 0 stands for, is about 200,000.
	Scale float64
	Seed  uint64
}

// shop holds what the generators of the tables share.
type shop struct {
	w         *writer
	seed      uint64
	scale     float64
	users     [][16]byte
	addresses []address
	prices    []int64 // cents, of product i+1
	orders    []sale
	buf       []byte // for one text at a time
}

// address is a row of addresses: orders go to one of their user's.
type address struct {
	id   [16]byte
	user int64
}

// sale is what the tables around orders need to know of one.
type sale struct {
	placed, cents int64
	lines         int64
	paid          bool
}

// Shop writes the database of a small web shop to a new file at path. An error
// leaves no file. All rows satisfy their keys, foreign keys and checks.
func Shop(ctx context.Context, path string, opts ShopOptions) (Stats, error) {
	if opts.Scale == 0 {
		opts.Scale = 1
	}
	if !(opts.Scale > 0) {
		return Stats{}, errors.New("scale must be greater than 0")
	}
	w, err := newWriter(ctx, path)
	if err != nil {
		return Stats{}, err
	}
	s := &shop{w: w, seed: opts.Seed, scale: opts.Scale}
	return w.finish(s.write())
}

func (s *shop) write() error {
	if err := s.w.exec(shopTables); err != nil {
		return err
	}
	for _, table := range []func() error{
		s.writeCategories, s.writeUsers, s.writeAddresses, s.writeSessions,
		s.writeProducts, s.writeTags, s.writeProductTags, s.writeInventory,
		s.writeOrders, s.writeOrderItems, s.writeReturns, s.writePayments,
		s.writeReviews, s.writeSettings,
	} {
		if err := table(); err != nil {
			return err
		}
	}
	return s.w.exec(shopAfter)
}

// The times of the shop, in the forms that frameworks store.

// naive gives microseconds without a zone, as Django does, which leaves out a
// fraction of zero.
func (s *shop) naive(ms, micros int64) []byte {
	layout := "2006-01-02 15:04:05.000000"
	if ms%1000 == 0 && micros == 0 {
		layout = time.DateTime
	}
	s.buf = time.UnixMicro(ms*1000+micros).UTC().AppendFormat(s.buf[:0], layout)
	return s.buf
}

// zulu gives milliseconds in UTC, as JavaScript's toISOString does.
func (s *shop) zulu(ms int64) []byte {
	s.buf = time.UnixMilli(ms).UTC().AppendFormat(s.buf[:0], "2006-01-02T15:04:05.000Z")
	return s.buf
}

// day gives a date.
func (s *shop) day(ms int64) []byte {
	s.buf = time.UnixMilli(ms).UTC().AppendFormat(s.buf[:0], time.DateOnly)
	return s.buf
}

// moment throws a time at which the shop was open; business grows, so late
// times are more frequent.
func (d *dice) moment(from int64) int64 {
	return shopToday - 1 - d.skewed(shopToday-from-1)
}

// uuidText gives an id with hyphens, hexText without.
func (s *shop) uuidText(id [16]byte) []byte {
	s.buf = appendUUID(s.buf[:0], id)
	return s.buf
}

func (s *shop) hexText(id [16]byte) []byte {
	s.buf = appendHex(s.buf[:0], id)
	return s.buf
}

// joined gives parts, with numbers in decimal, as one text.
func (s *shop) joined(first string, n int64, rest ...string) []byte {
	s.buf = strconv.AppendInt(append(s.buf[:0], first...), n, 10)
	for _, part := range rest {
		s.buf = append(s.buf, part...)
	}
	return s.buf
}
