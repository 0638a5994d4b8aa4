package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/litehaul/litehaul/internal/keyset"
	"github.com/litehaul/litehaul/internal/sqlite/row"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/typemap"
)

// reference is a foreign key whose both sides are part of the run.
type reference struct {
	child, parent *table
	fk            *schema.ForeignKey
	cols          []int // of the parent
	full          bool  // MATCH FULL: a key is NULL in all columns or in none
}

// references lists the foreign keys that can be made.
func (r *run) references() []reference {
	bySrc := map[*schema.Table]*table{}
	for _, t := range r.tables {
		bySrc[t.src] = t
	}
	var out []reference
	if r.into != nil {
		out = r.homeReferences()
	}
	for _, t := range r.tables {
		for _, fk := range t.src.ForeignKeys {
			src, cols := resolveParent(r.schema, fk)
			parent := bySrc[src]
			if src == nil || parent == nil || len(cols) != len(fk.Columns) || t.home != nil && parent.home != nil {
				continue // between tables that stand, theirs count
			}
			makeable := parent.hasKey(cols) && !t.lacks(fk.Columns...) && !parent.lacks(cols...)
			for i, c := range fk.Columns {
				makeable = makeable && tieable(t.decisions[c].Type, parent.decisions[cols[i]].Type)
			}
			if makeable {
				out = append(out, reference{child: t, parent: parent, fk: fk, cols: cols})
			}
		}
	}
	return out
}

// hasKey tells whether the columns are a key of the table that a foreign key
// can reference in Postgres: the primary key or something unique without
// conditions.
func (t *table) hasKey(cols []int) bool {
	if t.home != nil {
		return t.homeKey(cols)
	}
	if pk := t.src.PrimaryKey; pk != nil && sameSet(cols, keyIndexes(pk)) {
		return true
	}
	for _, u := range t.src.Uniques {
		if sameSet(cols, keyIndexes(u)) && !t.keyVerdict[u].duplicates {
			return true
		}
	}
	for _, x := range t.src.Indexes {
		parts, plain := plainParts(x)
		if x.Unique && plain && !t.indexVerdict[x].duplicates && sameSet(cols, keyIndexes(&schema.Key{Parts: parts})) {
			return true
		}
	}
	return false
}

// checkOrphans finds rows whose parent does not exist: SQLite keeps foreign
// keys only where each connection asks for it.
func (r *run) checkOrphans(ctx context.Context) error {
	for _, ref := range r.references() {
		n, list, err := r.orphans(ctx, ref)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		ref.child.fkVerdict[ref.fk] = fkVerdict{orphans: n, skip: r.cfg.Orphans == OrphansSkipFK}
		h := Hazard{
			Code: "orphans", Table: ref.child.src.Name, Column: ref.child.columnList(ref.fk.Columns), Count: n,
			Message: fmt.Sprintf("%s no parent in %s", several(n, "row of "+ref.child.src.Name+" has", "rows of "+ref.child.src.Name+" have"), ref.parent.src.Name),
			Hint:    "--orphans=not-valid keeps the rows and makes the foreign key NOT VALID, =skip-fk leaves the key out; rows are never deleted",
			Cells:   list,
		}
		if ref.full {
			h.Message += ", or a key that is NULL in part (MATCH FULL)"
		}
		switch {
		case ref.child.home != nil && ref.parent.home != nil:
			h.Hint = "mend the rows, or drop the foreign key of the target first"
		case r.cfg.Orphans == OrphansFail && ref.foldedBySource() && r.citextSchema() == "":
			h.Hint = "SQLite finds the parents without case (COLLATE NOCASE), and text in Postgres does not: --nocase=citext where the target has that, or " + h.Hint
		case r.cfg.Orphans != OrphansFail:
			h.Settled = "--orphans=" + string(r.cfg.Orphans)
		}
		r.hazard(h)
	}
	return nil
}

