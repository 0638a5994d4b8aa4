package verify

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zeebo/xxh3"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// bucketN is how many buckets the keys of a table fall into. One differing row
// of a million then leaves some 15 rows to look at by name.
const bucketN = 1 << 16

// maxSuspects bounds the rows that the second pass keeps.
const maxSuspects = 100_000

// Search narrows a difference down to columns and keys. Both sides are fed
// twice: the first pass digests columns and buckets of keys, the second names
// the rows of the buckets that differ.
type Search struct {
	types  []sqltype.Type
	keys   []int
	limit  int
	hasher *Hasher
	pass   int

	columns [2][]Digest
	buckets [2][]Digest
	rows    [2]map[hash128]suspect // by key, in buckets that differ
	bad     map[uint32]bool
	diffs   []string
	more    int64
	fields  [][]byte
	key     []byte
}

type hash128 = xxh3.Uint128

type suspect struct {
	tuple hash128
	name  string
	n     int
}

// The two sides of a search.
const (
	source = 0
	target = 1
)

// NewSearch begins a search over tuples of these types, whose rows are named
// by the fields keys. At most limit keys are named.
func NewSearch(types []sqltype.Type, keys []int, limit int) *Search {
	s := &Search{types: types, keys: keys, limit: limit, hasher: NewHasher(types)}
	for side := range s.columns {
		s.columns[side] = make([]Digest, len(types))
		s.buckets[side] = make([]Digest, bucketN)
		s.rows[side] = map[hash128]suspect{}
	}
	return s
}

// Done tells that both passes are over.
func (s *Search) Done() bool { return s.pass == 2 }

// Source takes one tuple of the source; key names its row when asked.
func (s *Search) Source(tuple []byte, key func() string) error { return s.take(source, tuple, key) }

// Target takes one tuple of the target.
func (s *Search) Target(tuple []byte) error {
	return s.take(target, tuple, func() string { return s.name() })
}

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
	key := s.keyHash()
	bucket := uint32(key.Lo % bucketN)
	sum := xxh3.Hash128(tuple)
	if s.pass == 0 {
		s.buckets[side][bucket].Add(sum.Hi, sum.Lo)
		for i, f := range s.fields {
			h := xxh3.Hash128(f)
			if f == nil {
				h.Hi = ^h.Hi
			}
			s.columns[side][i].Add(h.Hi, h.Lo)
		}
		return nil
	}
	if !s.bad[bucket] || len(s.rows[side]) >= maxSuspects {
		return nil
	}
	r := s.rows[side][key]
	r.tuple.Hi ^= sum.Hi
	r.tuple.Lo += sum.Lo
	r.n++
	if r.name == "" {
		r.name = name()
	}
	s.rows[side][key] = r
	return nil
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
	parts := make([]string, 0, len(s.keys))
	for _, k := range s.keys {
		parts = append(parts, showField(s.types[k], s.fields[k]))
	}
	return strings.Join(parts, ", ")
}

// showField writes a COPY field for a reader: integers and text as they are,
// the rest in hexadecimal.
func showField(t sqltype.Type, f []byte) string {
	switch {
	case f == nil:
		return "NULL"
	case t.Kind == sqltype.Int8 && len(f) == 8:
		return strconv.FormatInt(int64(binary.BigEndian.Uint64(f)), 10) //nolint:gosec // the same 64 bits
	case t.Kind == sqltype.Int4 && len(f) == 4:
		return strconv.FormatInt(int64(int32(binary.BigEndian.Uint32(f))), 10) //nolint:gosec // the same 32 bits
	case t.IsText():
		const most = 60
		if len(f) > most {
			return fmt.Sprintf("%q...", f[:most])
		}
		return fmt.Sprintf("%q", f)
	}
	return hex.EncodeToString(f[:min(len(f), 32)])
}

// Next ends a pass.
func (s *Search) Next() error {
	s.pass++
	if s.pass == 1 {
		s.bad = map[uint32]bool{}
		for i := range s.buckets[source] {
			if s.buckets[source][i] != s.buckets[target][i] {
				s.bad[uint32(i)] = true //nolint:gosec // below bucketN
			}
		}
		return nil
	}
	for k, r := range s.rows[source] {
		switch o, ok := s.rows[target][k]; {
		case !ok:
			s.diffs = append(s.diffs, r.name+" is missing in the target")
		case o.tuple != r.tuple || o.n != r.n:
			s.diffs = append(s.diffs, r.name+" differs")
		}
	}
	for k, r := range s.rows[target] {
		if _, ok := s.rows[source][k]; !ok {
			s.diffs = append(s.diffs, r.name+" is only in the target")
		}
	}
	slices.Sort(s.diffs)
	s.more = int64(max(0, len(s.diffs)-s.limit))
	s.diffs = s.diffs[:min(len(s.diffs), s.limit)]
	return nil
}

// Columns gives the columns whose values differ, after the first pass.
func (s *Search) Columns() []int {
	var out []int
	for i := range s.types {
		if s.columns[source][i] != s.columns[target][i] {
			out = append(out, i)
		}
	}
	return out
}

// Keys gives the first of the keys that differ, and how many more there are.
func (s *Search) Keys() (keys []string, more int64) { return s.diffs, s.more }
