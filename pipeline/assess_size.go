package pipeline

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/catalog"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/typemap"
)

// How Postgres lays out what it stores ("Database Page Layout", and the source
// of its B-trees), and what was measured of it: docs/ASSESS.md, "How sizes are
// estimated".
const (
	blockBytes    = 8192
	blockRoom     = blockBytes - 24 // without the page header
	rowHead       = 4 + 24          // line pointer and aligned tuple header
	rowMost       = 2000            // longer ones are compressed and moved out
	chunkBytes    = 1996            // of a value that was moved out
	chunkHead     = 36              // around each chunk, its index entry not counted
	pointerBytes  = 18              // to a value that was moved out
	entryHead     = 4 + 8           // line pointer and head of an index entry
	indexFill     = 0.9             // B-tree leaves are filled to 90 %
	indexLeast    = 2 * blockBytes  // meta page and root
	forkBytes     = blockBytes      // a visibility map; there is no free space to map
	duplicateGain = 0.55            // of a plain index: entries of one key share it
	textLeft      = 0.6             // of long text when it is compressed, on the whole
	unknownKey    = 8               // bytes of an expression's value
	valueMost     = 1 << 40         // bounds of arithmetic; no value is larger
)

// sizer estimates what a table takes in the target.
type sizer struct {
	rows    int64
	width   float64 // of a row's data
	long    float64 // bytes of a row's long texts and blobs, of those
	left    float64 // of these, when compressed
	toast   bool    // some column may be moved out
	indexes []indexSize
}

type indexSize struct {
	key    float64 // bytes of an entry's key
	unique bool
}

// sizer looks at a table's columns and the indexes that it would have. The plan
// may be nil, of a run that was refused before it had one.
func (t *table) sizer(p *plan) sizer {
	s := sizer{rows: t.profile.Rows}
	widths := map[string]float64{}
	for i := range t.columns {
		c := &t.columns[i]
		if c.skip {
			continue
		}
		w := columnWidth(c.decision.Type, &t.profile.Columns[i], s.rows)
		widths[postgres.Quote(c.name)] = w
		s.width += w
		if variable(c.decision.Type) {
			s.toast = true
			if w > rowMost/4 {
				s.long += w
				s.left += w * leftOf(&t.profile.Columns[i])
			}
		}
	}
	switch {
	case t.home != nil:
		for _, x := range t.home.Indexes {
			s.indexes = append(s.indexes, homeIndexSize(x, widths))
		}
	case p != nil:
		for _, k := range p.keys {
			if k.t == t {
				s.indexes = append(s.indexes, k.size(widths))
			}
		}
	}
	return s
}

func homeIndexSize(x *catalog.Index, widths map[string]float64) indexSize {
	out := indexSize{unique: x.Unique}
	for _, k := range x.Keys {
		if w, ok := widths[postgres.Quote(k.Column)]; ok {
			out.key += w
		} else {
			out.key += unknownKey
		}
	}
	return out
}

// size gives the size of an index that the run would make.
func (k *indexPlan) size(widths map[string]float64) indexSize {
	out := indexSize{unique: k.index.Unique}
	for _, part := range k.index.Parts {
		name := strings.TrimSuffix(strings.TrimPrefix(part.SQL, "lower("), ")")
		if w, ok := widths[name]; ok {
			out.key += w
		} else {
			out.key += unknownKey
		}
	}
	return out
}

// total is the size of the table with its indexes.
func (s *sizer) total() int64 {
	out := s.heap()
	for _, x := range s.indexes {
		out += x.bytes(s.rows)
	}
	if s.toast {
		out += blockBytes // an empty index of what is moved out
	}
	return int64(min(out, valueMost))
}

// leftOf guesses how far a column's long values are compressed: text well, blobs,
// which mostly are images and archives, not.
func leftOf(p *typemap.Column) float64 {
	if p.Count[row.Blob] > p.Count[row.Text] {
		return 1
	}
	return textLeft
}

func (s *sizer) heap() float64 {
	if s.rows == 0 {
		return 0
	}
	width, out := s.width, 0.0
	if rowHead+width > rowMost && s.long > 0 {
		width -= s.long
		if rowHead+width+s.left > rowMost {
			out = float64(s.rows) * s.left * (1 + float64(chunkHead)/chunkBytes)
			width += pointerBytes
		} else {
			width += s.left
		}
	}
	row := rowHead + float64(int64(width+7)/8*8)
	perBlock := max(1, int64(blockRoom/row))
	return float64((s.rows+perBlock-1)/perBlock*blockBytes) + forkBytes + out
}

func (x indexSize) bytes(rows int64) float64 {
	if rows == 0 {
		return blockBytes
	}
	out := float64(rows) * (entryHead + float64(int64(x.key+7)/8*8)) / indexFill
	if !x.unique {
		out *= duplicateGain
	}
	return max(indexLeast, out)
}

// variable tells whether a value of the type may be moved out of its row.
func variable(t sqltype.Type) bool {
	switch t.Kind {
	case sqltype.Text, sqltype.Varchar, sqltype.Bpchar, sqltype.Citext, sqltype.Bytea, sqltype.JSON,
		sqltype.JSONB, sqltype.Numeric, sqltype.Array, sqltype.Unknown:
		return true
	}
	return false
}

var fixedWidth = map[sqltype.Kind]float64{
	sqltype.Bool: 1, sqltype.Int2: 2, sqltype.Int4: 4, sqltype.Int8: 8, sqltype.Float4: 4, sqltype.Float8: 8,
	sqltype.Date: 4, sqltype.Time: 8, sqltype.TimeTZ: 12, sqltype.Timestamp: 8, sqltype.TimestampTZ: 8,
	sqltype.Interval: 16, sqltype.UUID: 16, sqltype.Enum: 4, sqltype.Inet: 11, sqltype.CIDR: 11, sqltype.MacAddr: 6,
}

// columnWidth gives the bytes that a column takes in a row on average, NULLs
// taking none.
func columnWidth(t sqltype.Type, p *typemap.Column, rows int64) float64 {
	values := p.Values()
	if rows == 0 || values == 0 {
		return 0
	}
	share := float64(values) / float64(rows)
	if w, ok := fixedWidth[t.Kind]; ok {
		return w * share
	}
	if t.Kind == sqltype.Numeric {
		const digits = 4 // of a numeric's own digit, which takes two bytes
		groups := (p.IntDigits+digits-1)/digits + (p.FracDigits+digits-1)/digits
		return float64(3+2*min(max(groups, 1), 8)) * share
	}
	w := float64(p.Bytes)/float64(values) + 1
	if others := p.Count[row.Integer] + p.Count[row.Real]; others > 0 { // numbers that become text
		w += 8 * float64(others) / float64(values)
	}
	if w > 127 { // a longer header
		w += 3
	}
	return w * share
}
