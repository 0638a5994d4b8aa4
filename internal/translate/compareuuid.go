package translate

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// uuidPair compares uuids with uuids and with texts that are uuids.
func (b *builder) uuidPair(op string, l, r term) (pair, error) {
	var err error
	if l.cls != clsUUID && l.lit != nil {
		l, err = uuidLiteral(l.lit)
	} else if r.cls != clsUUID && r.lit != nil {
		r, err = uuidLiteral(r.lit)
	}
	if err != nil {
		return pair{}, err
	}
	if l.cls != clsUUID || r.cls != clsUUID {
		return pair{}, incomparable(l, r)
	}
	return pair{l: l, r: r, op: op}, nil
}

// uuidLiteral writes a text of 32 hexadecimal digits, with or without dashes,
// or a blob of 16 bytes, as a uuid.
func uuidLiteral(c *constant) (term, error) {
	digits := strings.Trim(c.s, "{}")
	if c.kind == constBlob && len(c.s) == 16 {
		digits = strings.TrimSuffix(strings.TrimPrefix(quoteBytes(c.s), `E'\\x`), "'::bytea")
	}
	if len(digits) == 36 && digits[8] == '-' && digits[13] == '-' && digits[18] == '-' && digits[23] == '-' {
		digits = strings.ReplaceAll(digits, "-", "")
	}
	digits = foldASCII(digits)
	if c.kind < constText || len(digits) != 32 || strings.Trim(digits, "0123456789abcdef") != "" {
		return term{}, unsupported("literal beside a uuid", "it is not a uuid", "")
	}
	u := digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
	t := value("'"+u+"'::uuid", sqltype.UUID)
	t.notNull = true
	return t, nil
}
