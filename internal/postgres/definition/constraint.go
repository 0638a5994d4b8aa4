package definition

import (
	"context"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
)

// constraintKinds are the kinds by pg_constraint.contype.
var constraintKinds = map[string]struct {
	kind string
	rank rank
	must bool
}{
	"p": {"primary key", rankKey, true},
	"u": {"unique", rankKey, true},
	"x": {"exclusion constraint", rankKey, true},
	"c": {"check", rankCheck, true},
	"n": {"not null", rankCheck, true},
	"f": {"foreign key", rankForeignKey, false},
}

// constraints are added when the rows are in. A NOT NULL is a part of its column,
// but for one that does not hold for all rows.
func (r *reader) constraints(ctx context.Context) error {
	var oid, table, index uint32
	var name, kind, def string
	var valid bool
	return r.query(ctx, `SELECT k.oid, k.conrelid, k.conindid, k.conname::text, k.contype::text, pg_get_constraintdef(k.oid), k.convalidated
FROM pg_constraint k WHERE k.conrelid <> 0 AND k.contype IN ('p', 'u', 'x', 'c', 'n', 'f')`,
		[]any{&oid, &table, &index, &name, &kind, &def, &valid}, func() {
			t := r.at[address{classRelation, table}]
			if t == nil || t.rank != rankTable {
				return
			}
			if kind == "n" && valid {
				r.alias(classConstraint, oid, t)
				return
			}
			k := constraintKinds[kind]
			o := r.add(&object{
				kind: k.kind, schema: t.schema, name: name, rank: k.rank, must: k.must, table: t.self, self: address{classConstraint, oid},
				ident: "CONSTRAINT " + postgres.Quote(name) + " ON " + t.qualified(),
				sql:   []string{"ALTER TABLE ONLY " + t.qualified() + " ADD CONSTRAINT " + postgres.Quote(name) + " " + def},
			})
			if kind != "f" && kind != "c" && kind != "n" {
				r.alias(classRelation, index, o)
			}
			o.major = majorOf(def)
		})
}

// majorOf is the oldest server that knows a constraint's or an index's definition.
func majorOf(def string) int {
	for _, x := range []struct {
		words string
		major int
	}{
		{" NOT ENFORCED", 18}, {" WITHOUT OVERLAPS", 18}, {", PERIOD ", 18}, {" NULLS NOT DISTINCT", 15},
	} {
		if strings.Contains(def, x.words) {
			return x.major
		}
	}
	return 0
}

// indexes reads those that no constraint has made, and the marks on all of them.
func (r *reader) indexes(ctx context.Context) error {
	var oid, table uint32
	var name, def string
	var valid, clustered, replica bool
	var targets []int
	return r.query(ctx, `SELECT i.indexrelid, i.indrelid, c.relname::text, pg_get_indexdef(i.indexrelid), i.indisvalid AND i.indisready,
	i.indisclustered, i.indisreplident,
	array(SELECT coalesce(a.attstattarget, -1)::int FROM pg_attribute a WHERE a.attrelid = i.indexrelid ORDER BY a.attnum)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid`, []any{&oid, &table, &name, &def, &valid, &clustered, &replica, &targets}, func() {
		t := r.at[address{classRelation, table}]
		if t == nil || t.rank != rankTable && t.rank != rankView {
			return
		}
		o := r.at[address{classRelation, oid}]
		if o == nil {
			o = &object{kind: "index", schema: t.schema, name: name, rank: rankIndex, table: t.self, self: address{classRelation, oid}, sql: []string{def}}
			o.ident = "INDEX " + o.qualified()
			if t.rank == rankView {
				o.rank = rankViewIndex
			}
			if !valid {
				o.unable = "it is not valid: it was never finished"
			}
			o.major = majorOf(def)
			r.add(o)
		}
		for i, n := range targets {
			if n >= 0 {
				o.sql = append(o.sql, fmt.Sprintf("ALTER INDEX %s ALTER COLUMN %d SET STATISTICS %d", postgres.Qualify(t.schema, name), i+1, n))
			}
		}
		if clustered && o.unable == "" {
			what := "ALTER TABLE "
			if t.rank == rankView {
				what = "ALTER MATERIALIZED VIEW "
			}
			r.mark(t, what+t.qualified()+" CLUSTER ON "+postgres.Quote(name), o)
		}
		if replica && o.unable == "" {
			r.mark(t, "ALTER TABLE ONLY "+t.qualified()+" REPLICA IDENTITY USING INDEX "+postgres.Quote(name), o)
		}
	})
}

// states is how ALTER TABLE puts a trigger or rule into a state of pg_trigger.tgenabled.
var states = map[string]string{"D": " DISABLE ", "R": " ENABLE REPLICA ", "A": " ENABLE ALWAYS "}

// triggers are made last, so that none of them fires for the rows.
func (r *reader) triggers(ctx context.Context) error {
	var oid, table, constraint uint32
	var name, def, state string
	return r.query(ctx, `SELECT g.oid, g.tgrelid, g.tgconstraint, g.tgname::text, pg_get_triggerdef(g.oid), g.tgenabled::text
FROM pg_trigger g WHERE NOT g.tgisinternal`, []any{&oid, &table, &constraint, &name, &def, &state}, func() {
		r.attached(attached{"trigger", name, def, state}, table, address{classTrigger, oid})
		r.alias(classConstraint, constraint, r.at[address{classTrigger, oid}])
	})
}

// attached is a trigger or a rule of a table or view.
type attached struct{ kind, name, def, state string }

func (r *reader) attached(x attached, table uint32, self address) {
	t := r.at[address{classRelation, table}]
	if t == nil || t.rank != rankTable && t.rank != rankView {
		return
	}
	word := strings.ToUpper(x.kind)
	o := r.add(&object{
		kind: x.kind, schema: t.schema, name: x.name, rank: rankTrigger, table: t.self, self: self,
		ident: word + " " + postgres.Quote(x.name) + " ON " + t.qualified(), sql: []string{strings.TrimSuffix(x.def, ";")},
	})
	if how := states[x.state]; how != "" {
		o.sql = append(o.sql, "ALTER TABLE "+t.qualified()+how+word+" "+postgres.Quote(x.name))
	}
}

// statistics are CREATE STATISTICS' objects.
func (r *reader) statistics(ctx context.Context) error {
	var oid, table uint32
	var schema, name, def string
	var target int
	return r.query(ctx, fmt.Sprintf(`SELECT s.oid, s.stxrelid, n.nspname::text, s.stxname::text, pg_get_statisticsobjdef(s.oid), %s
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace`, r.since(130000, "coalesce(s.stxstattarget, -1)::int", "-1")),
		[]any{&oid, &table, &schema, &name, &def, &target}, func() {
			t := r.at[address{classRelation, table}]
			if t == nil || t.rank != rankTable && t.rank != rankView {
				return
			}
			o := r.add(&object{kind: "statistics", schema: schema, name: name, rank: rankTrigger, table: t.self, self: address{classStatistics, oid}, sql: []string{def}})
			o.ident = "STATISTICS " + o.qualified()
			if target >= 0 {
				o.sql = append(o.sql, fmt.Sprintf("ALTER STATISTICS %s SET STATISTICS %d", o.qualified(), target))
			}
		})
}
