package typemap

import (
	"fmt"
	"time"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// Target is the type of a column that stands in the target already.
type Target struct {
	// Type is what values look like, beneath all domains: a base type, Enum or
	// Array; Kind Unknown where litehaul has no encoder. Name is as format_type
	// writes the column's own type.
	Type sqltype.Type
	// Fraction is the number of digits that the time types keep of a second.
	Fraction int
	// Fields tells an interval that is cut down to some fields.
	Fields bool
	// Labels are those of an Enum.
	Labels []string
	// Elem is what an Array has as elements, ElemOID the OID of their type, a
	// domain's where they are of one.
	Elem    *Target
	ElemOID uint32
}

// Meaning is what somebody who knows the application says about a column: how
// its values stand, and where datetimes without a zone belong. Both may be open.
type Meaning struct {
	Form Form
	Zone *time.Location
	Why  string
}

// Known is what is known about a column beside its values.
type Known struct {
	// Frameworks made the source's schema, the surest first.
	Frameworks []string
	// Meanings are theirs, the first that the values allow is taken.
	Meanings []Meaning
}

// FormComma says that text is an array's elements with commas between. Only a
// user can tell.
const FormComma Form = "comma"

// ProbesFor gives what a profile must try a column's values against, beside
// what Probes says of it, for DecideFor to judge them.
func ProbesFor(target Target) Probe {
	p := Rule{Type: target.Type}.probes()
	switch target.Type.Kind {
	case sqltype.Bpchar:
		p = ProbeLength | ProbeBlobText
	case sqltype.Citext:
		p = ProbeBlobText
	}
	return p
}

// NoFitError tells that values of a column cannot become the target's type.
type NoFitError struct {
	Column, Target string
	// N values of a kind named in What do not fit, as far as the profile tells; 0
	// where no values are at fault. Why says more of them, or is "".
	N         int64
	What, Why string
	Examples  []Example
	Try       string // the way out, or ""
}

// Error names the column, the number of values and the first of them.
func (e *NoFitError) Error() string {
	s := fmt.Sprintf("column %s: %s does not take %s", e.Column, e.Target, e.What)
	if e.N > 0 {
		s = fmt.Sprintf("column %s: %s does not take %s", e.Column, e.Target, count(e.N, e.What))
	}
	if e.Why != "" {
		s += ", " + e.Why
	}
	if len(e.Examples) > 0 {
		s += fmt.Sprintf(": %s at %s", e.Examples[0].Value, e.Examples[0].Key)
	}
	if e.Try != "" {
		s += " (" + e.Try + ")"
	}
	return s
}

// DecideFor chooses how the values of column i of a profiled table become the
// type of a column that stands in the target already. The table must have been
// profiled with the probes of ProbesFor. An error, always a *NoFitError, tells
// that they cannot, whatever is chosen, or that somebody must say how. A
// decision that is not proven needs a trial, which finds single values that do
// not fit: text that is no number, numbers out of range.
func DecideFor(t *Table, i int, target Target, known Known, opt Options) (Decision, error) {
	col := t.Schema.Columns[i]
	d := existing{
		decider: decider{
			col: col, decl: ParseDeclared(col.DeclType, col.Affinity),
			p: &t.Columns[i], t: t, i: i, opt: opt,
		},
		target: target, known: known,
	}
	d.out.Column = target.column()
	if err := d.decide(); err != nil {
		return Decision{}, err
	}
	return d.out, nil
}

// existing decides one column for a type that is given.
type existing struct {
	decider
	target Target
	known  Known
	rule   Rule
}

// column gives the plain conversion to the type.
func (t *Target) column() convert.Column {
	x := &convert.Existing{Grain: convert.Grain(t.Fraction)}
	switch t.Type.Kind {
	case sqltype.Time, sqltype.TimeTZ, sqltype.Timestamp, sqltype.TimestampTZ, sqltype.Interval:
	default:
		x.Grain = 1
	}
	if t.Type.Kind == sqltype.Enum {
		x.Labels = convert.Labels(t.Labels)
	}
	if t.Elem != nil {
		elem := t.Elem.column()
		x.Elem, x.ElemOID = &elem, t.ElemOID
	}
	c := convert.Column{Type: t.Type, Existing: x, OnDay: t.Type.Kind == sqltype.Time || t.Type.Kind == sqltype.TimeTZ}
	if t.Elem != nil {
		c.Type.Elem = t.Elem.Type.Kind
	}
	return c
}

// writable tells whether there is an encoder for the type.
func (t *Target) writable() bool {
	switch t.Type.Kind {
	case sqltype.Unknown:
		return false
	case sqltype.Array:
		return t.Elem != nil && t.Elem.Type.Kind != sqltype.Array && t.Elem.writable() && t.ElemOID != 0
	}
	return !t.Fields
}

func (d *existing) decide() error {
	if !d.target.writable() {
		return d.noFit(NoFitError{What: "values", Why: "litehaul writes none of this type", Try: "--drop-column leaves the column out"})
	}
	if err := d.applyRule(); err != nil {
		return err
	}
	if err := d.classes(); err != nil {
		return err
	}
	if err := d.form(); err != nil {
		return err
	}
	if d.p.BadText > 0 && d.out.Type.IsText() && d.opt.BadText == BadTextReplace {
		d.out.Replace = true
	}
	d.out.Proven = d.proven()
	d.out.Evidence = d.show()
	return nil
}

// applyRule follows what the user chose. The type is not theirs to choose: the
// table stands.
func (d *existing) applyRule() error {
	rule, ok := d.opt.Rules.Lookup(d.t.Schema.Name, d.col.Name)
	if !ok {
		return nil
	}
	if k := rule.Type.Kind; k != sqltype.Unknown && k != d.target.Type.Kind && (!rule.Type.IsText() || !d.target.Type.IsText()) {
		return d.noFit(NoFitError{What: "--type=" + rule.Type.SQL(), Why: "the table stands already"})
	}
	d.rule, d.out.ByRule = rule, true
	if rule.Form == "" {
		return nil
	}
	if !rule.Form.suits(d.target.Type.Kind) {
		return d.noFit(NoFitError{What: "values of the form " + string(rule.Form)})
	}
	d.because(string(rule.Form) + " by --form")
	switch rule.Form {
	case FormEmptyNull: // says nothing of the others
		d.p, d.out.EmptyNull = d.p.withoutEmpty(), true
		d.rule.Form = ""
	case FormComma:
		d.out.Existing.Comma = true
	}
	return nil
}

// suits tells whether values of a type may have the form.
func (f Form) suits(k sqltype.Kind) bool {
	switch f {
	case FormEmptyNull, FormPlain:
		return true
	case FormComma:
		return k == sqltype.Array
	case FormGUID:
		return k == sqltype.UUID
	case FormJSONB, FormJSONText:
		return k == sqltype.JSON || k == sqltype.JSONB || k == sqltype.Array
	}
	switch k {
	case sqltype.Date, sqltype.Time, sqltype.TimeTZ, sqltype.Timestamp, sqltype.TimestampTZ, sqltype.Interval:
		return true
	}
	return false
}

// classes refuses storage classes of which no value ever becomes the type.
func (d *existing) classes() error {
	numbers := true
	switch d.target.Type.Kind {
	case sqltype.UUID, sqltype.Bytea, sqltype.Inet, sqltype.CIDR, sqltype.MacAddr, sqltype.Enum, sqltype.Array:
		numbers = false
	}
	for _, k := range [...]row.Class{row.Integer, row.Real} {
		if n := d.p.Count[k]; n > 0 && !numbers {
			return d.noFit(NoFitError{N: n, What: k.String() + " value", Examples: d.t.Examples(d.i, MissClass)})
		}
	}
	text := d.p.Count[row.Text]
	bad := func(n int64, why string, m Miss) error {
		return d.noFit(NoFitError{N: n, What: "text value", Why: why, Examples: d.t.Examples(d.i, m), Try: d.tryEmpty()})
	}
	switch p := d.p; {
	case isInt(d.target.Type.Kind) && p.Probes&ProbeInt != 0 && p.Ints < text:
		return bad(text-p.Ints, "not spelt as integers print", MissInt)
	case d.target.Type.Kind == sqltype.UUID && p.Probes&ProbeUUID != 0 && p.uuidText() < text:
		return bad(text-p.uuidText(), "not UUIDs", MissUUID)
	case d.target.Type.Kind == sqltype.Bool && p.Probes&ProbeBool != 0 && p.boolWords() < text:
		return bad(text-p.boolWords(), "not booleans", MissBool)
	}
	return nil
}

func (d *existing) tryEmpty() string {
	if d.p.EmptyText == 0 {
		return ""
	}
	return "--form " + d.t.Schema.Name + "." + d.col.Name + "=" + string(FormEmptyNull) + " makes NULL of empty text"
}

func isInt(k sqltype.Kind) bool { return k == sqltype.Int2 || k == sqltype.Int4 || k == sqltype.Int8 }

// noFit completes the error.
func (d *existing) noFit(e NoFitError) error {
	e.Column, e.Target = d.t.Schema.Name+"."+d.col.Name, d.target.Type.SQL()
	return &e
}

// form chooses what the type alone leaves open.
func (d *existing) form() error {
	if d.rule.Form == FormPlain {
		return nil
	}
	switch d.target.Type.Kind {
	case sqltype.Text, sqltype.Varchar, sqltype.Bpchar, sqltype.Citext, sqltype.Bytea:
	case sqltype.UUID:
		d.uuidBlobs()
	case sqltype.JSON, sqltype.JSONB:
		return d.jsonBlobs()
	case sqltype.Array:
		if !d.p.has(row.Blob) {
			break // the form of blobs would be said of text
		}
		d.out.Blob = convert.BlobJSONText
		if d.says(FormJSONB) {
			d.out.Blob = convert.BlobJSONB
		}
	default:
		d.out.Blob = convert.BlobText
		return d.times()
	}
	return nil
}

// says tells whether the user, or else a framework, names a form.
func (d *existing) says(f Form) bool {
	if d.rule.Form != "" {
		return d.rule.Form == f
	}
	for _, m := range d.known.Meanings {
		if m.Form == f {
			d.because(m.Why)
			return true
		}
	}
	return false
}

func (d *existing) uuidBlobs() {
	if !d.p.has(row.Blob) {
		return
	}
	dotNet := d.p.Probes&ProbeUUID != 0 && d.p.dotNet() && !d.p.rfc()
	if d.rule.Form == FormGUID || dotNet || d.says(FormGUID) && !(d.p.Probes&ProbeUUID != 0 && d.p.rfc()) {
		d.out.Blob = convert.BlobDotNetUUID
		d.because("blobs in the byte order of .NET")
	}
}

// jsonBlobs tells JSON text from SQLite's binary JSONB, all blobs alike: some of
// the one are the other as well.
func (d *existing) jsonBlobs() error {
	blobs, p := d.p.Count[row.Blob], d.p
	if blobs == 0 {
		return nil
	}
	text, binary := p.BlobJSON == blobs, p.BlobJSONB == blobs
	switch {
	case d.rule.Form == FormJSONB, d.rule.Form == "" && binary && !text:
		d.out.Blob = convert.BlobJSONB
	case d.rule.Form == FormJSONText, text && !binary:
		d.out.Blob = convert.BlobJSONText
	case d.says(FormJSONB):
		d.out.Blob = convert.BlobJSONB
	case d.says(FormJSONText), p.Probes&ProbeJSON == 0:
		d.out.Blob = convert.BlobJSONText
	case text:
		return d.noFit(NoFitError{
			N: blobs, What: "blob", Why: "which may be JSON text or SQLite's JSONB",
			Try: "--form " + d.t.Schema.Name + "." + d.col.Name + "=json-text or =jsonb says which",
		})
	default:
		n := blobs - max(p.BlobJSON, p.BlobJSONB)
		return d.noFit(NoFitError{N: n, What: "blob", Why: "not JSON", Examples: d.t.Examples(d.i, MissJSON)})
	}
	return nil
}

// proven tells whether the profile has shown every value to fit.
func (d *existing) proven() bool {
	p, c := d.p, d.out.Column
	numbers := p.Count[row.Integer] + p.Count[row.Real]
	text, blobs := p.Count[row.Text], p.Count[row.Blob]
	if p.Values() == 0 {
		return true
	}
	// A type's name and its share of Existing do not matter to what fits.
	c.Type.Name = ""
	switch k := c.Type.Kind; k {
	case sqltype.Float4:
		return false
	case sqltype.Bytea:
		return numbers == 0
	case sqltype.Citext:
		c.Type.Kind = sqltype.Text
	case sqltype.Varchar, sqltype.Bpchar:
		if c.Type.Kind = sqltype.Varchar; c.Type.Length == 0 {
			c.Type.Kind = sqltype.Text
		}
	case sqltype.JSON, sqltype.JSONB:
		fit := p.JSONText
		if k == sqltype.JSONB {
			fit = p.JSONBText
		}
		return p.Probes&ProbeJSON != 0 && fit == text && blobs == 0 && p.RealInf == 0
	case sqltype.Time:
		return p.Probes&ProbeTime != 0 && p.Times == p.Values()
	case sqltype.TimestampTZ:
		return p.Probes&ProbeTimestamp != 0 && blobs == 0 && p.Naive+p.Zoned == text && d.unitsHold()
	case sqltype.Timestamp:
		return p.Probes&ProbeTimestamp != 0 && blobs == 0 && p.Naive == text && d.unitsHold()
	case sqltype.Date:
		return p.Probes&ProbeTimestamp != 0 && numbers+blobs == 0 && p.DateOnly+p.Midnight == text
	}
	return fits(p, c)
}

// unitsHold tells whether all numbers are dates in the units chosen.
func (d *existing) unitsHold() bool {
	i, r := d.integers(), d.reals()
	return (i.n == 0 || i.holds(d.out.Int)) && (r.n == 0 || r.holds(d.out.Real) && d.out.Real != form.YYYYMMDD) &&
		(d.out.Int != form.YYYYMMDD || i.digits == i.n)
}

// show is the evidence. Numbers that are no moments have no days.
func (d *existing) show() string {
	e := d.decider
	switch d.target.Type.Kind {
	case sqltype.Interval, sqltype.Time, sqltype.TimeTZ:
		e.out.Int, e.out.Real = 0, 0
	}
	return e.evidence()
}
