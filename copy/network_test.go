package pgcopy_test

import (
	"net/netip"
	"testing"

	pgcopy "github.com/litehaul/litehaul/copy"
)

func TestNetwork(t *testing.T) {
	t.Parallel()
	checkGolden(t, networkCases())
}

func networkCases() []encoderCase {
	inet := func(s string) func([]byte) []byte {
		p := netip.MustParsePrefix(s)
		return func(dst []byte) []byte { return pgcopy.AppendInet(dst, p) }
	}
	cidr := func(s string) func([]byte) []byte {
		p := netip.MustParsePrefix(s)
		return func(dst []byte) []byte { return pgcopy.AppendCIDR(dst, p) }
	}
	return []encoderCase{
		{"host", "inet", "10.1.2.3/32", "00000008 02 20 00 04 0a010203", inet("10.1.2.3/32")},
		{"host in net", "inet", "10.1.2.3/8", "00000008 02 08 00 04 0a010203", inet("10.1.2.3/8")},
		{
			"IPv6", "inet", "2001:db8::1/64",
			"00000014 03 40 00 10 20010db8000000000000000000000001", inet("2001:db8::1/64"),
		},
		{
			"mapped", "inet", "::ffff:1.2.3.4/128",
			"00000014 03 80 00 10 00000000000000000000ffff01020304", inet("::ffff:1.2.3.4/128"),
		},
		{"net", "cidr", "10.0.0.0/8", "00000008 02 08 01 04 0a000000", cidr("10.0.0.0/8")},
		{"all", "cidr", "0.0.0.0/0", "00000008 02 00 01 04 00000000", cidr("0.0.0.0/0")},
		{
			"IPv6", "cidr", "2001:db8::/32",
			"00000014 03 20 01 10 20010db8000000000000000000000000", cidr("2001:db8::/32"),
		},
		{
			"macaddr", "macaddr", "08:00:2b:01:02:03", "00000006 08002b010203",
			func(dst []byte) []byte { return pgcopy.AppendMacAddr(dst, [6]byte{8, 0, 0x2b, 1, 2, 3}) },
		},
	}
}
