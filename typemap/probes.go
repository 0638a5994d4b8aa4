package typemap

import (
	"strings"

	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Probe says which candidate forms a column's values are tried against. Plain
// columns need none: storage classes, ranges, lengths and UTF-8 are always
// watched.
type Probe uint16

// The probes. Which ones a column gets follows from its declaration.
const (
	ProbeLength    Probe = 1 << iota // characters of text
	ProbeBool                        // boolean words, 0 and 1
	ProbeUUID                        // text and 16-byte blobs
	ProbeJSON                        // text, blobs with JSON text, binary JSONB
	ProbeTime                        // times of day
	ProbeTimestamp                   // dates and datetimes in text; epochs in numbers
	ProbeDecimal                     // digits before and after the point
	ProbeInt                         // text that is exactly an integer
	ProbeBlobText                    // blobs that hold clean UTF-8
	ProbeNull                        // examples of NULLs, whatever the declaration says
	ProbeInfer                       // with ProbeUUID: the declaration leaves room for them
)

// Probes gives the candidate forms that each column of each table is tried
// against: those that its declaration, a json_valid check, its name or the
// columns that it references hint at, and those of a user's rule.
func Probes(s *schema.Schema, rules Rules) map[*schema.Table][]Probe {
	return ProbesAlso(s, rules, nil)
}

// ProbesAlso gives what Probes does, and for each column of a table what also
// asks for, if it has an entry. Columns tied by foreign keys share it.
func ProbesAlso(s *schema.Schema, rules Rules, also map[*schema.Table][]Probe) map[*schema.Table][]Probe {
	out := make(map[*schema.Table][]Probe, len(s.Tables))
	for _, t := range s.Tables {
		p := make([]Probe, len(t.Columns))
		json := checkedJSON(t)
		for i, c := range t.Columns {
			p[i] = declaredProbes(c)
			if json[i] {
				p[i] |= ProbeJSON | ProbeBlobText
			}
			if r, ok := rules.Lookup(t.Name, c.Name); ok {
				p[i] |= r.probes()
			}
			if list := also[t]; list != nil {
				p[i] |= list[i]
			}
		}
		out[t] = p
	}
	linkProbes(s, out)
	return out
}

func declaredProbes(c *schema.Column) Probe {
	d := ParseDeclared(c.DeclType, c.Affinity)
	var p Probe
	switch d.Family {
	case FamilyBool:
		p = ProbeBool
	case FamilyDecimal:
		p = ProbeDecimal
	case FamilyChar:
		p = ProbeBlobText
		if d.A > 0 {
			p |= ProbeLength
		}
	case FamilyText, FamilyNone:
		p = ProbeBlobText
	case FamilyUUID:
		p = ProbeUUID
	case FamilyJSON:
		p = ProbeJSON | ProbeBlobText
	case FamilyDate, FamilyTimestamp, FamilyTimestampTZ:
		p = ProbeTimestamp
	case FamilyTime:
		p = ProbeTime | ProbeTimestamp
	}
	if hintsUUID(c, d) {
		p |= ProbeUUID | ProbeInfer
	}
	return p
}

// oddClasses gives the storage classes that a declared type does not expect,
// as bits: the first such value is the example of a mixed column.
func oddClasses(c *schema.Column) uint8 {
	const i, r, t, b = 1 << row.Integer, 1 << row.Real, 1 << row.Text, 1 << row.Blob
	switch ParseDeclared(c.DeclType, c.Affinity).Family {
	case FamilyBool, FamilyInt2, FamilyInt4, FamilyInt8:
		return r | t | b
	case FamilyFloat, FamilyDecimal:
		return t | b
	case FamilyText, FamilyChar, FamilyTime:
		return i | r | b
	case FamilyUUID:
		return i | r
	case FamilyDate, FamilyTimestamp, FamilyTimestampTZ:
		return b
	case FamilyBlob:
		return i | r | t
	}
	return 0
}

// hintsUUID tells whether a declaration leaves room for UUIDs: a length that
// fits one of their forms, or a name that says so.
func hintsUUID(c *schema.Column, d Declared) bool {
	switch d.Family {
	case FamilyChar:
		if d.A == 36 || d.A == 32 || d.A == 38 {
			return true
		}
	case FamilyBlob:
		if d.A == 16 {
			return true
		}
	case FamilyText, FamilyNone:
	default:
		return false
	}
	return namesUUID(c.Name)
}

// namesUUID finds the words uuid and guid in a column's name: rowguid,
// user_uuid, GuidHash, but not guide.
func namesUUID(name string) bool {
	n := strings.ToLower(name)
	if strings.Contains(n, "uuid") {
		return true
	}
	for i := strings.Index(n, "guid"); i >= 0; {
		after := i + len("guid")
		if after == len(n) || n[after:] == "s" || name[after] < 'a' || name[after] > 'z' {
			return true
		}
		next := strings.Index(n[after:], "guid")
		if next < 0 {
			return false
		}
		i = after + next
	}
	return false
}
