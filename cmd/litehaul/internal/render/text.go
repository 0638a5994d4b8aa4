package render

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// Clean makes text safe for a terminal: control characters, the marks that
// reverse the direction of writing, and bytes that are no UTF-8 become escapes
// such as \n, \x1b or \u202e.
func Clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unsafeRune(r):
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

func isClean(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unsafeRune) < 0
}

// unsafeRune tells whether a terminal might act on r rather than show it:
// control characters, and the marks that separate lines or reverse text.
func unsafeRune(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// OneLine makes SQL or a message fit one line: runs of white space become one
// space, and what is longer than limit runes is cut. limit 0 means no limit.
func OneLine(s string, limit int) string {
	s = Clean(strings.Join(strings.Fields(s), " "))
	if limit <= 0 || utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-3]) + "..."
}

// Count writes an integer with thousands separators: 4,300,000.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Megabytes writes a number of bytes as millions of bytes, with three digits
// that count, as 0.01 or 12.3 or 4,321.
func Megabytes(n int64) string {
	mb := float64(n) / 1e6
	switch {
	case mb < 10:
		return strconv.FormatFloat(mb, 'f', 2, 64)
	case mb < 100:
		return strconv.FormatFloat(mb, 'f', 1, 64)
	}
	return Count(int64(mb + 0.5))
}

// Bytes writes a number of bytes with a unit that suits it: 812 B, 4.00 KB,
// 46.1 MB. Units are decimal, as MB/s elsewhere in the report.
func Bytes(n int64) string {
	switch {
	case n < 1000:
		return Count(n) + " B"
	case n < 1_000_000:
		return Megabytes(n*1000) + " KB"
	case n < 10_000_000_000:
		return Megabytes(n) + " MB"
	}
	return Megabytes(n/1000) + " GB"
}

// Seconds writes a duration in seconds: 0.61, 12.3, 1,234.
func Seconds(s float64) string {
	return Megabytes(int64(s * 1e6))
}

// Plural writes a count with its noun: 1 row, 2 rows.
func Plural(n int64, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return Count(n) + " " + strings.TrimSuffix(noun, "y") + "ies"
	case strings.HasSuffix(noun, "x"):
		return Count(n) + " " + noun + "es"
	}
	return Count(n) + " " + noun + "s"
}

// Wrap breaks text into lines of at most width columns, at spaces where it can.
// A width below 1 gives one line.
func Wrap(s string, width int) []string {
	if width < 1 || runewidth.StringWidth(s) <= width {
		return []string{s}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		for runewidth.StringWidth(word) > width { // a word wider than the line
			if line != "" {
				lines, line = append(lines, line), ""
			}
			head := runewidth.Truncate(word, width, "")
			if head == "" { // a rune of two columns in one: show it all the same
				_, n := utf8.DecodeRuneInString(word)
				head = word[:n]
			}
			lines, word = append(lines, head), word[len(head):]
		}
		switch {
		case line == "":
			line = word
		case runewidth.StringWidth(line)+1+runewidth.StringWidth(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
