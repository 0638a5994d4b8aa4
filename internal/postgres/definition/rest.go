package definition

import (
	"context"
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
)

// rest reads rules, and what is not written: policies, which belong to roles, and
// kinds of objects that few applications make.
func (r *reader) rest(ctx context.Context) error {
	var self address
	var table uint32
	var name, def, state string
	err := r.query(ctx, `SELECT w.oid, w.ev_class, w.rulename::text, CASE w.rulename WHEN '_RETURN' THEN '' ELSE pg_get_ruledef(w.oid) END, w.ev_enabled::text
FROM pg_rewrite w WHERE w.oid >= 16384`, []any{&self.oid, &table, &name, &def, &state}, func() {
		if name == "_RETURN" {
			r.alias(classRewrite, self.oid, r.at[address{classRelation, table}])
			return
		}
		r.attached(attached{"rule", name, def, state}, table, address{classRewrite, self.oid})
	})
	if err != nil {
		return err
	}
	err = r.query(ctx, `SELECT c.oid, coalesce((SELECT string_agg(p.polname::text, ', ' ORDER BY p.polname) FROM pg_policy p WHERE p.polrelid = c.oid), 'without policies')
FROM pg_class c WHERE c.relrowsecurity OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)`, []any{&table, &name}, func() {
		if t := r.at[address{classRelation, table}]; t != nil && t.rank == rankTable {
			r.objects = append(r.objects, &object{
				kind: "row security", schema: t.schema, name: name, rank: rankTrigger, table: t.self, self: address{0, table},
				unable: "it belongs to roles: all rows can be read where this is restored",
			})
		}
	})
	if err != nil {
		return err
	}
	var others []string
	for _, c := range []struct{ catalog, namespace string }{
		{"pg_operator", "oprnamespace"},
		{"pg_opclass", "opcnamespace"},
		{"pg_opfamily", "opfnamespace"},
		{"pg_conversion", "connamespace"},
		{"pg_ts_config", "cfgnamespace"},
		{"pg_ts_dict", "dictnamespace"},
		{"pg_ts_parser", "prsnamespace"},
		{"pg_ts_template", "tmplnamespace"},
	} {
		others = append(others, fmt.Sprintf(`SELECT '%[1]s'::regclass::oid, x.oid, n.nspname::text, i.type,
	CASE WHEN starts_with(i.identity, quote_ident(n.nspname) || '.') THEN substr(i.identity, length(quote_ident(n.nspname)) + 2) ELSE i.identity END
FROM %[1]s x JOIN pg_namespace n ON n.oid = x.%[2]s, pg_identify_object('%[1]s'::regclass, x.oid, 0) i WHERE %[3]s AND %[4]s`, c.catalog, c.namespace, userSchema, user("x.oid", c.catalog)))
	}
	var schema, kind string
	return r.query(ctx, strings.Join(others, " UNION ALL "), []any{&self.class, &self.oid, &schema, &kind, &name}, func() {
		r.add(&object{kind: kind, schema: schema, name: name, rank: rankRoutine, self: self, unable: "litehaul does not write it"})
	})
}

// comments go with what they are about. Those of extensions are the extensions'.
func (r *reader) comments(ctx context.Context) error {
	var a address
	var column, part, text string
	return r.query(ctx, fmt.Sprintf(`SELECT d.classoid, d.objoid, coalesce(a.attname::text, ''), coalesce(
	'CONSTRAINT ' || quote_ident(k.conname) || ' ON ' || CASE WHEN k.contypid <> 0 THEN 'DOMAIN ' ELSE '' END,
	CASE c.relkind WHEN 'i' THEN 'INDEX ' WHEN 'S' THEN 'SEQUENCE ' END || quote_ident(n.nspname) || '.' || quote_ident(c.relname), ''), d.description
FROM pg_description d LEFT JOIN pg_constraint k ON d.classoid = 'pg_constraint'::regclass AND k.oid = d.objoid
	LEFT JOIN pg_class c ON d.classoid = 'pg_class'::regclass AND c.oid = d.objoid LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
	LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
WHERE d.objoid >= %d ORDER BY d.classoid, 4, d.objsubid, d.objoid`, firstUser), []any{&a.class, &a.oid, &column, &part, &text}, func() {
		o := r.at[a]
		if o == nil || o.rank == rankExtension || o.rank == rankSchema && o.name == publicSchema {
			return
		}
		what := o.ident
		switch {
		case column != "":
			what = "COLUMN " + o.qualified() + "." + postgres.Quote(column)
		case o.self != a && a.class == classConstraint:
			what = part + o.qualified()
		case o.self != a: // an index of a constraint, an identity's sequence
			what = part
		}
		if what != "" {
			o.sql = append(o.sql, "COMMENT ON "+what+" IS "+postgres.Literal(text))
		}
	})
}
