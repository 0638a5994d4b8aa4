package definition

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
)

// whyNoTable says why relations of some kinds cannot be written.
var whyNoTable = map[string]string{
	"p": "it is partitioned",
	"f": "it is a foreign table: its rows are elsewhere",
}

// tables reads tables without their columns, which are put in afterwards.
func (r *reader) tables(ctx context.Context) error {
	var oid, rowType, arrayType uint32
	var schema, name, kind, persistence, method, replica string
	var options []string
	var inherits, typed bool
	query := fmt.Sprintf(`SELECT c.oid, c.reltype, coalesce(t.typarray, 0), n.nspname::text, c.relname::text, c.relkind::text, c.relpersistence::text,
	coalesce(m.amname::text, 'heap'), c.relreplident::text, c.reloftype <> 0,
	coalesce(c.reloptions, '{}') || array(SELECT 'toast.' || o FROM pg_class x, unnest(x.reloptions) o WHERE x.oid = c.reltoastrelid),
	c.relispartition OR EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid OR i.inhparent = c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_type t ON t.oid = c.reltype LEFT JOIN pg_am m ON m.oid = c.relam
WHERE c.relkind IN ('r', 'p', 'f') AND %s AND %s`, userSchema, user("c.oid", "pg_class"))
	return r.query(ctx, query, []any{&oid, &rowType, &arrayType, &schema, &name, &kind, &persistence, &method, &replica, &typed, &options, &inherits}, func() {
		o := &object{kind: "table", schema: schema, name: name, rank: rankTable, must: true, self: address{classRelation, oid}}
		o.ident, o.unable = "TABLE "+o.qualified(), whyNoTable[kind]
		switch {
		case !r.taken(schema, name):
			o.unable = "it is not among the tables that were chosen"
		case o.unable != "":
		case inherits:
			o.unable = "it inherits, or is inherited from"
		case typed:
			o.unable = "it is a table of a composite type"
		}
		o.sql = []string{"CREATE TABLE "} // columns closes it
		if persistence == "u" {
			o.sql[0] = "CREATE UNLOGGED TABLE "
		}
		o.sql[0] += o.qualified() + " ("
		o.tail = ")"
		if method != "heap" {
			o.tail += " USING " + postgres.Quote(method)
		}
		o.tail += withOptions(options)
		r.add(o)
		r.alias(classType, rowType, o)
		r.alias(classType, arrayType, o)
		if sql := map[string]string{"f": " REPLICA IDENTITY FULL", "n": " REPLICA IDENTITY NOTHING"}[replica]; sql != "" {
			r.mark(o, "ALTER TABLE ONLY "+o.qualified()+sql)
		}
	})
}

// mark adds a statement about a table that follows its keys and indexes.
func (r *reader) mark(o *object, sql string, needs ...*object) {
	r.objects = append(r.objects, &object{
		kind: "mark", schema: o.schema, name: o.name, rank: rankMark, table: o.self, sql: []string{sql}, needs: append(needs, o),
		self: address{0, o.self.oid},
	})
}

var plainOption = regexp.MustCompile(`^[a-z_]+(\.[a-z_]+)?$`)

// withOptions writes a WITH clause of storage options, which stand as name=value.
func withOptions(options []string) string {
	if list := optionList(options); list != "" {
		return " WITH (" + list + ")"
	}
	return ""
}

func optionList(options []string) string {
	var out []string
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		if !plainOption.MatchString(name) {
			name = postgres.Quote(name)
		}
		out = append(out, name+"="+postgres.Literal(value))
	}
	return strings.Join(out, ", ")
}

// columnAt names a column of a table.
type columnAt struct {
	table uint32
	name  string
}

// column is a column on its way into CREATE TABLE.
type column struct {
	table, sequence                         uint32
	name, typ, collation, identity          string
	generated, expression, notNull, storage string
	compression, sequenceSQL                string
	target                                  int
	options                                 []string
}

// columnsQuery reads columns. A NOT NULL that has a name of its own, as PostgreSQL
// 18 keeps them, is written with it; one that does not hold for all rows is added
// as a constraint.
const columnsQuery = `SELECT a.attrelid, a.attname::text, format_type(a.atttypid, a.atttypmod),
	coalesce(CASE WHEN a.attcollation <> t.typcollation THEN format(' COLLATE %%I.%%I', kn.nspname, k.collname) END, ''),
	a.attidentity::text, a.attgenerated::text, coalesce(CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) END, ''),
	%[1]s, CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text ELSE '' END, %[2]s,
	coalesce(a.attstattarget, -1)::int, coalesce(a.attoptions, '{}'), coalesce(s.seqrelid, 0)::oid, coalesce(%[3]s, '')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
	LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	LEFT JOIN pg_collation k ON k.oid = a.attcollation LEFT JOIN pg_namespace kn ON kn.oid = k.collnamespace
	LEFT JOIN pg_depend p ON p.refclassid = 'pg_class'::regclass AND p.refobjid = a.attrelid AND p.refobjsubid = a.attnum
		AND p.classid = 'pg_class'::regclass AND p.deptype = 'i' AND a.attidentity <> ''
	LEFT JOIN pg_sequence s ON s.seqrelid = p.objid LEFT JOIN pg_class sc ON sc.oid = s.seqrelid
	LEFT JOIN pg_namespace sn ON sn.oid = sc.relnamespace
	%[4]s
WHERE c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND %[5]s
ORDER BY a.attrelid, a.attnum`

// sequenceClause writes the options of a sequence s, without its type.
const sequenceClause = `format('START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s',
	s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' END)`

