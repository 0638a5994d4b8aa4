// Package mask replaces values by others that tell nothing of them but what must be
// kept: the type, and that equal values stay equal.
//
// Each way (How) is a function of the value and a secret alone, whatever the column:
// what was equal before is equal after, so that keys and the references to them still
// fit. NULL stays NULL, and an empty text stays empty in the ways that make something of
// a value. Nothing here is random, and nothing remembers a value.
package mask

import (
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// Kind is a way to mask.
type Kind string

// The ways to mask.
const (
	Null   Kind = "null"       // nothing
	Hash   Kind = "hash"       // different for different values
	Name   Kind = "fake-name"  // a made-up name of a person
	Email  Kind = "fake-email" // a made-up address, different for different values
	Phone  Kind = "fake-phone" // a made-up number
	Redact Kind = "redact"     // an x for each character
	Zero   Kind = "zero"       // 0, false or an empty text
	Const  Kind = "const"      // one value for all
)

// Kinds lists the ways as they are written, for messages.
const Kinds = "null, hash, fake-name, fake-email, fake-phone, redact, zero or const:TEXT"

// How says how a column is masked. It can be compared.
type How struct {
	Kind Kind
	Text string // of Const
}

// Parse reads a way as its String writes it.
func Parse(s string) (How, error) {
	if text, ok := strings.CutPrefix(s, string(Const)+":"); ok {
		return How{Kind: Const, Text: text}, nil
	}
	switch k := Kind(s); k {
	case Null, Hash, Name, Email, Phone, Redact, Zero:
		return How{Kind: k}, nil
	case Const:
	}
	return How{}, fmt.Errorf("%q is no way to mask: it is %s", s, Kinds)
}

// String writes the way: its name, and the text of const.
func (h How) String() string {
	if h.Kind == Const {
		return string(Const) + ":" + h.Text
	}
	return string(h.Kind)
}

// Distinct tells that different values become different ones, so that keys stay keys.
func (h How) Distinct() bool { return h.Kind == Hash || h.Kind == Email }

// Secret tells that the result depends on the secret.
func (h How) Secret() bool {
	switch h.Kind {
	case Hash, Name, Email, Phone:
		return true
	case Null, Redact, Zero, Const:
	}
	return false
}

// leastEmail is the least width of a column that takes made-up addresses.
const leastEmail = 24

// Fits tells why values of a type cannot be masked in this way, nil where they can.
func (h How) Fits(t sqltype.Type) error {
	ok := true
	switch h.Kind {
	case Hash:
		ok = t.IsText() || isInteger(t) || t.Kind == sqltype.UUID || t.Kind == sqltype.Bytea
	case Name, Email, Phone, Redact:
		ok = t.IsText()
	case Zero:
		ok = t.IsText() || t.IsNumber() || t.Kind == sqltype.Bool
	case Null, Const:
	}
	switch {
	case !ok:
		return fmt.Errorf("%s does not go with type %s", h.Kind, t.SQL())
	case h.Kind == Email && t.Length > 0 && t.Length < leastEmail:
		return fmt.Errorf("%s needs %d characters, and the type is %s", h.Kind, leastEmail, t.SQL())
	}
	return nil
}

func isInteger(t sqltype.Type) bool {
	return t.Kind == sqltype.Int2 || t.Kind == sqltype.Int4 || t.Kind == sqltype.Int8
}
