package form

// BoolWord is the spelling of a boolean. A column of real booleans keeps to one
// or two of them; which are acceptable is for the caller to decide.
type BoolWord uint8

// The spellings, each in any ASCII case.
const (
	NotBool   BoolWord = iota
	BoolDigit          // 1 0: most ORMs
	BoolTF             // t f: Rails up to 5.1
	BoolTrue           // true false: GORM, exports
	BoolYN             // y n
	BoolYes            // yes no
	BoolOn             // on off: HTML forms
)

// BoolWordN is the number of spellings, for arrays indexed by BoolWord.
const BoolWordN = 7

var boolWordNames = [BoolWordN]string{
	"not a boolean", "1/0", "t/f", "true/false", "y/n", "yes/no", "on/off",
}

// String gives the pair of words, such as "true/false".
func (w BoolWord) String() string {
	if w >= BoolWordN {
		return boolWordNames[NotBool]
	}
	return boolWordNames[w]
}

// ParseBool reads one of t f true false yes no on off y n 1 0 in any ASCII case.
func ParseBool(b []byte) (v, ok bool) {
	v, w := ParseBoolWord(b)
	return v, w != NotBool
}

// ParseBoolWord is ParseBool and says which spelling it was, NotBool if none.
func ParseBoolWord(b []byte) (v bool, w BoolWord) {
	switch len(b) {
	case 1:
		return boolLetter(b[0])
	case 2:
		switch {
		case equalFold(b, "no"):
			return false, BoolYes
		case equalFold(b, "on"):
			return true, BoolOn
		}
	case 3:
		switch {
		case equalFold(b, "yes"):
			return true, BoolYes
		case equalFold(b, "off"):
			return false, BoolOn
		}
	case 4:
		if equalFold(b, "true") {
			return true, BoolTrue
		}
	case 5:
		if equalFold(b, "false") {
			return false, BoolTrue
		}
	}
	return false, NotBool
}

func boolLetter(c byte) (v bool, w BoolWord) {
	switch c {
	case '0', '1':
		return c == '1', BoolDigit
	case 't', 'T', 'f', 'F':
		return c|0x20 == 't', BoolTF
	case 'y', 'Y', 'n', 'N':
		return c|0x20 == 'y', BoolYN
	}
	return false, NotBool
}

// equalFold compares b with a word of lower case ASCII letters of the same
// length, in any ASCII case.
func equalFold(b []byte, word string) bool {
	if len(b) != len(word) {
		return false
	}
	for i := range b {
		c := b[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
