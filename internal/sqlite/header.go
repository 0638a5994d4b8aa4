package sqlite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// Offsets of the file header (SQLite file format, section 1.3).
const (
	headerSize      = 100
	offPageSize     = 16
	offReadVersion  = 19
	offChangeN      = 24
	walReadVersion  = 2
	pageSizeOf64KiB = 1 // the value that stands for 65536
)

var magic = []byte("SQLite format 3\x00")

// header is what of the file's first bytes matters before the engine opens it.
type header struct {
	pageSize int
	changeN  uint32
	wal      bool
}

// parseHeader reads the header. Its caller has compared the magic.
func parseHeader(b []byte) header {
	size := int(binary.BigEndian.Uint16(b[offPageSize:]))
	if size == pageSizeOf64KiB {
		size = 65536
	}
	return header{
		pageSize: size,
		changeN:  binary.BigEndian.Uint32(b[offChangeN:]),
		wal:      b[offReadVersion] == walReadVersion,
	}
}

// sniffSize is how much of a file is read to tell what it is.
const sniffSize = 64 << 10

// sniff reads the start of the file and says with an Err value of this package
// why it is not a SQLite database, or nil.
func sniff(f io.ReaderAt, size int64) (header, error) {
	if size == 0 {
		return header{}, ErrEmpty
	}
	b := make([]byte, min(size, sniffSize))
	n, err := f.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return header{}, err
	}
	b = b[:n]
	switch {
	case bytes.HasPrefix(b, magic) && n >= headerSize:
		return parseHeader(b), nil
	case looksEncrypted(b, size):
		return header{}, ErrEncrypted
	}
	return header{}, ErrNotSQLite
}

// archives are the first bytes of formats that are as random as ciphertext.
var archives = [][]byte{
	[]byte("PK\x03\x04"),
	[]byte("BZh"),
	{0x1f, 0x8b}, // gzip
	{0x28, 0xb5, 0x2f, 0xfd},
	{0xfd, '7', 'z', 'X', 'Z'},
	{'7', 'z', 0xbc, 0xaf},
	{0x89, 'P', 'N', 'G'},
	{0xff, 0xd8, 0xff}, // JPEG
}

// looksEncrypted tells whether a file without the magic is whole pages of
// noise, as SQLCipher and SEE write them.
func looksEncrypted(b []byte, size int64) bool {
	const smallestPage = 512
	if size%smallestPage != 0 || len(b) < smallestPage {
		return false
	}
	for _, a := range archives {
		if bytes.HasPrefix(b, a) {
			return false
		}
	}
	return noise(b)
}

// noise tells whether b has the entropy of random bytes. n random bytes show
// about 8 - 184/n bits each (255 degrees of freedom, 1/(2 n ln 2) bits for
// every one); three times that distance is allowed.
func noise(b []byte) bool {
	var count [256]int
	for _, c := range b {
		count[c]++
	}
	n, bits := float64(len(b)), 0.0
	for _, k := range &count {
		if k > 0 {
			p := float64(k) / n
			bits -= p * math.Log2(p)
		}
	}
	const freedom = 255
	return bits > 8-3*freedom/(2*math.Ln2*n)
}

// encryptedBody tells whether the bytes behind a plain header are noise: with
// SQLCipher's plaintext header the magic alone stands there.
func encryptedBody(f io.ReaderAt) bool {
	b := make([]byte, sniffSize)
	n, _ := f.ReadAt(b, headerSize) // a short file is shorter noise
	return n >= 1024 && noise(b[:n])
}
