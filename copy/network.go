package pgcopy

import "net/netip"

// Address families as inet's binary form numbers them: those of the server's
// own header (utils/inet.h), not of any operating system.
const (
	familyIPv4 = 2
	familyIPv6 = 3
)

// AppendInet appends an inet. A host address is a prefix of full length. An
// IPv4-mapped IPv6 address stays IPv6. For a prefix that is not valid the field
// is empty, which the server refuses.
func AppendInet(dst []byte, p netip.Prefix) []byte {
	return appendAddress(dst, p, 0)
}

// AppendCIDR appends a cidr. The server refuses a prefix with bits set to the
// right of its mask; for a prefix that is not valid the field is empty, which
// the server refuses too.
func AppendCIDR(dst []byte, p netip.Prefix) []byte {
	return appendAddress(dst, p, 1)
}

func appendAddress(dst []byte, p netip.Prefix, isCIDR byte) []byte {
	addr, bits := p.Addr(), byte(p.Bits()) //nolint:gosec // -1 (not valid) to 128; -1 is not written
	switch {
	case !p.IsValid():
		return append(dst, 0, 0, 0, 0)
	case addr.Is4():
		a := addr.As4()
		return append(append(dst, 0, 0, 0, 8, familyIPv4, bits, isCIDR, 4), a[:]...)
	default:
		a := addr.As16()
		return append(append(dst, 0, 0, 0, 20, familyIPv6, bits, isCIDR, 16), a[:]...)
	}
}

// AppendMacAddr appends a macaddr.
func AppendMacAddr(dst []byte, mac [6]byte) []byte {
	return append(append(dst, 0, 0, 0, 6), mac[:]...)
}
