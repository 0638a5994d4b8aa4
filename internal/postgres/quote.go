package postgres

import (
	"encoding/hex"
	"strings"
)

// Quote writes an identifier, always in double quotes.
func Quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Qualify writes schema.name, both quoted.
func Qualify(schema, name string) string { return Quote(schema) + "." + Quote(name) }

// Literal writes a string constant. With a backslash in it the E form is used,
// so that it means the same whatever standard_conforming_strings says.
func Literal(s string) string {
	q := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + strings.ReplaceAll(q, `\`, `\\`)
	}
	return q
}

// ByteaLiteral writes a bytea constant.
func ByteaLiteral(b []byte) string { return Literal(`\x`+hex.EncodeToString(b)) + "::bytea" }

// QuoteList writes a comma-separated list of quoted identifiers.
func QuoteList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = Quote(n)
	}
	return strings.Join(out, ", ")
}
