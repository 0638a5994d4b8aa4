package mask

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// Secret is what results depend on, so that nobody without it can try values out.
type Secret [sha256.Size]byte

// NewSecret makes a secret of any bytes.
func NewSecret(seed []byte) Secret {
	return sha256.Sum256(append([]byte("litehaul mask\x00"), seed...))
}

// Masker masks the values of one column. It serves one goroutine.
type Masker struct {
	how  How
	typ  sqltype.Type
	fold string // the collation whose equality counts, "" for that of bytes

	mac   hash.Hash
	perm  permutation
	sum   [sha256.Size]byte
	in    []byte
	out   []byte
	fixed row.Value // of Const, where it is no text
}

// New makes a masker of values that are to become fields of typ. collation is that under
// which values are equal, in upper case.
func New(secret Secret, how How, typ sqltype.Type, collation string) *Masker {
	m := &Masker{how: how, typ: typ, fold: collation}
	derive := func(label string) []byte {
		mac := hmac.New(sha256.New, secret[:])
		_, _ = mac.Write([]byte(label)) // never fails
		return mac.Sum(nil)
	}
	m.mac = hmac.New(sha256.New, derive(string(how.Kind)))
	m.perm.block, _ = aes.NewCipher(derive("integers")) // 32 bytes are a key
	m.fixed.SetText([]byte(how.Text))
	if typ.IsNumber() || typ.Kind == sqltype.Bool {
		if n, err := strconv.ParseInt(how.Text, 10, 64); err == nil {
			m.fixed.SetInt(n)
		} else if f, err := strconv.ParseFloat(how.Text, 64); err == nil && typ.Kind != sqltype.Numeric && !math.IsNaN(f) {
			m.fixed.SetReal(f)
		}
	}
	return m
}

// Mask replaces a value. Its bytes are then valid until the next call. The error tells
// of a value that is none of the column's type; it does not show it.
func (m *Masker) Mask(v *row.Value) error {
	if v.Class == row.Null {
		return nil
	}
	switch m.how.Kind {
	case Null:
		v.SetNull()
	case Const:
		*v = m.fixed
	case Zero:
		if m.typ.IsText() {
			v.SetText([]byte{})
		} else {
			v.SetInt(0)
		}
	case Hash:
		return m.hash(v)
	case Name, Email, Phone, Redact:
		m.fake(v)
	}
	return nil
}

// fake replaces a text by another one.
func (m *Masker) fake(v *row.Value) {
	in := m.text(v)
	if len(in) == 0 {
		v.SetText(in)
		return
	}
	switch m.how.Kind {
	case Redact:
		m.out = append(m.out[:0], bytes.Repeat([]byte{'x'}, utf8.RuneCount(in))...)
	case Name:
		m.out = appendName(m.out[:0], m.digest(in))
	case Email:
		m.out = appendEmail(m.out[:0], m.digest(in), m.typ.Length)
	case Phone:
		m.out = appendPhone(m.out[:0], m.digest(in), m.typ.Length)
	case Null, Hash, Zero, Const:
	}
	if n := m.typ.Length; n > 0 && len(m.out) > n && m.how.Kind != Redact {
		m.out = m.out[:n] // all ASCII
	}
	v.SetText(m.out)
}

// hash replaces a value by one of the same type.
func (m *Masker) hash(v *row.Value) error {
	switch {
	case m.typ.Kind == sqltype.UUID:
		return m.uuid(v)
	case isInteger(m.typ):
		n, ok := integer(v)
		if !ok {
			return fmt.Errorf("a value of class %s is no integer", v.Class)
		}
		v.SetInt(m.perm.apply(n))
		return nil
	case m.typ.Kind == sqltype.Bytea:
		if in := m.text(v); len(in) > 0 {
			v.SetBlob(m.digest(in))
		}
		return nil
	}
	in := m.text(v)
	if len(in) == 0 {
		v.SetText(in)
		return nil
	}
	const bits128 = 16
	m.out = hex.AppendEncode(m.out[:0], m.digest(in)[:bits128])
	if n := m.typ.Length; n > 0 && len(m.out) > n {
		m.out = m.out[:n]
	}
	v.SetText(m.out)
	return nil
}

