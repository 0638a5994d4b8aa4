package form

import "strconv"

// The spellings of JSON5 that SQLite keeps in JSONB as they were written, made
// strict here as SQLite's json() makes them strict.

// overflow is what SQLite prints for a hexadecimal integer beyond 64 bits.
const overflow = "9.0e999"

// fractional tells a float's text from an integer's.
func fractional(number []byte) bool {
	for _, c := range number {
		if c == '.' || c|0x20 == 'e' {
			return true
		}
	}
	return false
}

// hexInt decodes an INT5: [-]0x and hexadecimal digits.
func (d *jsonbDecoder) hexInt(b []byte) bool {
	if len(b) > 0 && b[0] == '-' {
		d.putByte('-')
		b = b[1:]
	}
	if len(b) < 3 || b[0] != '0' || b[1]|0x20 != 'x' {
		return false
	}
	var n uint64
	over := false
	for _, c := range b[2:] {
		v := hexValue[c]
		if v == notHex {
			return false
		}
		over = over || n>>60 != 0
		n = n<<4 | uint64(v)
	}
	switch {
	case over:
		d.putString(overflow)
	case !d.quiet:
		d.dst = strconv.AppendUint(d.dst, n, 10)
	}
	return true
}

// float5 decodes a FLOAT5: a number that may lack the digits before or after
// its point.
func (d *jsonbDecoder) float5(b []byte) bool {
	i := 0
	if len(b) > 0 && b[0] == '-' {
		i = 1
	}
	whole, ok := digitRun(b, i)
	if whole-i > 1 && b[i] == '0' {
		return false // leading zero
	}
	d.put(b[:whole])
	if !ok {
		d.putByte('0')
	}
	i = whole
	pointed := i < len(b) && b[i] == '.'
	if pointed {
		var fraction bool
		start := i
		if i, fraction = digitRun(b, i+1); !fraction && !ok {
			return false // a lone point
		}
		d.put(b[start:i])
		if !fraction {
			d.putByte('0')
		}
	} else if !ok {
		return false
	}
	return d.exponent5(b, i, pointed)
}

// exponent5 decodes the exponent of a FLOAT5, which must be there if there was
// no point.
func (d *jsonbDecoder) exponent5(b []byte, i int, pointed bool) bool {
	if i == len(b) {
		return pointed
	}
	if b[i]|0x20 != 'e' {
		return false
	}
	d.put(b[i:])
	i++
	if i < len(b) && (b[i] == '+' || b[i] == '-') {
		i++
	}
	end, ok := digitRun(b, i)
	return ok && end == len(b)
}

// text5 decodes a TEXT5: a string with escapes of JSON5, quotes and control
// characters.
func (d *jsonbDecoder) text5(b []byte) bool {
	d.putByte('"')
	for i := 0; i < len(b); {
		at, found := jsonText(b, i)
		d.put(b[i:at])
		i = at
		switch {
		case found&textEnd != 0:
			d.putByte('"')
			return true
		case found&textBadUTF8 != 0:
			return false
		case b[i] == '\\':
			n := d.escape5(b[i:])
			if n == 0 {
				return false
			}
			i += n
		default: // a quote or a control character
			if !d.quiet {
				d.dst = appendEscape(d.dst, b[i])
			}
			i++
		}
	}
	d.putByte('"')
	return true
}

// escape5 decodes the escape of JSON5, none of RFC 8259, that b begins with;
// it gives its length, 0 if it is none.
func (d *jsonbDecoder) escape5(b []byte) (n int) {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '\'':
		d.putByte('\'')
		return 2
	case 'v':
		d.putString(`\u000b`)
		return 2
	case '0':
		if len(b) > 2 && '0' <= b[2] && b[2] <= '9' {
			return 0 // octal is no JSON5
		}
		d.putString(`\u0000`)
		return 2
	case 'x':
		if len(b) < 4 || (hexValue[b[2]]|hexValue[b[3]])&notHex != 0 {
			return 0
		}
		d.putString(`\u00`)
		d.put(b[2:4])
		return 4
	}
	return lineContinuation(b)
}

// lineContinuation gives the length of the backslash and line end that b begins
// with, which mean nothing: \n, \r, \r\n, U+2028 or U+2029.
func lineContinuation(b []byte) int {
	switch {
	case b[1] == '\n':
		return 2
	case b[1] == '\r':
		if len(b) > 2 && b[2] == '\n' {
			return 3
		}
		return 2
	case len(b) >= 4 && b[1] == 0xE2 && b[2] == 0x80 && (b[3] == 0xA8 || b[3] == 0xA9):
		return 4
	}
	return 0
}
