package verify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// bucketN is how many buckets the keys of a table fall into. One differing row
// of a million then leaves some 15 rows to look at by name.
const bucketN = 1 << 16

// maxSuspects bounds the rows that the second pass keeps of each side.
const maxSuspects = 50_000

// Column is a column of the tuples that a Search compares.
type Column struct {
	Name string // as reports show it
	Type sqltype.Type
}

// Search narrows a difference down to columns and keys. Both sides are fed
// twice: the first pass digests columns and buckets of keys, the second names
// the rows of the buckets that differ.
//
//	for !s.Done() {
//		... s.Source(tuple, key) and s.Target(tuple) for all rows ...
//		err := s.Next()
//	}
type Search struct {
	columns []Column
	keys    []int
	limit   int
	hasher  *Hasher
	pass    int

	sides   [2]searchSide
	bad     map[uint32]bool // the buckets that the second pass looks into
	skipped int             // differing buckets beyond maxSuspects

	differ []bool // per column
	diffs  []string
	more   int64

	fields [][]byte
	key    []byte
}

// searchSide is what a Search knows of one side.
type searchSide struct {
	keySet   Digest   // of the keys alone
	plain    []Digest // per column, of its values
	keyed    []Digest // per column, of its values each with its row's key
	buckets  []Digest
	suspects map[hash128]*suspect // by key
}

type hash128 = xxh3.Uint128

// suspect adds up the rows of one key: more than one where the key is none.
type suspect struct {
	sum    Digest
	fields []uint64 // per column, the sum of the values' hashes
	name   string
}

// The two sides of a search.
const (
	source = 0
	target = 1
)

// NewSearch begins a search over tuples of these columns, whose rows are named
// by the fields keys. At most limit keys are named.
func NewSearch(columns []Column, keys []int, limit int) *Search {
	types := make([]sqltype.Type, len(columns))
	for i, c := range columns {
		types[i] = c.Type
	}
	s := &Search{columns: columns, keys: keys, limit: limit, hasher: NewHasher(types), differ: make([]bool, len(columns))}
	for i := range s.sides {
		s.sides[i] = searchSide{
			plain: make([]Digest, len(columns)), keyed: make([]Digest, len(columns)),
			buckets: make([]Digest, bucketN), suspects: map[hash128]*suspect{},
		}
	}
	return s
}

// Done tells that both passes are over.
func (s *Search) Done() bool { return s.pass == 2 }

// Source takes one tuple of the source; key names its row when asked.
func (s *Search) Source(tuple []byte, key func() string) error { return s.take(source, tuple, key) }

// Target takes one tuple of the target.
func (s *Search) Target(tuple []byte) error { return s.take(target, tuple, s.name) }

func (s *Search) take(side int, tuple []byte, name func() string) error {
	if s.hasher.jsonb != nil {
		var err error
		if tuple, err = s.hasher.canonical(tuple); err != nil {
			return err
		}
	}
	s.fields = s.fields[:0]
	it := pgcopy.NewFields(tuple)
	for it.Next() {
		s.fields = append(s.fields, it.Value())
	}
	if err := it.Err(); err != nil {
		return err
	}
	if len(s.fields) != len(s.columns) {
		return fmt.Errorf("tuple of %d fields, want %d", len(s.fields), len(s.columns))
	}
	key, sum := s.keyHash(), xxh3.Hash128(tuple)
	bucket := uint32(key.Lo % bucketN)
	at := &s.sides[side]
	switch {
	case s.pass == 0:
		at.digest(s.fields, key, sum)
	case s.bad[bucket]:
		at.suspect(s.fields, key, sum, name)
	}
	return nil
}

// digest is the first pass' work for one row.
func (d *searchSide) digest(fields [][]byte, key, sum hash128) {
	d.keySet.Add(key.Hi, key.Lo)
	d.buckets[key.Lo%bucketN].Add(sum.Hi, sum.Lo)
	for i, f := range fields {
		h := hashField(f, 0)
		d.plain[i].Add(h.Hi, h.Lo)
		h = hashField(f, key.Lo)
		d.keyed[i].Add(h.Hi, h.Lo)
	}
}

// suspect is the second pass' work for one row of a bucket that differs.
func (d *searchSide) suspect(fields [][]byte, key, sum hash128, name func() string) {
	x := d.suspects[key]
	if x == nil {
		x = &suspect{name: name(), fields: make([]uint64, len(fields))}
		d.suspects[key] = x
	}
	x.sum.Add(sum.Hi, sum.Lo)
	for i, f := range fields {
		x.fields[i] += hashField(f, 0).Lo
	}
}

