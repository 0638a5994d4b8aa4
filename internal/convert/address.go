package convert

import (
	"net/netip"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// appendAddress takes text. netip's own parsers keep the text in their errors
// and in zones, which costs an allocation for each value.
func (e *Encoder) appendAddress(dst []byte, v *row.Value) ([]byte, bool) {
	if v.Class != row.Text {
		return dst, false
	}
	if e.Type.Kind == sqltype.MacAddr {
		mac, ok := parseMAC(v.Bytes)
		return pgcopy.AppendMacAddr(dst, mac), ok
	}
	p, ok := parsePrefix(v.Bytes)
	switch {
	case !ok:
		return dst, false
	case e.Type.Kind == sqltype.CIDR:
		return pgcopy.AppendCIDR(dst, p), p.Masked() == p
	}
	return pgcopy.AppendInet(dst, p), true
}

// parsePrefix reads an address with or without /bits, as netip.ParseAddr and
// netip.ParsePrefix do; zones are refused, as Postgres refuses them.
func parsePrefix(b []byte) (p netip.Prefix, ok bool) {
	r := addressReader{rest: b}
	var a netip.Addr
	if a, ok = r.addr(); !ok {
		return p, false
	}
	bits := a.BitLen()
	if len(r.rest) > 0 {
		if r.rest[0] != '/' {
			return p, false
		}
		r.rest = r.rest[1:]
		if bits, ok = r.decimal(a.BitLen()); !ok || len(r.rest) > 0 {
			return p, false
		}
	}
	return netip.PrefixFrom(a, bits), true
}

// addressReader reads an address from front to back.
type addressReader struct{ rest []byte }

func (r *addressReader) addr() (a netip.Addr, ok bool) {
	for _, c := range r.rest {
		if c == ':' {
			return r.v6()
		}
		if c == '.' {
			break
		}
	}
	four, ok := r.v4()
	return netip.AddrFrom4(four), ok
}

// decimal reads a number up to most without zeros in front.
func (r *addressReader) decimal(most int) (n int, ok bool) {
	i := 0
	for ; i < len(r.rest) && r.rest[i]-'0' <= 9; i++ {
		n = n*10 + int(r.rest[i]-'0')
		if n > most || i > 0 && r.rest[0] == '0' {
			return 0, false
		}
	}
	r.rest = r.rest[i:]
	return n, i > 0
}

func (r *addressReader) v4() (a [4]byte, ok bool) {
	for i := range a {
		if i > 0 {
			if len(r.rest) == 0 || r.rest[0] != '.' {
				return a, false
			}
			r.rest = r.rest[1:]
		}
		n, ok := r.decimal(255)
		if !ok {
			return a, false
		}
		a[i] = byte(n) //nolint:gosec // at most 255
	}
	return a, true
}

// v6 reads eight groups, of which :: stands for one or more that are 0, and of
// which the last two may be an IPv4 address.
func (r *addressReader) v6() (addr netip.Addr, ok bool) {
	var a [16]byte
	gap, i := -1, 0
	if len(r.rest) >= 2 && r.rest[0] == ':' && r.rest[1] == ':' {
		gap, r.rest = 0, r.rest[2:]
	}
	for i < len(a) {
		n, digits := r.group()
		if digits == 0 {
			if gap == i { // behind ::
				break
			}
			return addr, false
		}
		if digits < len(r.rest) && r.rest[digits] == '.' {
			four, ok := r.v4()
			if !ok || i > 12 {
				return addr, false
			}
			i += copy(a[i:], four[:])
			break
		}
		r.rest = r.rest[digits:]
		a[i], a[i+1] = byte(n>>8), byte(n) //nolint:gosec // 16 bits
		i += 2
		switch {
		case i == len(a) || len(r.rest) == 0 || r.rest[0] != ':':
			return r.fill(a, i, gap)
		case len(r.rest) > 1 && r.rest[1] == ':':
			if gap >= 0 {
				return addr, false
			}
			gap, r.rest = i, r.rest[2:]
		default:
			if r.rest = r.rest[1:]; len(r.rest) == 0 {
				return addr, false
			}
		}
	}
	return r.fill(a, i, gap)
}

// group reads up to four hexadecimal digits; it does not go on.
func (r *addressReader) group() (n, digits int) {
	for digits < len(r.rest) && digits <= 4 {
		d := hexDigit(r.rest[digits])
		if d < 0 {
			break
		}
		n = n<<4 | d
		digits++
	}
	if digits > 4 {
		return 0, 0
	}
	return n, digits
}

// fill moves the groups behind :: to the end.
func (r *addressReader) fill(a [16]byte, n, gap int) (netip.Addr, bool) {
	switch {
	case gap < 0:
		return netip.AddrFrom16(a), n == len(a)
	case n == len(a):
		return netip.Addr{}, false // :: stands for one group at least
	}
	tail := n - gap
	copy(a[len(a)-tail:], a[gap:n])
	clear(a[gap : len(a)-tail])
	return netip.AddrFrom16(a), true
}

func hexDigit(c byte) int {
	switch {
	case c-'0' <= 9:
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// parseMAC reads six bytes in hexadecimal with colons or dashes between all of
// them, dots between groups of two, or nothing.
func parseMAC(b []byte) (mac [6]byte, ok bool) {
	group := 0 // digits between separators
	switch {
	case len(b) == 12:
		group = 12
	case len(b) == 17 && (b[2] == ':' || b[2] == '-'):
		group = 2
	case len(b) == 14 && b[4] == '.':
		group = 4
	default:
		return mac, false
	}
	at := 0
	for i := range mac {
		if i > 0 && 2*i%group == 0 {
			if b[at] != b[group] {
				return mac, false
			}
			at++
		}
		hi, lo := hexDigit(b[at]), hexDigit(b[at+1])
		if hi < 0 || lo < 0 {
			return mac, false
		}
		mac[i] = byte(hi<<4 | lo) //nolint:gosec // two digits
		at += 2
	}
	return mac, true
}
