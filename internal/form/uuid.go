package form

// UUIDForm is the text layout of a UUID.
type UUIDForm uint8

// The layouts, each with hexadecimal digits of any case.
const (
	NotUUID  UUIDForm = iota
	Dashed36          // 00112233-4455-6677-8899-aabbccddeeff
	Hex32             // 00112233445566778899aabbccddeeff: Django, SQLAlchemy
	Braced38          // {00112233-4455-6677-8899-aabbccddeeff}: .NET, Windows
	URN45             // urn:uuid:00112233-4455-6677-8899-aabbccddeeff: RFC 9562
)

// UUIDFormN is the number of layouts, for arrays indexed by UUIDForm.
const UUIDFormN = 5

var uuidFormNames = [UUIDFormN]string{
	"not a UUID", "dashed", "32 hex digits", "braced", "urn:uuid:",
}

// String names the layout for reports.
func (f UUIDForm) String() string {
	if f >= UUIDFormN {
		return uuidFormNames[NotUUID]
	}
	return uuidFormNames[f]
}

const urnPrefix = "urn:uuid:"

// ParseUUID reads a UUID in one of the four layouts. Any 32 hexadecimal digits
// are a Hex32, MD5 digests too: see UUIDVariant.
func ParseUUID(b []byte) (u [16]byte, form UUIDForm, ok bool) {
	switch len(b) {
	case 32:
		form, ok = Hex32, hexRun(u[:], b)
	case 36:
		form, ok = Dashed36, dashed(&u, b)
	case 38:
		if b[0] == '{' && b[37] == '}' {
			form, ok = Braced38, dashed(&u, b[1:37])
		}
	case 45:
		if equalFold(b[:3], "urn") && b[3] == ':' && equalFold(b[4:8], "uuid") && b[8] == ':' {
			form, ok = URN45, dashed(&u, b[len(urnPrefix):])
		}
	}
	if !ok {
		return [16]byte{}, NotUUID, false
	}
	return u, form, true
}

// UUIDVariant reports whether u has the variant (bits 10) and one of the
// versions 1 to 8 of RFC 9562, sections 4.1 and 4.2. Of random 16-byte values,
// MD5 digests say, one in eight passes; of a column of UUIDs all do, apart from
// the nil and max UUIDs, which have no variant and give false.
func UUIDVariant(u [16]byte) bool {
	version := u[6] >> 4
	return u[8]&0xC0 == 0x80 && version >= 1 && version <= 8
}

// DotNetUUID gives the RFC order of the 16 bytes of .NET's Guid.ToByteArray,
// whose first three groups are little-endian. A slice of another length gives
// the nil UUID: the caller has checked it.
func DotNetUUID(b []byte) [16]byte {
	if len(b) != 16 {
		return [16]byte{}
	}
	return [16]byte{
		b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6],
		b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15],
	}
}

// dashed reads the 36 bytes of the 8-4-4-4-12 layout.
func dashed(u *[16]byte, b []byte) bool {
	return b[8] == '-' && b[13] == '-' && b[18] == '-' && b[23] == '-' &&
		hexRun(u[0:4], b[0:8]) && hexRun(u[4:6], b[9:13]) && hexRun(u[6:8], b[14:18]) &&
		hexRun(u[8:10], b[19:23]) && hexRun(u[10:16], b[24:36])
}

// hexRun reads len(dst) bytes from twice as many hexadecimal digits.
func hexRun(dst, digits []byte) bool {
	digits = digits[:2*len(dst)]
	var bad byte
	for i := range dst {
		hi, lo := hexValue[digits[2*i]], hexValue[digits[2*i+1]]
		bad |= hi | lo
		dst[i] = hi<<4 | lo&0x0F
	}
	return bad&notHex == 0
}

// notHex marks a byte that is no hexadecimal digit in hexValue.
const notHex = 0x80

// hexValue maps hexadecimal digits to their values.
var hexValue = func() (t [256]byte) {
	for i := range t {
		t[i] = notHex
	}
	for i := range byte(10) {
		t['0'+i] = i
	}
	for i := range byte(6) {
		t['a'+i], t['A'+i] = 10+i, 10+i
	}
	return t
}()