// foldedBySource tells whether SQLite looks for the parents without case.
func (ref *reference) foldedBySource() bool {
	return slices.ContainsFunc(ref.cols, func(c int) bool { return ref.parent.src.Columns[c].Collation == "NOCASE" })
}

// foldsReferences tells whether Postgres looks for the parents of references to a
// column without case.
func (r *run) foldsReferences(parent *table, col int) bool {
	if parent.home == nil {
		return parent.nocase[col] && r.citextSchema() != ""
	}
	home := parent.columns[col].home
	return home != nil && home.CaseBlind()
}

func (t *table) columnList(cols []int) string {
	s := ""
	for i, c := range cols {
		if i > 0 {
			s += ", "
		}
		s += t.src.Columns[c].Name
	}
	return s
}

// orphans counts the rows of a reference's child that have no parent, and
// shows the first of them.
func (r *run) orphans(ctx context.Context, ref reference) (n int64, list []Cell, err error) {
	hit := func(rowid int64, vals []row.Value) {
		n++
		if len(list) < typemap.MaxExamples {
			list = append(list, Cell{Key: typemap.Key(ref.child.src, rowid, vals), Value: showKey(ref.fk.Columns, vals)})
		}
	}
	if ref.full && len(ref.cols) > 1 && ref.child.holdsNull(ref.fk.Columns) {
		if err := r.halfKeys(ctx, ref, hit); err != nil {
			return 0, nil, err
		}
	}
	if c, p := ref.child.tracked(ref.fk.Columns), ref.parent.tracked(ref.cols); c != nil && p != nil && c.within(p) {
		return n, list, nil
	}
	err = r.hashedOrphans(ctx, ref, hit)
	return n, list, err
}

// halfKeys finds the keys of which some columns are NULL and others are not,
// which MATCH FULL refuses whatever the parents are.
func (r *run) halfKeys(ctx context.Context, ref reference, hit func(rowid int64, vals []row.Value)) error {
	enc := newKeyEncoder(ref.child, ref.fk.Columns)
	for _, u := range ref.child.units {
		err := r.scanUnit(ctx, ref.child, u, func(rowid int64, vals []row.Value) error {
			if _, err := enc.encode(vals); errors.Is(err, errNullKey) && !enc.empty(vals) {
				hit(rowid, vals)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// empty tells whether all columns of a key are NULL, or become it.
func (e *keyEncoder) empty(vals []row.Value) bool {
	for i, c := range e.cols {
		if vals[c].Class != row.Null && (!e.cells[i].EmptyNull || vals[c].Class != row.Text || len(vals[c].Bytes) > 0) {
			return false
		}
	}
	return true
}

// hashedOrphans checks keys of any type by their hashes. A key whose hash is
// not there has no parent; one key in 2^64 that only seems to have one is
// caught by Postgres when the foreign key is validated.
func (r *run) hashedOrphans(ctx context.Context, ref reference, hit func(rowid int64, vals []row.Value)) error {
	parent := uniqueSet{cols: ref.cols, folds: make([]bool, len(ref.cols))}
	child := uniqueSet{cols: ref.fk.Columns, folds: make([]bool, len(ref.cols))}
	for i, c := range ref.cols {
		fold := r.foldsReferences(ref.parent, c)
		parent.folds[i], child.folds[i] = fold, fold
	}
	passes := max(1, keyset.Passes(ref.parent.profile.Rows))
	for pass := range passes {
		set := keyset.NewHashSet(int(ref.parent.profile.Rows) / passes)
		err := r.eachKey(ctx, ref.parent, parent, func(key []byte, _ int64, _ []row.Value) {
			if h := hash(key); keyset.InPass(h, pass, passes) {
				set.Add(h)
			}
		})
		if err != nil {
			return err
		}
		err = r.eachKey(ctx, ref.child, child, func(key []byte, rowid int64, vals []row.Value) {
			if h := hash(key); keyset.InPass(h, pass, passes) && !set.Has(h) {
				hit(rowid, vals)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}
