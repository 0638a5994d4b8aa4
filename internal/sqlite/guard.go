package sqlite

import (
	"bytes"
	"io"
	"os"
	"slices"
)

// magics begin the files of a database: itself, its rollback journal, and its
// write-ahead log in either byte order.
var magics = [][]byte{
	[]byte("SQLite format 3\x00"),
	{0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7},
	{0x37, 0x7f, 0x06, 0x82},
	{0x37, 0x7f, 0x06, 0x83},
}

// IsDatabase tells whether a file is a database of SQLite's or belongs to one, so
// that nothing may be written over it. What cannot be read is none.
func IsDatabase(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false // a pipe must not be opened twice
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // it was only read
	head := make([]byte, len(magics[0]))
	n, _ := io.ReadFull(f, head) // a short file is none
	return slices.ContainsFunc(magics, func(m []byte) bool { return bytes.HasPrefix(head[:n], m) })
}
