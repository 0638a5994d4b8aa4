package typemap

import (
	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/sqlite/row"
)

// Share is how many values of one storage class of a column have a form. A
// value may have several forms, or none that was looked for.
type Share struct {
	Class row.Class
	Form  string // "UUID with dashes", "naive datetimes", ...
	N     int64
}

// Shares lists the forms that occur among a column's values, class by class.
func (c *Column) Shares() []Share {
	var out []Share
	put := func(k row.Class, list []share) {
		for _, x := range list {
			if x.n > 0 {
				out = append(out, Share{Class: k, Form: x.name, N: x.n})
			}
		}
	}
	put(row.Integer, []share{{n: c.Int01, name: "0 or 1"}})
	put(row.Text, c.textShares())
	put(row.Blob, c.blobShares())
	return out
}

// share is how many values of a class have a form: its name for several, and
// for one where that differs.
type share struct {
	n         int64
	name, one string
}

func (c *Column) textShares() []share {
	list := []share{{n: c.EmptyText, name: "empty"}, {n: c.BadText, name: "not UTF-8 or with NUL"}}
	for w := form.NotBool + 1; w < form.BoolWordN; w++ {
		list = append(list, share{n: c.BoolWords[w], name: w.String()})
	}
	list = append(list,
		share{n: c.UUIDs[form.Dashed36], name: "UUID with dashes"}, share{n: c.UUIDs[form.Hex32], name: "UUID of 32 digits"},
		share{n: c.UUIDs[form.Braced38], name: "UUID in braces"}, share{n: c.UUIDs[form.URN45], name: "UUID as URN"},
		share{n: c.JSONText, name: "JSON"}, share{n: c.Times, name: "times of day", one: "time of day"},
		share{n: c.DateOnly, name: "dates", one: "date"},
		share{n: c.Naive - c.DateOnly, name: "naive datetimes", one: "naive datetime"},
		share{n: c.Zoned, name: "datetimes with a zone", one: "datetime with a zone"},
		share{n: c.Cut, name: "finer than microseconds"})
	if c.Probes&ProbeDecimal != 0 {
		return append(list, share{n: c.Decimals, name: "decimals", one: "decimal"})
	}
	return append(list, share{n: c.Ints, name: "integers", one: "integer"})
}

func (c *Column) blobShares() []share {
	list := []share{{n: c.BlobJSON, name: "JSON text"}, {n: c.BlobJSONB, name: "SQLite's JSONB"}}
	if c.Probes&ProbeUUID != 0 {
		list = append(list, share{n: c.BlobUUID, name: "of 16 bytes"}, share{n: c.BlobReal, name: "with the bits of a UUID"},
			share{n: c.BlobDotNet, name: "with those of a .NET GUID"})
	}
	if c.Probes&ProbeJSON == 0 {
		list = append(list, share{n: c.BlobText, name: "plain text"})
	}
	return list
}
