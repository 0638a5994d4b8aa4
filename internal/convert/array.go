package convert

import (
	"unicode/utf8"

	pgcopy "github.com/litehaul/litehaul/copy"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// appendEnum takes the text of a label, to the letter.
func (e *Encoder) appendEnum(dst []byte, v *row.Value) ([]byte, bool) {
	if v.Class != row.Text || e.Existing == nil {
		return dst, false
	}
	_, ok := e.Existing.Labels[string(v.Bytes)]
	return pgcopy.AppendText(dst, v.Bytes), ok
}

// appendArray takes a JSON array, and an array as Postgres writes it, each of
// one dimension. Elements are what their texts are in a column of their type.
func (e *Encoder) appendArray(dst []byte, v *row.Value) ([]byte, Note, bool) {
	if e.Existing == nil || e.Existing.Elem == nil {
		return dst, Exact, false
	}
	b := v.Bytes
	switch {
	case v.Class == row.Blob && e.Blob == BlobJSONB:
		var ok bool
		if e.buf, ok = form.DecodeJSONB(e.buf[:0], b); !ok {
			return dst, Exact, false
		}
		b = e.buf
	case v.Class != row.Text && (v.Class != row.Blob || e.Blob != BlobJSONText):
		return dst, Exact, false
	}
	if e.elem == nil {
		e.elem = &Encoder{Column: *e.Existing.Elem}
	}
	a := arrayWriter{e: e, rest: b}
	switch start := firstByte(b); {
	case e.Existing.Comma:
		return a.write(dst, commaList)
	case start == '[':
		if f := e.json.ScanJSON(b); f.Kind != form.JSONArray || !f.Valid || f.NulEscape || f.LoneSurrogate {
			return dst, Exact, false
		}
		return a.write(dst, jsonArray)
	case start == '{':
		return a.write(dst, arrayLiteral)
	}
	return dst, Exact, false
}

// firstByte gives the first byte that is no white space, or 0.
func firstByte(b []byte) byte {
	for _, c := range b {
		if !space(c) {
			return c
		}
	}
	return 0
}

func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// arrayWriter appends the elements of one array as it reads them.
type arrayWriter struct {
	e       *Encoder
	dst     []byte
	rest    []byte
	n       int
	hasNull bool
	note    Note
}

// notation is how text writes an array.
type notation uint8

const (
	jsonArray    notation = iota // ["a", null]
	arrayLiteral                 // {a,NULL}
	commaList                    // a,b
)

// read appends the elements.
func (w *arrayWriter) read(n notation) bool {
	switch n {
	case commaList:
		return w.commas()
	case arrayLiteral:
		return w.literal()
	}
	return w.json()
}

// write appends the array whose elements the text has. Their number
// is known behind the last of them: then the head is written once more.
func (w *arrayWriter) write(dst []byte, n notation) ([]byte, Note, bool) {
	oid := w.e.Existing.ElemOID
	out, mark := pgcopy.BeginArray(dst, oid, true, 1)
	w.dst = out
	if !w.read(n) {
		return dst, Exact, false
	}
	if w.n == 0 {
		out, mark = pgcopy.BeginArray(w.dst[:mark], oid, false, 0)
		return pgcopy.EndArray(out, mark), Exact, true
	}
	pgcopy.BeginArray(w.dst[:mark], oid, w.hasNull, w.n) // in place of the first one, which is as long
	return pgcopy.EndArray(w.dst, mark), w.note, true
}

// put appends an element, NULL where v is.
func (w *arrayWriter) put(v *row.Value) bool {
	w.n++
	if v.Class == row.Null {
		w.hasNull = true
	}
	var note Note
	var err error
	if w.dst, note, err = w.e.elem.Append(w.dst, v); err != nil {
		return false
	}
	if note != Exact {
		w.note = note
	}
	return true
}

func (w *arrayWriter) putText(b []byte) bool {
	var v row.Value
	v.SetText(b)
	return w.put(&v)
}

// commas reads text with commas between, as simple-array of TypeORM has it.
// Nothing at all is no elements.
func (w *arrayWriter) commas() bool {
	if len(w.rest) == 0 {
		return true
	}
	for {
		end := 0
		for end < len(w.rest) && w.rest[end] != ',' {
			end++
		}
		if !w.putText(w.rest[:end]) {
			return false
		}
		if end == len(w.rest) {
			return true
		}
		w.rest = w.rest[end+1:]
	}
}

// spaces skips white space and gives the byte behind it, or 0.
func (w *arrayWriter) spaces() byte {
	for len(w.rest) > 0 && space(w.rest[0]) {
		w.rest = w.rest[1:]
	}
	if len(w.rest) == 0 {
		return 0
	}
	return w.rest[0]
}

// json reads a JSON array that is known to be valid.
func (w *arrayWriter) json() bool {
	w.spaces()
	w.rest = w.rest[1:]
	if w.spaces() == ']' {
		return true
	}
	for {
		end := jsonEnd(w.rest)
		if !w.jsonElement(w.rest[:end]) {
			return false
		}
		w.rest = w.rest[end:]
		if w.spaces() == ']' {
			return true
		}
		w.rest = w.rest[1:]
		w.spaces()
	}
}

// jsonElement appends the element that a JSON value is. Elements of type json
// are JSON themselves.
func (w *arrayWriter) jsonElement(b []byte) bool {
	kind := w.e.elem.Type.Kind
	switch {
	case string(b) == "null":
		var v row.Value
		v.SetNull()
		return w.put(&v)
	case kind == sqltype.JSON, kind == sqltype.JSONB:
		return w.putText(b)
	case b[0] == '"':
		w.e.item = appendJSONString(w.e.item[:0], b)
		return w.putText(w.e.item)
	case b[0] == '{', b[0] == '[':
		return false // a document, or another dimension
	case b[0] == 't', b[0] == 'f':
		return kind == sqltype.Bool && w.putText(b)
	}
	return w.putText(b)
}

// jsonEnd gives the length of the JSON value that b begins with, which is
// valid.
func jsonEnd(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '[', '{':
			depth++
		case ']', '}':
			if depth == 0 {
				return i
			}
			depth--
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(b)
}

// appendJSONString appends what a valid JSON string without half surrogate
// pairs says.
func appendJSONString(dst, b []byte) []byte {
	const high, low = 0xD800, 0xDC00
	b = b[1 : len(b)-1]
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			dst = append(dst, b[i])
			continue
		}
		i++
		switch c := b[i]; c {
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r := hex4(b[i+1:])
			i += 4
			if r >= high && r < low {
				r = 0x10000 + (r-high)<<10 + hex4(b[i+3:]) - low
				i += 6
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func hex4(b []byte) (r rune) {
	for _, c := range b[:4] {
		r = r<<4 | rune(hexDigit(c)) //nolint:gosec // a digit
	}
	return r
}

// literal reads an array in Postgres' own notation: {a,"b \"c\"",NULL}. Bounds
// in front and further dimensions are refused.
func (w *arrayWriter) literal() bool {
	w.spaces()
	w.rest = w.rest[1:]
	if w.spaces() == '}' {
		return w.atEnd()
	}
	for {
		ok := false
		if w.spaces() == '"' {
			ok = w.quoted()
		} else {
			ok = w.bare()
		}
		if !ok {
			return false
		}
		switch w.spaces() {
		case '}':
			return w.atEnd()
		case ',':
			w.rest = w.rest[1:]
		default:
			return false
		}
	}
}

// atEnd tells whether nothing follows the closing brace.
func (w *arrayWriter) atEnd() bool {
	w.rest = w.rest[1:]
	return w.spaces() == 0 && len(w.rest) == 0
}

// quoted reads an element in double quotes.
func (w *arrayWriter) quoted() bool {
	item := w.e.item[:0]
	for i := 1; i < len(w.rest); i++ {
		switch c := w.rest[i]; c {
		case '"':
			w.e.item, w.rest = item, w.rest[i+1:]
			return w.putText(item)
		case '\\':
			if i++; i == len(w.rest) {
				return false
			}
			item = append(item, w.rest[i])
		default:
			item = append(item, c)
		}
	}
	return false
}

// bare reads an element without quotes.
func (w *arrayWriter) bare() bool {
	end, last := 0, 0 // of the text, white space at its end left out
	item := w.e.item[:0]
	escaped := false
	for ; end < len(w.rest) && w.rest[end] != ',' && w.rest[end] != '}'; end++ {
		switch c := w.rest[end]; {
		case c == '{' || c == '"':
			return false
		case c == '\\':
			if end++; end == len(w.rest) {
				return false
			}
			item, escaped = append(item, w.rest[end]), true
			last = len(item)
		default:
			item = append(item, c)
			if !space(c) {
				last = len(item)
			}
		}
	}
	w.e.item, w.rest = item, w.rest[end:]
	item = item[:last]
	if last == 0 {
		return false
	}
	if !escaped && isNull(item) {
		var v row.Value
		v.SetNull()
		return w.put(&v)
	}
	return w.putText(item)
}

// isNull tells the word NULL in any case.
func isNull(b []byte) bool {
	return len(b) == 4 && b[0]|0x20 == 'n' && b[1]|0x20 == 'u' && b[2]|0x20 == 'l' && b[3]|0x20 == 'l'
}
