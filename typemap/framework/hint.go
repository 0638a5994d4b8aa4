package framework

import (
	"regexp"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// Hint is what a framework says about a column. It counts only when all
// values of the column keep it: see Tally.
type Hint struct {
	Framework string
	// Type is what the framework means, Kind Unknown where only the form
	// is known.
	Type sqltype.Type
	// Form is how values stand: a form of typemap or of this package.
	Form typemap.Form
	// Strict asks for values that cannot look so by chance: UUIDs with the
	// bits of RFC 9562, JSON that is no bare word or number in half of
	// the values, spans with a day or a sign.
	Strict bool
	// Declared tells that the declaration leaves no doubt, so that the hint counts
	// for a column without values too.
	Declared bool
	// Whole tells that nothing may be cut, because the values are a key.
	Whole bool
	// Zone is where datetimes without a zone belong, "" where that is open.
	Zone string
	// Why says it in words: "Django UUIDField: char(32) of hex digits".
	Why string
}

// Forms that only frameworks tell of, beside those of typemap.
const (
	FormBool     typemap.Form = "bool"        // 0 and 1, or words
	FormHex      typemap.Form = "uuid-hex"    // UUIDs: text of 32 digits
	FormDashed   typemap.Form = "uuid-dashed" // UUIDs: text with dashes
	FormUpper    typemap.Form = "uuid-upper"  // UUIDs: text with dashes, upper case throughout
	FormUUIDBlob typemap.Form = "uuid-blob"   // UUIDs: 16 bytes in the order of RFC 9562
	FormEpoch    typemap.Form = "epoch"       // seconds or milliseconds, whichever the values tell
	FormDatetime typemap.Form = "datetime"    // text with date and time; with a zone where Type has one and Zone is open
	FormDate     typemap.Form = "date"        // text YYYY-MM-DD
	FormMidnight typemap.Form = "midnight"    // text with date and time, which is midnight in UTC
	FormTimeSpan typemap.Form = "timespan"    // .NET: [-][d.]hh:mm:ss[.fffffff]
	FormDecimal  typemap.Form = "decimal"     // text: a decimal with a point, as .NET's 0.0###
	FormIntText  typemap.Form = "int-text"    // text or blob: the digits of an integer
	FormInet     typemap.Form = "inet"        // text: an IP address
	FormFloat    typemap.Form = "float"       // numbers; NaN and Infinity as text
	FormJSONDoc  typemap.Form = "json"        // JSON: text, or numbers that NUMERIC affinity made of it
)

// Rule gives the hint as a rule for one column, where package typemap knows
// the form.
func (h *Hint) Rule(table, column string) (r typemap.Rule, ok bool) {
	if h.Form != "" {
		if _, err := typemap.ParseForm(string(h.Form)); err != nil {
			return r, false
		}
	}
	return typemap.Rule{Table: table, Column: column, Type: h.Type, Form: h.Form}, true
}

// Hints gives what all frameworks say about a column of a table: the first
// that its values keep is to be taken.
func (fs Findings) Hints(t *schema.Table, col int) (out []Hint) {
	for _, f := range fs {
		out = append(out, f.Hints(t, col)...)
	}
	return out
}

// Hints gives what the framework says about a column of a table: the first
// that its values keep is to be taken. Most columns have none: their declared
// type says it all.
func (f *Found) Hints(t *schema.Table, col int) (out []Hint) {
	for i := range f.rules.Columns {
		c := &f.rules.Columns[i]
		if !c.fits(t, col) {
			continue
		}
		h := Hint{
			Framework: f.Name, Type: sqltype.Type{Kind: c.Type}, Form: c.Form, Strict: c.Strict, Declared: c.Declared,
			Why: f.Name + " " + c.Why,
		}
		if c.Type == sqltype.TimestampTZ {
			h.Zone = f.Zone.Name
		}
		out = append(out, h)
	}
	return out
}

func (r *Column) fits(t *schema.Table, col int) bool {
	c := t.Columns[col]
	switch {
	case r.Decl != "" && !declared(r.Decl, declOf(c)),
		r.Table != nil && !r.Table.MatchString(t.Name),
		r.Name != nil && !r.Name.MatchString(c.Name),
		r.Default != nil && !r.Default.MatchString(c.DefaultSQL),
		r.Key && (c.PKOrdinal != 1 || t.PrimaryKey == nil || len(t.PrimaryKey.Parts) != 1):
		return false
	}
	return true
}

// declOf gives a declared type in lower case, one space between words, none
// before parentheses.
func declOf(c *schema.Column) string {
	d := strings.Join(strings.Fields(strings.ToLower(c.DeclType)), " ")
	return strings.ReplaceAll(d, " (", "(")
}

// declared tells whether a declared type is in a list, see Column.
func declared(list, decl string) bool {
	for want := range strings.SplitSeq(list, "|") {
		if head, open := strings.CutSuffix(want, "(*)"); open && strings.HasPrefix(decl, head+"(") || want == decl {
			return true
		}
	}
	return false
}

// Names and defaults that mean the same in many frameworks.
var (
	// boolName finds what a name asks: is_admin, hasImage, EmailConfirmed;
	// and the adjectives that mostly are one.
	boolName = regexp.MustCompile(`^(is|has|can|should|allow|enable|was)_|` +
		`^([iI]s|[hH]as|[cC]an|[sS]hould|[aA]llow|[eE]nable|[wW]as)[A-Z]|` +
		`(?i:^(in)?active$|^(un)?verified$|^(un)?published$|^(approved|archived|banned|blocked|cancell?ed|completed|deleted|` +
		`hidden|locked|muted|optional|pinned|private|public|read_?only|required|starred|suspended|visible)$)|` +
		`(Enabled|Disabled|Confirmed|_enabled|_disabled|_confirmed)$|^([eE]nabled|[dD]isabled)$`)
	// instantName finds moments: created_at, placedAt, "paid at".
	instantName = regexp.MustCompile(`(^|[_ ])at$|[a-z]At$|(^|_)timestamp$|[tT]imestamp$`)
	// boolDefault is a DEFAULT that is a word, as only booleans have.
	boolDefault = regexp.MustCompile(`(?i)^\(?(true|false)\)?$`)
	// nowDefault is a DEFAULT that is now, as text.
	nowDefault = regexp.MustCompile(`(?i)^\(?(current_timestamp|datetime\('now'\)|strftime\('%Y-%m-%d.*)`)
)
