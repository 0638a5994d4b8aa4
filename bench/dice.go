package bench

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
)

// dice is a source of chance whose throws depend on the seed only.
type dice struct {
	*rand.Rand
	pcg  *rand.PCG
	seed uint64
}

// newDice returns dice for one table. Tables get dice of their own so that a
// change to one leaves the others as they are.
func newDice(seed uint64, table string) *dice {
	for _, c := range []byte(table) {
		seed = (seed ^ uint64(c)) * oddConstant
	}
	pcg := rand.NewPCG(seed, 0)
	return &dice{Rand: rand.New(pcg), pcg: pcg, seed: seed} //nolint:gosec // G404: test data, must be repeatable
}

// oddConstant spreads neighbouring numbers: 2 to the 64th over the golden ratio.
const oddConstant = 0x9e3779b97f4a7c15

// at turns the dice to a place from which they always go on in the same way.
func (d *dice) at(place int64) { d.pcg.Seed(d.seed, uint64(place)*oddConstant) } //nolint:gosec // G115: any bits do

// between returns a number from lo to hi, both included.
func (d *dice) between(lo, hi int64) int64 { return lo + d.Int64N(hi-lo+1) }

// chance is true in percent of all cases.
func (d *dice) chance(percent int64) bool { return d.Int64N(100) < percent }

// pick returns one of the words.
func (d *dice) pick(words []string) string { return words[d.IntN(len(words))] }

// skewed returns a number below n, small ones more often than large ones: a
// quarter of the numbers gets half of the throws.
func (d *dice) skewed(n int64) int64 {
	f := d.Float64()
	return min(int64(f*f*float64(n)), n-1)
}

// bytes appends n bytes.
func (d *dice) bytes(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, byte(d.Uint64()&0xff))
	}
	return dst
}

// uuid returns a version 4 UUID.
func (d *dice) uuid() (id [16]byte) {
	binary.LittleEndian.PutUint64(id[:8], d.Uint64())
	binary.LittleEndian.PutUint64(id[8:], d.Uint64())
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// appendUUID appends a UUID in its usual form of 36 characters.
func appendUUID(dst []byte, id [16]byte) []byte {
	for i, part := range [][]byte{id[0:4], id[4:6], id[6:8], id[8:10], id[10:16]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

// appendHex appends a UUID without hyphens.
func appendHex(dst []byte, id [16]byte) []byte { return hex.AppendEncode(dst, id[:]) }

// words appends n words with blanks between.
func (d *dice) words(dst []byte, from []string, n int64) []byte {
	for range n {
		dst = append(dst, d.pick(from)...)
		dst = append(dst, ' ')
	}
	return dst[:len(dst)-1]
}

// padded appends n in decimal, filled up with zeros to width digits.
func padded(dst []byte, n int64, width int) []byte {
	var digits [20]byte
	text := strconv.AppendInt(digits[:0], n, 10)
	for range width - len(text) {
		dst = append(dst, '0')
	}
	return append(dst, text...)
}
