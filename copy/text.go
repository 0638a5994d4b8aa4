package pgcopy

import "unicode/utf8"

// jsonbVersion is the only version of jsonb's binary form: text follows it.
const jsonbVersion = 1

// AppendText appends a value of a type whose binary form is its text: text,
// varchar, citext, name, json and enums. text must be valid in the client
// encoding (UTF-8) and hold no NUL byte, or the server refuses the COPY.
//
// The server cuts spaces beyond n from a varchar(n) without an error, so such
// a value reads back shorter than it was sent.
func AppendText(dst, text []byte) []byte {
	return append(appendLen(dst, len(text)), text...)
}

// AppendTextString is AppendText for a string.
func AppendTextString(dst []byte, text string) []byte {
	return append(appendLen(dst, len(text)), text...)
}

// AppendBpchar appends a character(n): text padded with spaces to n
// characters, as the server stores it. Spaces beyond n are cut, as the server
// does; other characters beyond n stay, and the server refuses them. n counts
// characters, not bytes; n below 1 means bpchar without a length, which keeps
// text as it is.
func AppendBpchar(dst, text []byte, n int) []byte {
	if n < 1 {
		return AppendText(dst, text)
	}
	pad := n - utf8.RuneCount(text)
	for pad < 0 && text[len(text)-1] == ' ' {
		text = text[:len(text)-1]
		pad++
	}
	return AppendPadded(dst, text, max(pad, 0))
}

// AppendPadded appends text with pad spaces behind it: a character(n) whose
// characters the caller has counted.
func AppendPadded(dst, text []byte, pad int) []byte {
	const spaces = "        "
	dst = append(appendLen(dst, len(text)+pad), text...)
	end := len(dst) + pad
	for len(dst) < end {
		dst = append(dst, spaces...) // eight at once are one store
	}
	return dst[:end]
}

// AppendBytea appends a bytea.
func AppendBytea(dst, b []byte) []byte {
	return append(appendLen(dst, len(b)), b...)
}

// AppendUUID appends a uuid, its bytes in the order in which they are written.
func AppendUUID(dst []byte, u [16]byte) []byte {
	return append(append(dst, 0, 0, 0, 16), u[:]...)
}

// AppendJSONB appends a jsonb from JSON text. The server sends back its own
// spelling of the document (keys sorted and single, one space after each colon
// and comma), so the bytes read back equal these only when doc is spelt so.
func AppendJSONB(dst, doc []byte) []byte {
	dst = append(appendLen(dst, 1+len(doc)), jsonbVersion)
	return append(dst, doc...)
}