// hashField hashes a value, NULL apart from the empty one.
func hashField(f []byte, seed uint64) hash128 {
	h := xxh3.Hash128Seed(f, seed)
	if f == nil {
		h.Hi, h.Lo = ^h.Hi, ^h.Lo
	}
	return h
}

// keyHash hashes the key's fields, lengths included.
func (s *Search) keyHash() hash128 {
	s.key = s.key[:0]
	for _, k := range s.keys {
		if s.fields[k] == nil {
			s.key = pgcopy.AppendNull(s.key)
		} else {
			s.key = pgcopy.AppendBytea(s.key, s.fields[k])
		}
	}
	return xxh3.Hash128(s.key)
}

// name writes the key of the tuple at hand as the target has it.
func (s *Search) name() string {
	const most = 8 // a row without a key is named by its first columns
	parts := make([]string, 0, most)
	for _, k := range s.keys[:min(most, len(s.keys))] {
		parts = append(parts, s.columns[k].Name+"="+showField(s.columns[k].Type, s.fields[k]))
	}
	return strings.Join(parts, ", ")
}

// Next ends a pass.
func (s *Search) Next() error {
	s.pass++
	if s.pass == 1 {
		s.chooseBuckets()
		return nil
	}
	src, dst := &s.sides[source], &s.sides[target]
	for k, x := range src.suspects {
		switch o := dst.suspects[k]; {
		case o == nil:
			s.diffs = append(s.diffs, x.name+" is missing in the target")
		case o.sum.Rows != x.sum.Rows:
			s.diffs = append(s.diffs, fmt.Sprintf("%s is there %d times, in the source %d times", x.name, o.sum.Rows, x.sum.Rows))
		case o.sum != x.sum:
			s.diffs = append(s.diffs, x.name+" differs"+s.inColumns(x, o))
		}
	}
	for k, x := range dst.suspects {
		if src.suspects[k] == nil {
			s.diffs = append(s.diffs, x.name+" is only in the target")
		}
	}
	slices.Sort(s.diffs)
	s.more = int64(max(0, len(s.diffs)-s.limit) + s.skipped)
	s.diffs = s.diffs[:min(len(s.diffs), s.limit)]
	src.suspects, dst.suspects = nil, nil
	return nil
}

// inColumns names the columns in which a row differs, and remembers them.
func (s *Search) inColumns(x, o *suspect) string {
	var names []string
	for i := range x.fields {
		if x.fields[i] != o.fields[i] {
			s.differ[i] = true
			names = append(names, s.columns[i].Name)
		}
	}
	if len(names) == 0 {
		return "" // several rows of one key have exchanged values
	}
	return " in " + strings.Join(names, ", ")
}

// chooseBuckets picks the differing buckets that the second pass looks into:
// whole buckets, so that both sides are asked about the same keys, and as many
// as memory allows. It also judges the columns as far as the first pass can.
func (s *Search) chooseBuckets() {
	src, dst := &s.sides[source], &s.sides[target]
	s.bad = map[uint32]bool{}
	rows := int64(0)
	for i := range src.buckets {
		a, b := src.buckets[i], dst.buckets[i]
		if a == b {
			continue
		}
		if n := max(a.Rows, b.Rows); len(s.bad) == 0 || rows+n <= maxSuspects {
			s.bad[uint32(i)] = true
			rows += n
		} else {
			s.skipped++
		}
	}
	for i := range s.columns {
		switch {
		case src.keySet == dst.keySet:
			s.differ[i] = src.keyed[i] != dst.keyed[i]
		case src.keySet.Rows == dst.keySet.Rows:
			s.differ[i] = src.plain[i] != dst.plain[i]
		}
		// With rows missing or too many every column differs, which tells
		// nothing: then only rows that stand on both sides count.
	}
}

// Columns gives the columns in which rows differ, once Done. Rows that are
// missing or too many differ in none.
func (s *Search) Columns() []int {
	var out []int
	for i, d := range s.differ {
		if d {
			out = append(out, i)
		}
	}
	return out
}

// Keys gives the first of the keys that differ with what is wrong with each,
// and how many more there are. Where very many differ, more is a lower bound.
func (s *Search) Keys() (keys []string, more int64) { return s.diffs, s.more }
