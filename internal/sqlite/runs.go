package sqlite

// maxRuns bounds the memory of runs, at 16 bytes each.
const maxRuns = 4096

// runs remembers which rowids were read, as intervals: a scan in good order
// covers what lies between its first and last row. A rowid out of order is taken
// for the bad one of its two neighbours and remembered alone.
type runs struct {
	closed []interval
	// The current run, in the direction of the scan: at sits last, prev before
	// it. For a backward scan the numbers are complemented, which reverses
	// their order.
	from, prev, at int64
	n              int
	down           bool
}

// interval is a closed run, both ends inclusive.
type interval struct{ lo, hi int64 }

// begin closes the current run and starts one in the given direction. The last
// row of a run that ended by damage may itself be a bad one: it stands alone.
func (r *runs) begin(down bool) {
	switch {
	case r.n == 1:
		r.close(r.at, r.at)
	case r.n > 1:
		r.close(r.from, r.prev)
		r.close(r.at, r.at)
	}
	r.n, r.down = 0, down
}

func (r *runs) close(from, to int64) {
	i := interval{from, to}
	if r.down {
		i = interval{^to, ^from}
	}
	r.closed = append(r.closed, i)
}

// add tells whether the rowid is fresh, and remembers it. One that is not is
// known when it is certain that it came before.
func (r *runs) add(rowid int64) (fresh, known bool) {
	for _, i := range r.closed {
		if i.lo <= rowid && rowid <= i.hi {
			return false, i.lo == i.hi
		}
	}
	if r.down {
		rowid = ^rowid
	}
	switch {
	case r.n == 0:
		r.from, r.prev = rowid, rowid
	case rowid > r.at:
		r.prev = r.at
	case rowid == r.at:
		return false, true
	case len(r.closed) >= maxRuns:
		return false, false
	case r.n == 1: // the first was the bad one
		r.close(r.at, r.at)
		r.from, r.prev, r.n = rowid, rowid, 0
	case rowid > r.prev: // the last was
		r.close(r.at, r.at)
	default:
		return false, rowid == r.prev
	}
	r.at = rowid
	r.n++
	return true, false
}

// reached tells how far the current run is surely in order: to the row before
// the last.
func (r *runs) reached() (rowid int64, ok bool) {
	if r.n < 2 {
		return 0, false
	}
	if r.down {
		return ^r.prev, true
	}
	return r.prev, true
}

// trim takes from the ends of [lo, hi] the rowids that were read.
func (r *runs) trim(lo, hi int64) (int64, int64) {
	single := func(at int64) bool {
		for _, i := range r.closed {
			if i.lo <= at && at <= i.hi {
				return true
			}
		}
		return r.n > 0 && (r.down && at == ^r.at || !r.down && at == r.at)
	}
	for lo <= hi && single(lo) {
		lo++
	}
	for lo <= hi && single(hi) {
		hi--
	}
	return lo, hi
}
