package pipeline

import (
	"errors"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/schema"
	"github.com/litehaul/litehaul/internal/translate"
)

// maxIndexColumns is INDEX_MAX_KEYS of a stock Postgres.
const maxIndexColumns = 32

// planKeys plans the primary key and the UNIQUE constraints of a table.
func (r *run) planKeys(p *plan, t *table) {
	if t.virtual {
		return
	}
	if pk := t.src.PrimaryKey; pk != nil {
		r.planKey(p, t, pk, true)
	}
	for _, u := range t.src.Uniques {
		r.planKey(p, t, u, false)
	}
}

// planKey plans one key: a unique index that a constraint adopts. Where a part
// is NOCASE and not citext, a unique index over lower() keeps the promise.
func (r *run) planKey(p *plan, t *table, k *schema.Key, primary bool) {
	kind, suffix := "unique", "_key"
	if primary {
		kind, suffix = "primary key", "_pkey"
	}
	name := k.Name
	if name == "" && primary {
		name = t.name + suffix
	} else if name == "" {
		name = t.name + "_" + keyColumns(t, k, "_") + suffix
	}
	obj := Object{Kind: kind, Table: t.src.Name, Name: name, Status: "carried"}
	if err := keyable(t, k); err != nil {
		r.leaveOut(obj, err)
		return
	}
	plain := postgres.Index{Schema: p.schema, Table: t.name, Unique: true}
	folded := plain
	lower := false
	for _, part := range k.Parts {
		c := &t.columns[part.Column]
		sql := postgres.Quote(c.name)
		plain.Parts = append(plain.Parts, postgres.IndexPart{SQL: sql})
		if part.Collation == "NOCASE" && c.decision.Type.IsText() && c.decision.Type.Kind != citextKind {
			sql = "lower(" + sql + ")"
			lower = true
		}
		folded.Parts = append(folded.Parts, postgres.IndexPart{SQL: sql})
	}
	verdict := t.keyVerdict[k]
	if verdict.relaxed != "" {
		obj.Status, obj.Why = "changed", verdict.relaxed
		primary = false
		if verdict.duplicates {
			plain.Unique, folded.Unique = false, false
		}
	}
	adopt := verdict.relaxed == ""
	if lower {
		folded.Name, _ = p.names.take(name + "_lower")
		fo := obj
		fo.Name, fo.Status, fo.Why = folded.Name, "changed", "COLLATE NOCASE: a unique index over lower()"
		p.keys = append(p.keys, &indexPlan{t: t, index: folded, obj: fo})
		r.object(fo)
		if !primary && !p.referenced(r, t, k) {
			return
		}
	}
	var why string
	plain.Name, why = p.names.take(name)
	if k.Name != "" {
		r.rename(kind, k.Name, plain.Name, why)
	}
	obj.Name = plain.Name
	p.keys = append(p.keys, &indexPlan{t: t, index: plain, primary: primary, adopt: adopt, obj: obj})
	r.object(obj)
}

// keyable tells why a key cannot be an index in Postgres at all.
func keyable(t *table, k *schema.Key) error {
	if len(k.Parts) > maxIndexColumns {
		return fmt.Errorf("%d columns, and Postgres indexes have at most %d", len(k.Parts), maxIndexColumns)
	}
	for _, part := range k.Parts {
		if t.lacks(part.Column) {
			return errDropped
		}
		if t.columns[part.Column].decision.Type.Kind == sqltype.JSON {
			return fmt.Errorf("column %s is json, which has no order", t.columns[part.Column].name)
		}
	}
	return nil
}

// referenced tells whether a foreign key of the run points at exactly the
// columns of a key.
func (p *plan) referenced(r *run, t *table, k *schema.Key) bool {
	for _, child := range r.tables {
		for _, fk := range child.src.ForeignKeys {
			parent, cols := resolveParent(r.schema, fk)
			if parent == t.src && sameSet(cols, keyIndexes(k)) {
				return true
			}
		}
	}
	return false
}

func keyIndexes(k *schema.Key) []int {
	out := make([]int, len(k.Parts))
	for i, p := range k.Parts {
		out[i] = p.Column
	}
	return out
}

func sameSet(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	seen := map[int]bool{}
	for _, x := range a {
		seen[x] = true
	}
	for _, x := range b {
		if !seen[x] {
			return false
		}
	}
	return true
}

func keyColumns(t *table, k *schema.Key, sep string) string {
	parts := make([]string, len(k.Parts))
	for i, p := range k.Parts {
		parts[i] = t.columns[p.Column].name
	}
	return strings.Join(parts, sep)
}

// planIndexes plans the CREATE INDEX statements of a table.
func (r *run) planIndexes(p *plan, t *table) {
	if t.virtual {
		return
	}
	for _, x := range t.src.Indexes {
		obj := Object{Kind: "index", Table: t.src.Name, Name: x.Name, Status: "carried", Source: x.SQL}
		ix, err := p.index(t, x)
		if err != nil {
			r.leaveOut(obj, err)
			continue
		}
		var why string
		ix.Name, why = p.names.take(x.Name)
		r.rename("index", x.Name, ix.Name, why)
		if t.indexVerdict[x].duplicates {
			ix.Unique = false
			obj.Status, obj.Why = "changed", t.indexVerdict[x].relaxed
		}
		obj.Target = ix.Create()
		if obj.Status == "carried" {
			obj.Source = ""
		}
		p.keys = append(p.keys, &indexPlan{t: t, index: ix, obj: obj})
		r.object(obj)
	}
}

// index rebuilds one CREATE INDEX.
func (p *plan) index(t *table, x *schema.Index) (postgres.Index, error) {
	ix := postgres.Index{Schema: p.schema, Table: t.name, Unique: x.Unique}
	if len(x.Parts) > maxIndexColumns {
		return ix, fmt.Errorf("%d columns, and Postgres indexes have at most %d", len(x.Parts), maxIndexColumns)
	}
	rel := p.relations[t]
	where := translate.Index
	if x.Unique {
		where = translate.UniqueIndex
	}
	for _, part := range x.Parts {
		sql, err := indexPart(t, rel, part, where)
		if err != nil {
			return ix, err
		}
		ix.Parts = append(ix.Parts, postgres.IndexPart{SQL: sql, Desc: part.Desc})
	}
	if x.WhereSQL == "" {
		return ix, nil
	}
	if x.Where == nil {
		return ix, errors.New("its WHERE could not be parsed")
	}
	res, err := translate.Expr(x.Where, rel, translate.Want{Context: translate.Predicate})
	if err != nil {
		return ix, err
	}
	ix.Where = res.SQL
	return ix, nil
}

func indexPart(t *table, rel *translate.Relation, part schema.IndexPart, where translate.Context) (string, error) {
	if part.Column < 0 {
		if part.X == nil {
			return "", errors.New("its expression could not be parsed")
		}
		res, err := translate.Expr(part.X, rel, translate.Want{Context: where})
		if err == nil && part.Collation == "NOCASE" && res.Type.IsText() {
			return "(lower" + res.SQL + ")", nil
		}
		return res.SQL, err
	}
	c := &t.columns[part.Column]
	switch {
	case c.skip:
		return "", errDropped
	case c.decision.Type.Kind == sqltype.JSON:
		return "", fmt.Errorf("column %s is json, which has no order", c.name)
	case part.Collation == "NOCASE" && c.decision.Type.IsText() && c.decision.Type.Kind != citextKind:
		return "lower(" + postgres.Quote(c.name) + ")", nil
	}
	return postgres.Quote(c.name), nil
}
