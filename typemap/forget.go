package typemap

import "github.com/litehaul/litehaul/internal/form"

// Forget ends the trial of candidate forms that turned out to be of no use, and
// clears what was counted of them: later values cost nothing, and a part of a
// count says nothing. Parts of a column that forgot merge into one that has.
func (c *Column) Forget(p Probe) {
	p &= c.Probes | c.forgot
	c.Probes &^= p
	c.forgot |= p
	if p&ProbeBool != 0 {
		c.BoolWords = [form.BoolWordN]int64{}
	}
	if p&ProbeUUID != 0 {
		c.UUIDs = [form.UUIDFormN]int64{}
		c.HexReal, c.HexBlank = 0, 0
		c.BlobUUID, c.BlobReal, c.BlobDotNet, c.BlobBlank = 0, 0, 0, 0
	}
	if p&ProbeJSON != 0 {
		c.JSONText, c.JSONBText, c.BlobJSON, c.BlobJSONB = 0, 0, 0, 0
	}
	if p&ProbeTimestamp != 0 && c.Probes&ProbeTime == 0 {
		c.Times, c.TimesOnDay, c.Naive, c.Zoned = 0, 0, 0, 0
		c.DateOnly, c.Midnight, c.Cut, c.MinTime, c.MaxTime = 0, 0, 0, 0, 0
		c.IntFar, c.IntDates = 0, 0
		c.IntBands, c.RealBands = [form.UnitN]int64{}, [form.UnitN]int64{}
	}
	if p&ProbeDecimal != 0 {
		c.Decimals, c.IntDigits, c.FracDigits = 0, 0, 0
	}
	if p&(ProbeDecimal|ProbeInt) != 0 && c.Probes&(ProbeDecimal|ProbeInt) == 0 {
		c.Ints = 0
	}
}
