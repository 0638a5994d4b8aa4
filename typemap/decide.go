package typemap

import (
	"time"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
)

// Options are the policies that types depend on.
type Options struct {
	Rules Rules
	// Hints are what frameworks say about columns, one entry for each column of a
	// table, nil where they say nothing.
	Hints map[*schema.Table][]*Hinted
	// NaiveZone, when set, makes naive datetime text timestamptz in that zone.
	// ZoneWhy says by what, "" where the user says so. KeepNaive tells that the
	// user wants such text without a zone, whatever a framework says.
	NaiveZone *time.Location
	ZoneWhy   string
	KeepNaive bool
	// BadText tells what becomes of text that Postgres cannot hold.
	BadText BadText
}

// BadText is what becomes of a text column with values that Postgres cannot
// hold.
type BadText uint8

// The policies for bad text.
const (
	BadTextKeep    BadText = iota // decide as if it were good: the caller refuses or rejects the rows
	BadTextBytea                  // the column becomes bytea
	BadTextReplace                // U+FFFD in the place of each bad byte
)

// Decision is what one column becomes.
type Decision struct {
	convert.Column
	// Why is "" where the type is the plain one for the declaration, and
	// tells else what made it so.
	Why string
	// Evidence counts the column's values and forms.
	Evidence string
	// Proven tells that the profile has shown every value to fit. A decision
	// that is not proven needs a trial over all values before a row is written.
	Proven bool
	// ByRule tells that the user chose the type or the form, Framework which
	// framework's habits did, "" for none.
	ByRule    bool
	Framework string
}

// Nulls gives the number of NULLs that a column with this profile has in the
// target.
func (d *Decision) Nulls(p *Column) int64 {
	n := p.Count[row.Null]
	if d.EmptyNull {
		n += p.EmptyText
	}
	return n
}

// decider decides one column.
type decider struct {
	col  *schema.Column
	decl Declared
	p    *Column
	t    *Table
	i    int
	opt  Options
	out  Decision
}

// Decide chooses type and form of column i of a profiled table, for itself:
// foreign keys are reconciled by DecideAll.
func Decide(t *Table, i int, opt Options) Decision {
	col := t.Schema.Columns[i]
	d := decider{
		col: col, decl: ParseDeclared(col.DeclType, col.Affinity),
		p: &t.Columns[i], t: t, i: i, opt: opt,
	}
	rule, ruled := opt.Rules.Lookup(t.Schema.Name, col.Name)
	switch {
	case ruled && rule.kind() != sqltype.Unknown:
		d.byType(rule)
	case ruled && rule.Form == FormPlain:
		d.fallBack("values as they are, by --form")
		d.out.ByRule = true
	case ruled && rule.Form == FormEmptyNull:
		d.p = d.p.withoutEmpty()
		if !d.hint() {
			d.choose()
		}
		d.out.EmptyNull, d.out.ByRule = true, true
		d.because("empty text is NULL by --form")
	case d.hint():
	default:
		d.choose()
		d.hintEmpty()
		d.hintBroken()
		if rule.Form == FormComma {
			d.because("--form=comma is for arrays of tables that stand already")
		}
	}
	d.applyBadText()
	d.out.Evidence = d.evidence()
	return d.out
}

// applyBadText follows the policy for text that Postgres cannot hold.
func (d *decider) applyBadText() {
	if d.p.BadText == 0 || !d.out.Type.IsText() {
		return
	}
	switch d.opt.BadText {
	case BadTextBytea:
		d.set(sqltype.Bytea)
		d.out.Why = "text that Postgres cannot hold; bytea by --invalid-text"
	case BadTextReplace:
		d.out.Replace = true
	case BadTextKeep:
		d.out.Proven = false
	}
}

func (d *decider) set(k sqltype.Kind) { d.out.Type = sqltype.Type{Kind: k} }

// because adds a reason.
func (d *decider) because(why string) {
	if d.out.Why != "" && why != "" {
		why = d.out.Why + "; " + why
	}
	if why != "" {
		d.out.Why = why
	}
}

// choose takes the family's own type when all values keep its promise, and
// the narrowest that holds them otherwise.
func (d *decider) choose() {
	d.out.Proven = true
	why := ""
	if d.guardedJSON() {
		if d.tryJSON() {
			return
		}
		why = d.out.Why
	} else if d.p.Probes&ProbeInfer != 0 && d.decl.Family != FamilyUUID && d.inferUUID() {
		return
	}
	d.out = Decision{Proven: true}
	if !d.tryFamily() {
		d.fallBack(d.out.Why)
	}
	if why != "" {
		d.out.Why = why
	}
}

// tryFamily tries the type that the declaration promises.
func (d *decider) tryFamily() bool {
	switch d.decl.Family {
	case FamilyBool:
		return d.tryBool()
	case FamilyInt2, FamilyInt4, FamilyInt8:
		return d.tryInt(d.decl.Family)
	case FamilyFloat:
		return d.tryFloat()
	case FamilyDecimal:
		return d.tryDecimal()
	case FamilyText, FamilyChar:
		return d.tryText()
	case FamilyUUID:
		return d.tryUUID()
	case FamilyJSON:
		return d.tryJSON()
	case FamilyDate, FamilyTimestamp, FamilyTimestampTZ:
		return d.tryTimestamp()
	case FamilyTime:
		return d.tryTime()
	case FamilyBlob:
		return d.tryBlob()
	}
	return false
}

// fallBack forgets what was tried and takes the narrowest type that holds
// every value unchanged.
func (d *decider) fallBack(why string) {
	d.out = Decision{Why: why, Proven: true}
	p := d.p
	hasI, hasR, hasT, hasB := p.has(row.Integer), p.has(row.Real), p.has(row.Text), p.has(row.Blob)
	switch {
	case hasB && hasT && p.BadText == 0 && p.textBlobs():
		d.set(sqltype.Text)
	case hasB:
		d.set(sqltype.Bytea)
	case hasT:
		d.set(sqltype.Text)
	case hasR && (!hasI || p.IntInexact == 0 && (d.decl.Family == FamilyFloat || p.RealInf > 0)):
		d.set(sqltype.Float8)
	case hasR && p.RealInf > 0:
		d.set(sqltype.Text)
	case hasR:
		d.set(sqltype.Numeric)
	case hasI:
		d.set(sqltype.Int8)
	default:
		d.set(sqltype.Text)
	}
	if d.out.Why == "" {
		d.out.Why = d.mixed()
	}
}

// textBlobs tells whether every blob was looked at and is clean UTF-8.
func (c *Column) textBlobs() bool { return c.BlobText == c.Count[row.Blob] }

// withoutEmpty gives the profile as if each empty text were NULL.
func (c *Column) withoutEmpty() *Column {
	p := *c
	p.Count[row.Text] -= p.EmptyText
	p.Count[row.Null] += p.EmptyText
	p.EmptyText = 0
	return &p
}

// hintEmpty tells when only empty texts keep a column from its declared type.
func (d *decider) hintEmpty() {
	if d.p.EmptyText == 0 || !d.out.Type.IsText() && d.out.Type.Kind != sqltype.Bytea {
		return
	}
	alt := *d
	alt.p = d.p.withoutEmpty()
	if !alt.hint() {
		alt.choose()
	}
	if alt.out.Type.Kind != d.out.Type.Kind && !alt.out.Type.IsText() {
		d.because(count(d.p.EmptyText, "empty text") + " made it so; --form=" + d.t.Schema.Name + "." + d.col.Name +
			"=" + string(FormEmptyNull) + " makes NULL of them and " + alt.out.Type.SQL() + " of the column")
	}
}
