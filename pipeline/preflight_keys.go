package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/litehaul/litehaul/internal/form"
	"github.com/litehaul/litehaul/internal/keyset"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// fieldHead is the length of a COPY field's own length.
const fieldHead = 4

// canonicalField makes the field that begins at start equal, byte by byte, to
// every field that Postgres' = takes for equal.
func canonicalField(buf []byte, start int, t sqltype.Type) []byte {
	value := buf[start+fieldHead:]
	switch t.Kind {
	case sqltype.Numeric:
		if len(value) >= 8 {
			value[6], value[7] = 0, 0 // dscale: 1.0 = 1
		}
	case sqltype.Float8:
		if len(value) == 8 && value[0] == 0x80 && bytes.Equal(value[1:], make([]byte, 7)) {
			value[0] = 0 // -0 = 0
		}
	case sqltype.JSONB:
		if len(value) > 0 {
			doc := bytes.Clone(value[1:])
			if out, err := form.AppendCanonicalJSON(buf[:start+fieldHead], doc); err == nil {
				return out
			}
		}
	}
	return buf
}

// uniqueSet is a set of columns that must be unique in the target.
type uniqueSet struct {
	name   string
	cols   []int
	folds  []bool // compared without case
	nulls  bool   // NULLs are equal too (NULLS NOT DISTINCT)
	where  string // the condition of a partial index, in SQLite's words
	record func(verdict)
}

// uniqueSets lists the keys and unique indexes over columns whose uniqueness SQLite
// does not already guarantee under Postgres' equality. blind tells that NOCASE
// columns become citext.
func (t *table) uniqueSets(blind bool) []uniqueSet {
	if t.home != nil {
		return t.homeUniques()
	}
	var out []uniqueSet
	put := func(name, where string, parts []schema.KeyPart, record func(verdict)) {
		s := uniqueSet{name: name, where: where, record: record}
		safe := true
		for _, p := range parts {
			if t.lacks(p.Column) {
				return // the key is not made
			}
			fold := (p.Collation == "NOCASE" || blind && t.nocase[p.Column]) && t.decisions[p.Column].Type.IsText()
			s.cols, s.folds = append(s.cols, p.Column), append(s.folds, fold)
			safe = safe && !fold && t.distinct(p.Column)
		}
		if !safe {
			out = append(out, s)
		}
	}
	if pk := t.src.PrimaryKey; pk != nil {
		put("primary key of "+t.src.Name, "", pk.Parts, func(v verdict) { t.keyVerdict[pk] = v; t.badKey = true })
	}
	for _, u := range t.src.Uniques {
		put("unique key of "+t.src.Name, "", u.Parts, func(v verdict) { t.keyVerdict[u] = v })
	}
	for _, x := range t.src.Indexes {
		if parts := columnParts(x); parts != nil && x.Unique {
			put("unique index "+x.Name, x.WhereSQL, parts, func(v verdict) { t.indexVerdict[x] = v })
		}
	}
	return out
}

// plainParts gives the columns of an index without expressions and conditions.
func plainParts(x *schema.Index) ([]schema.KeyPart, bool) {
	parts := columnParts(x)
	return parts, parts != nil && x.WhereSQL == ""
}

// columnParts gives the columns of an index, nil where it has expressions.
func columnParts(x *schema.Index) []schema.KeyPart {
	var out []schema.KeyPart
	for _, p := range x.Parts {
		if p.Column < 0 {
			return nil
		}
		out = append(out, schema.KeyPart{Column: p.Column, Collation: p.Collation})
	}
	return out
}

// distinct tells whether different values of a column stay different in its
// Postgres type.
func (t *table) distinct(col int) bool {
	p, d := &t.profile.Columns[col], &t.decisions[col]
	if t.masks.has(col) || d.EmptyNull || d.Replace || t.doubtful {
		return false
	}
	only := func(k row.Class) bool { return p.Values() == p.Count[k] }
	switch d.Type.Kind {
	case sqltype.Int2, sqltype.Int4, sqltype.Int8, sqltype.Numeric, sqltype.Float8:
		return p.Count[row.Text] == 0
	case sqltype.Text, sqltype.Varchar:
		return only(row.Text)
	case sqltype.Bytea:
		return only(row.Blob) || only(row.Text)
	}
	return p.Values() == 0
}

