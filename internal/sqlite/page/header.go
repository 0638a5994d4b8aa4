package page

import (
	"bytes"
	"encoding/binary"
)

// Encoding is how a database stores text.
type Encoding uint8

// The encodings, with the numbers of the file format (section 1.3.13).
const (
	UTF8    Encoding = 1
	UTF16LE Encoding = 2
	UTF16BE Encoding = 3
)

// HeaderSize is the size of the header at the start of page 1.
const HeaderSize = 100

// Offsets and limits of the header (file format, section 1.3).
const (
	offPageSize      = 16
	offReserved      = 20
	offChangeCounter = 24
	offPageCount     = 28
	offFreeTrunk     = 32
	offFreeCount     = 36
	offFormat        = 44
	offLargestRoot   = 52
	offEncoding      = 56
	offVersionFor    = 92

	minPageSize  = 512
	maxPageSize  = 65536
	codedMaxSize = 1   // stands for 65536
	minUsable    = 480 // bytes of a page that reserved space must leave
	maxFormat    = 4
	encodingBits = 3 // SQLite looks at no others
)

var magic = []byte("SQLite format 3\x00")

// Header is what of the file header readers need.
type Header struct {
	PageSize  int
	Reserved  int    // bytes at the end of each page that belong to extensions
	PageCount uint32 // 0 where the field is not valid: the file's size tells
	FreeTrunk uint32 // first trunk page of the freelist, or 0
	FreeCount uint32 // pages of the freelist
	Format    uint32 // of the schema, 0 to 4
	Encoding  Encoding
	// AutoVacuum tells that the file has pointer-map pages.
	AutoVacuum bool
	// LargestRoot is the largest root page of a file with pointer maps.
	LargestRoot uint32
}

// Usable gives the bytes of a page that hold content.
func (h *Header) Usable() int { return h.PageSize - h.Reserved }

// ParseHeader reads the file header from the first HeaderSize bytes of page 1.
func ParseHeader(b []byte) (Header, error) {
	if len(b) < HeaderSize || !bytes.HasPrefix(b, magic) {
		return Header{}, corrupt(1, "no SQLite file header")
	}
	u32 := func(at int) uint32 { return binary.BigEndian.Uint32(b[at:]) }
	h := Header{
		PageSize: int(binary.BigEndian.Uint16(b[offPageSize:])), Reserved: int(b[offReserved]),
		FreeTrunk: u32(offFreeTrunk), FreeCount: u32(offFreeCount), Format: u32(offFormat),
		Encoding: Encoding(b[offEncoding+3] & encodingBits), AutoVacuum: u32(offLargestRoot) != 0, LargestRoot: u32(offLargestRoot),
	}
	if h.PageSize == codedMaxSize {
		h.PageSize = maxPageSize
	}
	if h.PageSize < minPageSize || h.PageSize&(h.PageSize-1) != 0 {
		return Header{}, corrupt(1, "page size %d", h.PageSize)
	}
	if h.Usable() < minUsable {
		return Header{}, corrupt(1, "%d of %d bytes of a page reserved", h.Reserved, h.PageSize)
	}
	if h.Format > maxFormat {
		return Header{}, corrupt(1, "schema format %d", h.Format)
	}
	if h.Encoding == 0 { // a database that never had a table
		h.Encoding = UTF8
	}
	// Writers before 3.7.0 do not keep the page count; then the other two differ.
	if u32(offVersionFor) == u32(offChangeCounter) {
		h.PageCount = u32(offPageCount)
	}
	return h, nil
}
