package postgres

import (
	"io"
	"time"
)

// pacedReader reads a connection a little less eagerly while much comes in.
//
// The server sends COPY TO in pieces of 8 KB. A reader that waits for each of
// them is woken for each of them, and the server pays for the waking: about as
// much as for making the rows. One that looks away for a moment finds many
// pieces at once.
type pacedReader struct {
	r    io.Reader
	bulk int // reads in a row that brought much
}

// A read counts as bulk from bulkBytes on, and bulkReads of them in a row make a
// flood. Answers to ordinary statements never do.
const (
	bulkBytes = 4 << 10
	bulkReads = 4
	// pause is too short for the server to fill the socket's buffer (208 KB on
	// Linux) and have to wait in turn.
	pause = 500 * time.Microsecond
)

// Read is that of io.Reader.
func (p *pacedReader) Read(b []byte) (int, error) {
	if p.bulk >= bulkReads {
		doze(pause)
	}
	n, err := p.r.Read(b)
	if n >= bulkBytes {
		p.bulk++
	} else {
		p.bulk = 0
	}
	return n, err
}
