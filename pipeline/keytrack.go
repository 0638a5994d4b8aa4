package pipeline

import (
	"math"
	"slices"
	"sync"

	"github.com/zeebo/xxh3"

	"github.com/litehaul/litehaul/internal/keyset"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// bitmapBytes bounds the bitmap of one key column per unit. 8 MB hold 64
// million neighbouring numbers.
const bitmapBytes = 8 << 20

// maxTracked is how many keys that are not single integers one track keeps, in
// at most 32 MB.
const maxTracked = 1 << 20

// feedBatch is how many hashes a unit gathers before it takes the track's lock.
const feedBatch = 512

// keyTrack keeps the values of one side of a foreign key while the profile
// reads them anyway. If every child's value is among the parent's, as it
// stands in SQLite, there are no orphans and nothing needs to be read again.
type keyTrack struct {
	cols []int

	mu     sync.Mutex
	ints   *keyset.Bitmap  // single integers
	hashes *keyset.HashSet // all other keys
	full   bool            // more than maxTracked: the track says nothing
}

// trackKeys makes the tracks of all foreign keys whose both sides are part of
// the run.
func (r *run) trackKeys() {
	bySrc := map[*schema.Table]*table{}
	for _, t := range r.tables {
		bySrc[t.src] = t
	}
	for _, t := range r.tables {
		for _, fk := range t.src.ForeignKeys {
			src, cols := resolveParent(r.schema, fk)
			if parent := bySrc[src]; parent != nil && len(cols) == len(fk.Columns) {
				t.track(fk.Columns)
				parent.track(cols)
			}
		}
	}
}

// forgetTracks lets the tracks go: nobody asks them once orphans are counted, and
// while rows are loaded they would only take memory.
func (r *run) forgetTracks() {
	for _, t := range r.tables {
		t.tracks = nil
	}
}

// track gives the track of some columns, a new one when there is none.
func (t *table) track(cols []int) *keyTrack {
	if k := t.tracked(cols); k != nil {
		return k
	}
	k := &keyTrack{cols: cols, ints: keyset.NewBitmap(bitmapBytes), hashes: keyset.NewHashSet(0)}
	t.tracks = append(t.tracks, k)
	return k
}

// tracked gives the track of some columns, or nil.
func (t *table) tracked(cols []int) *keyTrack {
	for _, k := range t.tracks {
		if slices.Equal(k.cols, cols) {
			return k
		}
	}
	return nil
}

// keyFeed brings the keys of one unit into a track.
type keyFeed struct {
	track  *keyTrack
	ints   *keyset.Bitmap
	hashes []uint64
}

func (t *table) feeds() []*keyFeed {
	out := make([]*keyFeed, len(t.tracks))
	for i, k := range t.tracks {
		out[i] = &keyFeed{track: k, ints: keyset.NewBitmap(bitmapBytes), hashes: make([]uint64, 0, feedBatch)}
	}
	return out
}

// add takes the key of one row; a key with a NULL references nothing.
func (f *keyFeed) add(vals []row.Value) {
	if len(f.track.cols) == 1 && vals[f.track.cols[0]].Class == row.Integer {
		f.ints.Add(vals[f.track.cols[0]].Int())
		return
	}
	h := uint64(0)
	for _, c := range f.track.cols {
		v := &vals[c]
		switch v.Class {
		case row.Null:
			return
		case row.Integer:
			h = mix(h + uint64(v.Int())) //nolint:gosec // the same 64 bits
		case row.Real:
			h = mix(mix(h+uint64(v.Class)) + math.Float64bits(v.Real()))
		default:
			h = mix(xxh3.HashSeed(v.Bytes, h) + uint64(v.Class))
		}
	}
	f.hashes = append(f.hashes, h)
	if len(f.hashes) == feedBatch {
		f.flush()
	}
}

// mix is a bijection of 64 bits that changes about half of them when one bit of
// h changes: the finalizer of SplitMix64 (Steele, Lea, Flood: "Fast Splittable
// Pseudorandom Number Generators", 2014).
func mix(h uint64) uint64 {
	h += 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// flush brings what was gathered into the track.
func (f *keyFeed) flush() {
	k := f.track
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.full {
		k.hashes.AddAll(f.hashes)
		if k.hashes.Len() > maxTracked {
			k.full, k.hashes = true, nil
		}
	}
	f.hashes = f.hashes[:0]
}

// end brings the rest of a unit into the track.
func (f *keyFeed) end() {
	f.flush()
	f.track.mu.Lock()
	f.track.ints.Merge(f.ints)
	f.track.mu.Unlock()
}

// within tells whether every key of k is surely among those of parent. False
// says nothing.
func (k *keyTrack) within(parent *keyTrack) bool {
	if k.full || parent.full || k.ints.Full() || parent.ints.Full() {
		return false
	}
	return len(k.ints.Without(parent.ints, 1)) == 0 && k.hashes.Within(parent.hashes)
}