// uuid replaces a UUID, in whatever layout, by one that says of itself that it is
// random (version 4), dashed.
func (m *Masker) uuid(v *row.Value) error {
	var u [16]byte
	switch {
	case v.Class == row.Blob && len(v.Bytes) == len(u):
		copy(u[:], v.Bytes)
	case v.Class == row.Text && len(v.Bytes) == 0:
		return nil // becomes NULL, or a misfit
	default:
		var ok bool
		if u, _, ok = form.ParseUUID(v.Bytes); !ok || v.Class != row.Text && v.Class != row.Blob {
			return fmt.Errorf("a value of class %s is no UUID", v.Class)
		}
	}
	copy(u[:], m.digest(u[:]))
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	m.out = m.out[:0]
	for i, part := range [][]byte{u[:4], u[4:6], u[6:8], u[8:10], u[10:]} {
		if i > 0 {
			m.out = append(m.out, '-')
		}
		m.out = hex.AppendEncode(m.out, part)
	}
	v.SetText(m.out)
	return nil
}

// digest gives the keyed hash of bytes, valid until the next call.
func (m *Masker) digest(in []byte) []byte {
	m.mac.Reset()
	_, _ = m.mac.Write(in) // never fails
	return m.mac.Sum(m.sum[:0])
}

// text gives a value's text as its column's equality sees it.
func (m *Masker) text(v *row.Value) []byte {
	m.in = m.in[:0]
	switch v.Class {
	case row.Integer:
		m.in = strconv.AppendInt(m.in, v.Int(), 10)
	case row.Real:
		m.in = strconv.AppendFloat(m.in, v.Real(), 'g', -1, 64)
	case row.Null, row.Text, row.Blob:
		m.in = append(m.in, v.Bytes...)
	}
	switch m.fold {
	case "NOCASE":
		for i, c := range m.in {
			if 'A' <= c && c <= 'Z' {
				m.in[i] = c + 'a' - 'A'
			}
		}
	case "RTRIM":
		m.in = bytes.TrimRight(m.in, " ")
	}
	return m.in
}

// integer reads a value of an integer column.
func integer(v *row.Value) (int64, bool) {
	switch v.Class {
	case row.Integer:
		return v.Int(), true
	case row.Real:
		n := int64(v.Real())
		return n, float64(n) == v.Real()
	case row.Text:
		n, err := strconv.ParseInt(string(bytes.TrimSpace(v.Bytes)), 10, 64)
		return n, err == nil
	case row.Null, row.Blob:
	}
	return 0, false
}

// permutation maps integers onto integers, one to one.
type permutation struct {
	block cipher.Block
	buf   [aes.BlockSize]byte
}

// bands are the ends of the ranges within which numbers are exchanged: those that take
// 15, 31 and 53 bits (what a double holds), and all others. So a number keeps to the
// type that held it, and ids that are small stay so.
var bands = [...]struct{ end, bits uint64 }{{1 << 15, 16}, {1 << 31, 32}, {1 << 53, 54}, {1 << 63, 64}}

// apply maps a number. Negative ones are mapped among themselves.
func (p *permutation) apply(n int64) int64 {
	negative := n < 0
	if negative {
		n = ^n
	}
	x, low := uint64(n), uint64(0) //nolint:gosec // not negative
	for i, b := range bands {
		if x >= b.end {
			low = b.end
			continue
		}
		tweak := byte(i) << 1
		if negative {
			tweak |= 1
		}
		// Walking along the permutation of a wider range until the number is in the
		// band again permutes the band (Black, Rogaway: "Ciphers with Arbitrary Finite
		// Domains", 2002).
		for x = p.feistel(x, b.bits, tweak); x < low || x >= b.end; x = p.feistel(x, b.bits, tweak) {
		}
		break
	}
	out := int64(x) //nolint:gosec // below 2^63
	if negative {
		out = ^out
	}
	return out
}

// rounds of the Feistel network; eight are more than what four need for a
// pseudorandom permutation (Luby, Rackoff, 1988).
const rounds = 8

// feistel permutes the numbers of an even count of bits.
func (p *permutation) feistel(x, bits uint64, tweak byte) uint64 {
	half := bits / 2
	mask := uint64(1)<<half - 1
	left, right := x>>half, x&mask
	for i := range byte(rounds) {
		p.buf = [aes.BlockSize]byte{0: tweak, 1: i}
		binary.LittleEndian.PutUint64(p.buf[8:], right)
		p.block.Encrypt(p.buf[:], p.buf[:])
		left, right = right, left^binary.LittleEndian.Uint64(p.buf[:])&mask
	}
	return left<<half | right
}
