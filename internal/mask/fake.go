package mask

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// given and family are parts of made-up names.
var (
	given = [...]string{
		"Ada", "Alan", "Alice", "Amir", "Ana", "Anton", "Ayse", "Bela", "Boris", "Carla", "Chen", "Clara", "Daan", "Dara", "Diego", "Dora",
		"Edith", "Elif", "Emil", "Erik", "Esra", "Eva", "Fatima", "Felix", "Filip", "Frida", "Gita", "Greta", "Hana", "Hugo", "Ida", "Igor",
		"Ines", "Ivan", "Jana", "Jonas", "Jun", "Kai", "Karim", "Lara", "Lena", "Leo", "Lin", "Luca", "Mara", "Marek", "Mei", "Mila",
		"Nadia", "Nils", "Nora", "Olga", "Omar", "Otto", "Paul", "Petra", "Rosa", "Ruth", "Sami", "Sara", "Tara", "Tom", "Vera", "Yuki",
	}
	family = [...]string{
		"Adler", "Alvarez", "Anders", "Arslan", "Bauer", "Berg", "Bianchi", "Brandt", "Castro", "Clark", "Costa", "Cruz", "Dahl", "Demir", "Diaz", "Dubois",
		"Eriksen", "Farkas", "Fischer", "Fontaine", "Garcia", "Gruber", "Haas", "Hansen", "Holm", "Horvat", "Ito", "Ivanov", "Jensen", "Kaya", "Keller", "Khan",
		"Kim", "Klein", "Kovacs", "Kumar", "Larsen", "Lehmann", "Lindgren", "Lopez", "Maier", "Marino", "Meyer", "Moreau", "Nagy", "Nguyen", "Novak", "Olsen",
		"Park", "Petrov", "Popescu", "Ricci", "Romero", "Rossi", "Sato", "Schmidt", "Silva", "Singh", "Sousa", "Tanaka", "Vogel", "Wagner", "Weber", "Yilmaz",
	}
)

// names takes a given and a family name from a hash.
func names(sum []byte) (first, last string) {
	return given[int(sum[0])%len(given)], family[int(sum[1])%len(family)]
}

// appendName appends a name: one of 4,096.
func appendName(dst, sum []byte) []byte {
	first, last := names(sum)
	return append(append(append(dst, first...), ' '), last...)
}

// domain is one that belongs to nobody, for good (RFC 2606).
const domain = "@example.com"

// appendEmail appends an address of at most width characters, 0 for any. The digits
// alone, 48 bits of the hash, make it another one for another value, so far as
// chance goes; a name before them where there is room.
func appendEmail(dst, sum []byte, width int) []byte {
	const digits = 6
	first, last := names(sum)
	if width == 0 || len(first)+len(last)+2+2*digits+len(domain) <= width {
		dst = appendLower(dst, first)
		dst = append(dst, '.')
		dst = appendLower(dst, last)
		dst = append(dst, '.')
	}
	dst = hex.AppendEncode(dst, sum[2:2+digits])
	return append(dst, domain...)
}

func appendLower(dst []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// appendPhone appends one of 80,000 numbers of the range that North America keeps for
// fiction, 555-0100 to 555-0199 of each area; its digits alone, or the last of them,
// where there is no room.
func appendPhone(dst, sum []byte, width int) []byte {
	n := binary.BigEndian.Uint64(sum)
	area, line := 200+n/100%800, 100+n%100
	long, digits := fmt.Appendf(nil, "+1-%d-555-%04d", area, line), fmt.Appendf(nil, "1%d555%04d", area, line)
	switch {
	case width == 0 || len(long) <= width:
		return append(dst, long...)
	case len(digits) <= width:
		return append(dst, digits...)
	}
	return append(dst, digits[len(digits)-width:]...)
}
