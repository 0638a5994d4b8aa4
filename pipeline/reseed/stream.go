package reseed

import (
	"errors"
	"io"

	pgcopy "github.com/litehaul/litehaul/copy"
)

const trailerLen = 2

// joined is the COPY stream of a whole table: that of its chunks, whose headers
// and trailers go, but for the first header and the last trailer. That one comes
// when all checks of all chunks held.
type joined struct {
	open func(chunk int) (io.ReadCloser, error)
	n    int // chunks

	next int // chunk to open
	cur  io.ReadCloser
	skip int // bytes of the header still to come
	buf  []byte
	out  []byte // of buf, not yet read
	// The last bytes so far may be the trailer.
	hold [trailerLen]byte
	held int
	done bool
}

const joinBytes = 128 << 10

func newJoined(n int, open func(chunk int) (io.ReadCloser, error)) *joined {
	return &joined{open: open, n: n, buf: make([]byte, trailerLen+joinBytes), out: pgcopy.AppendHeader(nil)}
}

// Read gives the next part.
func (j *joined) Read(p []byte) (int, error) {
	for len(j.out) == 0 {
		if j.done {
			return 0, io.EOF
		}
		if err := j.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, j.out)
	j.out = j.out[n:]
	return n, nil
}

// fill reads on.
func (j *joined) fill() error {
	if j.cur == nil {
		if j.next == j.n {
			j.out, j.done = pgcopy.AppendTrailer(nil), true
			return nil
		}
		var err error
		if j.cur, err = j.open(j.next); err != nil {
			return err
		}
		j.next++
		j.skip, j.held = pgcopy.HeaderLen, 0
	}
	m, err := j.cur.Read(j.buf[trailerLen:])
	data := j.buf[trailerLen-j.held : trailerLen+m]
	copy(data, j.hold[:j.held])
	k := min(j.skip, len(data))
	j.skip -= k
	data = data[k:]
	j.held = min(trailerLen, len(data))
	copy(j.hold[:j.held], data[len(data)-j.held:])
	j.out = data[:len(data)-j.held]
	if errors.Is(err, io.EOF) {
		return j.Close()
	}
	return err
}

// Close closes the chunk that is being read.
func (j *joined) Close() error {
	if j.cur == nil {
		return nil
	}
	err := j.cur.Close()
	j.cur = nil
	return err
}