// checkKeys finds rows that Postgres would take for duplicates of a key.
func (r *run) checkKeys(ctx context.Context, t *table) error {
	if t.virtual {
		return nil
	}
	for _, s := range t.uniqueSets(r.citextSchema() != "") {
		n, list, err := r.duplicates(ctx, t, s)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		s.record(verdict{
			relaxed:    fmt.Sprintf("%d rows repeat a key; an index that is not unique (--bad-keys=relax)", n),
			duplicates: true,
		})
		var names []string
		for _, c := range s.cols {
			names = append(names, t.src.Columns[c].Name)
		}
		r.badKey(t, strings.Join(names, ", "), n,
			s.name+": "+several(n, "row repeats", "rows repeat")+" a key under Postgres' rules", list)
	}
	return nil
}

// duplicates counts the rows whose key has come before, in as many passes as
// memory asks for, and shows the first of them.
func (r *run) duplicates(ctx context.Context, t *table, s uniqueSet) (n int64, list []Cell, err error) {
	suspects := map[uint64]bool{}
	passes := keyset.Passes(t.profile.Rows)
	for pass := range passes {
		set := keyset.NewHashSet(int(t.profile.Rows) / passes)
		err := r.eachKey(ctx, t, s, func(key []byte, _ int64, _ []row.Value) {
			if h := hash(key); keyset.InPass(h, pass, passes) && set.Add(h) && len(suspects) < maxSuspectKeys {
				suspects[h] = true
			}
		})
		if err != nil {
			return 0, nil, err
		}
	}
	if len(suspects) == 0 {
		return 0, nil, nil
	}
	seen := map[string]bool{}
	err = r.eachKey(ctx, t, s, func(key []byte, rowid int64, vals []row.Value) {
		if !suspects[hash(key)] {
			return
		}
		if !seen[string(key)] {
			seen[string(key)] = true
			return
		}
		n++
		if len(list) < typemap.MaxExamples {
			list = append(list, Cell{Key: typemap.Key(t.src, rowid, vals), Value: showKey(s.cols, vals)})
		}
	})
	return n, list, err
}

// maxSuspectKeys bounds the repeated keys that are looked at by their bytes.
const maxSuspectKeys = 100_000

// eachKey calls f with the canonical bytes of each key without NULL, or of each
// key where NULLs count.
func (r *run) eachKey(ctx context.Context, t *table, s uniqueSet, f func(key []byte, rowid int64, vals []row.Value)) error {
	enc := newKeyEncoder(t, s.cols)
	enc.nulls = s.nulls
	fold := slices.Contains(s.folds, true)
	units := t.units
	if s.where != "" && !t.salvage && !t.masks.inCondition(s.where) {
		units = []*unit{{Unit: sqlite.TableUnit(t.src)}}
		units[0].Where = s.where
	}
	for _, u := range units {
		err := r.scanUnit(ctx, t, u, func(rowid int64, vals []row.Value) error {
			key, err := enc.encode(vals)
			switch {
			case errors.Is(err, errNullKey), errors.Is(err, errNoKey):
				return nil
			case err != nil:
				return err
			}
			if fold {
				key = foldKey(key, s, vals, enc)
			}
			f(key, rowid, vals)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// foldKey encodes a key again with its case-blind parts in lower case.
func foldKey(key []byte, s uniqueSet, vals []row.Value, enc *keyEncoder) []byte {
	folded := make([]row.Value, len(vals))
	copy(folded, vals)
	for i, c := range s.cols {
		if s.folds[i] && vals[c].Class == row.Text {
			folded[c].SetText(bytes.ToLower(vals[c].Bytes))
		}
	}
	if out, err := enc.encode(folded); err == nil {
		return out
	}
	return key
}

func showKey(cols []int, vals []row.Value) string {
	parts := make([]string, len(cols))
	for i, c := range cols {
		parts[i] = typemap.Show(&vals[c])
	}
	return strings.Join(parts, ", ")
}