func (r *reader) columns(ctx context.Context) error {
	var c column
	notNull := `CASE WHEN nn.oid IS NULL THEN CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
	WHEN NOT nn.convalidated THEN '' WHEN nn.conname = left(c.relname || '_' || a.attname || '_not_null', 63) THEN ' NOT NULL'
	ELSE format(' CONSTRAINT %I NOT NULL', nn.conname) END`
	query := fmt.Sprintf(columnsQuery,
		r.since(180000, notNull, "CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END"),
		r.since(140000, "a.attcompression::text", "''"),
		"CASE WHEN s.seqrelid <> 0 THEN format('SEQUENCE NAME %I.%I ', sn.nspname, sc.relname) || "+sequenceClause+" END",
		r.since(180000, "LEFT JOIN pg_constraint nn ON nn.conrelid = a.attrelid AND nn.contype = 'n' AND nn.conkey = array[a.attnum]", ""),
		userSchema)
	first := map[uint32]bool{}
	err := r.query(ctx, query, []any{
		&c.table, &c.name, &c.typ, &c.collation, &c.identity, &c.generated, &c.expression, &c.notNull, &c.storage,
		&c.compression, &c.target, &c.options, &c.sequence, &c.sequenceSQL,
	}, func() {
		t := r.at[address{classRelation, c.table}]
		if t == nil || t.rank != rankTable {
			return
		}
		if first[c.table] {
			t.sql[0] += ","
		}
		first[c.table] = true
		t.sql[0] += "\n    " + c.definition()
		if sql := r.inline[columnAt{c.table, c.name}]; sql != "" {
			t.sql[0] += " DEFAULT " + sql
		}
		t.sql[0] += c.notNull
		t.sql = append(t.sql, c.settings(t)...)
		r.alias(classRelation, c.sequence, t)
		switch {
		case c.generated == "v":
			t.major = 18
		case strings.Contains(c.typ, "multirange"):
			t.major = max(t.major, 14)
		}
	})
	for _, o := range r.objects {
		if o.rank == rankTable {
			if first[o.self.oid] {
				o.sql[0] += "\n"
			}
			o.sql[0] += o.tail
		}
	}
	return err
}

// definition writes a column for CREATE TABLE. Default and NOT NULL follow it.
func (c *column) definition() string {
	sql := postgres.Quote(c.name) + " " + c.typ + c.collation
	switch c.generated {
	case "s":
		sql += " GENERATED ALWAYS AS (" + c.expression + ") STORED"
	case "v":
		sql += " GENERATED ALWAYS AS (" + c.expression + ") VIRTUAL"
	}
	switch c.identity {
	case "a":
		sql += " GENERATED ALWAYS AS IDENTITY (" + c.sequenceSQL + ")"
	case "d":
		sql += " GENERATED BY DEFAULT AS IDENTITY (" + c.sequenceSQL + ")"
	}
	return sql
}

var (
	storages     = map[string]string{"p": "PLAIN", "e": "EXTERNAL", "m": "MAIN", "x": "EXTENDED"}
	compressions = map[string]string{"p": "pglz", "l": "lz4"}
)

// settings are the statements for what CREATE TABLE does not say of a column.
func (c *column) settings(t *object) []string {
	var out []string
	alter := "ALTER TABLE ONLY " + t.qualified() + " ALTER COLUMN " + postgres.Quote(c.name) + " SET "
	if c.storage != "" {
		out = append(out, alter+"STORAGE "+storages[c.storage])
	}
	if how := compressions[c.compression]; how != "" {
		t.major = max(t.major, 14)
		out = append(out, alter+"COMPRESSION "+how)
	}
	if c.target >= 0 {
		out = append(out, fmt.Sprintf("%sSTATISTICS %d", alter, c.target))
	}
	if list := optionList(c.options); list != "" {
		out = append(out, alter+"("+list+")")
	}
	return out
}

// sequences reads those that are no identity's, and which columns own them.
func (r *reader) sequences(ctx context.Context) error {
	var oid, owner uint32
	var schema, name, typ, options, column string
	return r.query(ctx, `SELECT c.oid, n.nspname::text, c.relname::text, format_type(s.seqtypid, NULL), `+sequenceClause+`,
	coalesce(a.attrelid, 0)::oid, coalesce(a.attname::text, '')
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
	LEFT JOIN pg_depend p ON p.classid = 'pg_class'::regclass AND p.objid = c.oid AND p.refclassid = 'pg_class'::regclass AND p.deptype = 'a' AND p.refobjsubid > 0
	LEFT JOIN pg_attribute a ON a.attrelid = p.refobjid AND a.attnum = p.refobjsubid
WHERE `+userSchema+` AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_class'::regclass AND i.objid = c.oid AND i.deptype = 'i') AND `+
		user("c.oid", "pg_class"), []any{&oid, &schema, &name, &typ, &options, &owner, &column}, func() {
		o := &object{kind: "sequence", schema: schema, name: name, rank: rankSequence, self: address{classRelation, oid}}
		o.ident = "SEQUENCE " + o.qualified()
		o.sql = []string{"CREATE SEQUENCE " + o.qualified() + " AS " + typ + " " + options}
		r.add(o)
		if t := r.at[address{classRelation, owner}]; t != nil && t.rank == rankTable {
			r.objects = append(r.objects, &object{
				kind: "sequence", schema: schema, name: name, rank: rankOwned, table: t.self, must: true, self: address{0, oid}, needs: []*object{o, t},
				sql: []string{"ALTER SEQUENCE " + o.qualified() + " OWNED BY " + t.qualified() + "." + postgres.Quote(column)},
			})
		}
	})
}
