package typemap

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Key names a row by its primary key, or by its rowid where it has none.
func Key(t *schema.Table, rowid int64, vals []row.Value) string {
	if t.PrimaryKey == nil {
		return "rowid=" + strconv.FormatInt(rowid, 10)
	}
	parts := make([]string, len(t.PrimaryKey.Parts))
	for i, k := range t.PrimaryKey.Parts {
		parts[i] = t.Columns[k.Column].Name + "=" + Show(&vals[k.Column])
	}
	return strings.Join(parts, ", ")
}

// maxShown is how many bytes of a value a report shows.
const maxShown = 60

// Show writes a value as SQLite's quote() does, cut to a readable length.
// Text with control characters or bytes that are not UTF-8 is written with
// escapes, in double quotes.
func Show(v *row.Value) string {
	switch v.Class {
	case row.Integer:
		return strconv.FormatInt(v.Int(), 10)
	case row.Real:
		return string(convert.AppendReal(nil, v.Real()))
	case row.Text:
		return showText(v.Bytes)
	case row.Blob:
		b, more := v.Bytes, ""
		if len(b) > maxShown/2 {
			b, more = b[:maxShown/2], fmt.Sprintf("... (%d bytes)", len(v.Bytes))
		}
		return fmt.Sprintf("x'%x'%s", b, more)
	}
	return "NULL"
}

func showText(b []byte) string {
	size, more := len(b), ""
	if size > maxShown {
		cut := maxShown
		for i := range utf8.UTFMax { // not in the middle of a character
			if utf8.RuneStart(b[maxShown-i]) {
				cut = maxShown - i
				break
			}
		}
		b, more = b[:cut], fmt.Sprintf("... (%d bytes)", size)
	}
	if !utf8.Valid(b) || !plain(b) {
		return strconv.QuoteToGraphic(string(b)) + more
	}
	return "'" + strings.ReplaceAll(string(b), "'", "''") + "'" + more
}

func plain(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c == 0x7f {
			return false
		}
	}
	return true
}
