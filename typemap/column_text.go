package typemap

import (
	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/form"
)

// dayMicros is a day in microseconds.
const dayMicros = 24 * 60 * 60 * 1e6

func (c *Column) addText(b []byte, s *scratch) {
	if c.Probes == ProbeTimestamp && c.addDate(b) {
		return
	}
	n := int64(len(b))
	if n > c.MaxBytes {
		c.MaxBytes = n
	}
	if n == 0 {
		c.EmptyText++
	}
	plain := form.Plain(b)
	if !plain {
		if ok, _, nul := form.ValidText(b); !ok {
			c.addBadText(nul)
			return
		}
		c.WideText++
	}
	p := c.Probes
	if p&ProbeLength != 0 && n > c.MaxRunes {
		if !plain {
			n = int64(form.RuneCount(b))
		}
		c.MaxRunes = max(c.MaxRunes, n)
	}
	if p&(ProbeBool|ProbeUUID|ProbeJSON|ProbeTimestamp|ProbeTime|ProbeDecimal|ProbeInt) != 0 {
		c.tryForms(b, s)
	}
}

// addDate takes a date: nearly all texts of most DATE columns. What it does not
// take is for addText.
func (c *Column) addDate(b []byte) bool {
	days, ok := form.ParseDate(b)
	if !ok {
		return false
	}
	c.MaxBytes = max(c.MaxBytes, int64(len(b)))
	c.noteInstant(int64(days) * dayMicros)
	c.Naive++
	c.DateOnly++
	return true
}

// tryForms counts the forms that a valid text has.
func (c *Column) tryForms(b []byte, s *scratch) {
	p := c.Probes
	if p&ProbeBool != 0 {
		_, word := form.ParseBoolWord(b)
		c.BoolWords[word]++
		if word == form.NotBool {
			c.first(MissBool)
		}
	}
	if p&ProbeUUID != 0 {
		c.tryUUID(b)
	}
	if p&ProbeJSON != 0 {
		c.tryJSON(b, s)
	}
	if p&(ProbeTimestamp|ProbeTime) != 0 {
		c.tryTemporal(b)
	}
	if p&(ProbeDecimal|ProbeInt) != 0 {
		c.tryNumber(b)
	}
}

// addBadText counts text that Postgres cannot hold: several are kept as
// examples, because each is a cell that forces a choice.
func (c *Column) addBadText(nul bool) {
	c.BadText++
	if c.BadText > MaxExamples {
		return
	}
	if nul {
		c.fresh |= 1 << MissNUL
	} else {
		c.fresh |= 1 << MissUTF8
	}
}

func (c *Column) tryUUID(b []byte) {
	u, layout, _ := form.ParseUUID(b)
	c.UUIDs[layout]++
	switch {
	case layout == form.NotUUID:
		c.first(MissUUID)
	case layout != form.Hex32: // the dashes say it
	case blank(u):
		c.HexBlank++
	case form.UUIDVariant(u):
		c.HexReal++
	default:
		c.first(MissVariant)
	}
}

// blank tells the nil and the max UUID (RFC 9562, sections 5.9 and 5.10),
// which applications use for none and all.
func blank(u [16]byte) bool {
	return u == [16]byte{} || u == [16]byte{
		255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	}
}

func (c *Column) tryJSON(b []byte, s *scratch) {
	json, jsonb := convert.FitsJSON(s.json.ScanJSON(b), len(b))
	if !json {
		c.first(MissJSON)
		return
	}
	c.JSONText++
	if !jsonb {
		c.first(MissJSONB)
		return
	}
	c.JSONBText++
}

func (c *Column) tryTemporal(b []byte) {
	if c.Probes&ProbeTime != 0 {
		if _, cut, ok := form.ParseTime(b); ok {
			c.Times++
			c.noteCut(cut)
			return
		}
	}
	t, ok := form.ParseTimestamp(b)
	if !ok {
		c.first(MissTimestamp)
		c.first(MissTime)
		return
	}
	c.noteInstant(t.Micros)
	c.noteCut(t.Cut)
	if t.Zoned {
		c.Zoned++
		return
	}
	c.Naive++
	if c.Probes&ProbeTime != 0 {
		if _, _, ok := form.ParseTimeOnDay(b); ok {
			c.TimesOnDay++
		} else {
			c.first(MissTime)
		}
	}
	switch {
	case t.DateOnly:
		c.DateOnly++
	case t.Micros%dayMicros == 0 && !t.Cut:
		c.Midnight++
	default:
		c.first(MissDateOnly)
	}
}

// noteInstant takes the time of a text into the range, before it is counted.
func (c *Column) noteInstant(micros int64) {
	if c.Naive+c.Zoned == 0 {
		c.MinTime, c.MaxTime = micros, micros
	}
	c.MinTime, c.MaxTime = min(c.MinTime, micros), max(c.MaxTime, micros)
}

func (c *Column) noteCut(cut bool) {
	if cut {
		c.Cut++
		c.first(MissCut)
	}
}

func (c *Column) tryNumber(b []byte) {
	if _, ok := form.CanonicalInt(b); ok {
		c.Ints++
	} else {
		c.first(MissInt)
	}
	if c.Probes&ProbeDecimal == 0 {
		return
	}
	d, ok := form.ParseDecimal(b)
	if !ok || !convert.FitsNumeric(d) {
		c.first(MissDecimal)
		return
	}
	c.Decimals++
	c.noteDigits(d)
}

func (c *Column) addBlob(b []byte, s *scratch) {
	c.MaxBytes = max(c.MaxBytes, int64(len(b)))
	if c.Probes&ProbeUUID != 0 {
		c.tryBlobUUID(b)
	}
	if c.Probes&ProbeBlobText != 0 {
		if ok, _, _ := form.ValidText(b); ok {
			c.BlobText++
		} else {
			c.first(MissBytes)
		}
	}
	if c.Probes&ProbeJSON != 0 {
		c.tryBlobJSON(b, s)
	}
}

func (c *Column) tryBlobUUID(b []byte) {
	if len(b) != 16 {
		c.first(MissUUID)
		return
	}
	c.BlobUUID++
	u := [16]byte(b)
	if blank(u) {
		c.BlobBlank++
		return
	}
	if form.UUIDVariant(form.DotNetUUID(b)) {
		c.BlobDotNet++
	}
	if form.UUIDVariant(u) {
		c.BlobReal++
	} else {
		c.first(MissVariant)
	}
}

// tryBlobJSON counts a blob as JSON text, as SQLite's binary JSONB, or as
// both: the column's totals decide which of the two its blobs are. Only what
// jsonb holds counts.
func (c *Column) tryBlobJSON(b []byte, s *scratch) {
	_, text := convert.FitsJSON(s.json.ScanJSON(b), len(b))
	if text {
		c.BlobJSON++
	}
	var ok, binary bool
	if s.buf, ok = form.DecodeJSONB(s.buf[:0], b); ok {
		_, binary = convert.FitsJSON(s.json.ScanJSON(s.buf), len(s.buf))
	}
	if binary {
		c.BlobJSONB++
	}
	if !text && !binary {
		c.first(MissJSON)
	}
}
