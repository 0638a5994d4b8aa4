package planfile

import (
	"fmt"
	"strings"
)

// Name is the name of a relation, with or without its schema.
type Name struct{ Schema, Table string }

// String writes the name as ParseName reads it.
func (n Name) String() string {
	if n.Schema == "" {
		return QuoteName(n.Table)
	}
	return QuoteName(n.Schema) + "." + QuoteName(n.Table)
}

// ParseName reads a name of at most two parts, schema and table.
func ParseName(s string) (Name, error) {
	parts, err := SplitName(s)
	if err != nil {
		return Name{}, err
	}
	switch len(parts) {
	case 1:
		return Name{Table: parts[0]}, nil
	case 2:
		return Name{parts[0], parts[1]}, nil
	}
	return Name{}, fmt.Errorf("name %s has %d parts; schema.table has two", s, len(parts))
}

// SplitName reads a name with dots between its parts. Each part is taken as it
// is, in upper or lower case; one that holds a dot, an equals sign, a semicolon
// or a quote stands in double quotes, with "" for a quote.
func SplitName(s string) ([]string, error) {
	var out []string
	for rest, more := s, true; more; {
		var part string
		part, rest, more = CutName(rest, '.')
		name, err := unquote(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if name == "" {
			return nil, fmt.Errorf("name %q has an empty part", s)
		}
		out = append(out, name)
	}
	return out, nil
}

// CutName cuts s at the first sep that stands outside of double quotes.
func CutName(s string, sep byte) (before, after string, found bool) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// QuoteName writes one part of a name, in double quotes where it needs them.
func QuoteName(s string) string {
	if s != "" && s == strings.TrimSpace(s) && !strings.ContainsAny(s, `".=;`) {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func unquote(s string) (string, error) {
	if !strings.HasPrefix(s, `"`) {
		if strings.Contains(s, `"`) {
			return "", fmt.Errorf("name %s is not quoted well", s)
		}
		return s, nil
	}
	inner, ok := strings.CutSuffix(s[1:], `"`)
	if !ok || strings.Contains(strings.ReplaceAll(inner, `""`, ""), `"`) {
		return "", fmt.Errorf("name %s is not quoted well", s)
	}
	return strings.ReplaceAll(inner, `""`, `"`), nil
}
