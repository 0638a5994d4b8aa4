package typemap_test

import (
	"strings"
	"testing"

	"github.com/litehaul/litehaul/internal/convert"
	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

const (
	uuid1 = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
	uuid2 = "3f2504e0-4f89-41d3-9a0c-0305e82c3302"
)

func TestForeignKeys(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		rules typemap.Rules
		sql   []string
		want  map[string]string
	}{
		{"empty child of a UUID", nil, []string{
			"CREATE TABLE p (id CHAR(36) PRIMARY KEY)",
			"CREATE TABLE c (p_id VARCHAR(36) REFERENCES p)",
			"INSERT INTO p VALUES ('" + uuid1 + "')",
		}, map[string]string{"p.id": "uuid", "c.p_id": "uuid"}},
		{"text of integers and an identity", nil, []string{
			"CREATE TABLE p (id INTEGER PRIMARY KEY)",
			"CREATE TABLE c (p_id TEXT REFERENCES p(id))",
			"INSERT INTO p VALUES (1), (20)", "INSERT INTO c VALUES ('20'), (NULL)",
		}, map[string]string{"p.id": "bigint", "c.p_id": "bigint"}},
		{"other text and an identity", nil, []string{
			"CREATE TABLE p (id INTEGER PRIMARY KEY)",
			"CREATE TABLE c (p_id TEXT REFERENCES p(id))",
			"CREATE TABLE d (p_id TEXT REFERENCES p(id))",
			"INSERT INTO c VALUES ('020')", "INSERT INTO d VALUES ('20')",
		}, map[string]string{"p.id": "bigint", "c.p_id": "text", "d.p_id": "bigint"}},
		{"natural key and varchar", nil, []string{
			"CREATE TABLE p (code TEXT PRIMARY KEY)",
			"CREATE TABLE c (code VARCHAR(10) REFERENCES p)",
			"INSERT INTO p VALUES ('a much longer code')", "INSERT INTO c VALUES ('x')",
		}, map[string]string{"p.code": "text", "c.code": "text"}},
		{"varchars of two lengths", nil, []string{
			"CREATE TABLE p (code VARCHAR(5) PRIMARY KEY)",
			"CREATE TABLE c (code VARCHAR(10) REFERENCES p)",
			"INSERT INTO p VALUES ('abc')", "INSERT INTO c VALUES ('abcdefgh')",
		}, map[string]string{"p.code": "varchar(10)", "c.code": "varchar(10)"}},
		{"smallint of a bigint", nil, []string{
			"CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE c (p_id SMALLINT REFERENCES p)", "INSERT INTO c VALUES (5)",
		}, map[string]string{"p.id": "bigint", "c.p_id": "bigint"}},
		{"a child that is no UUID", nil, []string{
			"CREATE TABLE p (id CHAR(36) PRIMARY KEY)", "CREATE TABLE c (p_id VARCHAR(36) REFERENCES p)",
			"INSERT INTO p VALUES ('" + uuid1 + "')", "INSERT INTO c VALUES ('none')",
		}, map[string]string{"p.id": "varchar(36)", "c.p_id": "varchar(36)"}},
		{"chain", nil, []string{
			"CREATE TABLE a (id CHAR(36) PRIMARY KEY)",
			"CREATE TABLE b (id TEXT PRIMARY KEY REFERENCES a)",
			"CREATE TABLE c (id TEXT PRIMARY KEY REFERENCES b)",
			"CREATE TABLE d (c_id REFERENCES c)",
			"INSERT INTO a VALUES ('" + uuid1 + "')", "INSERT INTO d VALUES ('" + uuid2 + "')",
		}, map[string]string{"a.id": "uuid", "b.id": "uuid", "c.id": "uuid", "d.c_id": "uuid"}},
		{"cycle and itself", nil, []string{
			"CREATE TABLE a (id UUID PRIMARY KEY, b_id TEXT REFERENCES b(id), up TEXT REFERENCES a(id))",
			"CREATE TABLE b (id TEXT PRIMARY KEY, a_id TEXT REFERENCES a(id))",
			"INSERT INTO a VALUES ('" + uuid1 + "', NULL, '" + uuid1 + "')",
		}, map[string]string{"a.id": "uuid", "a.b_id": "text", "a.up": "uuid", "b.id": "text", "b.a_id": "uuid"}},
		{"composite", nil, []string{
			"CREATE TABLE p (a INTEGER, b TEXT, PRIMARY KEY (a, b))",
			"CREATE TABLE c (x TEXT, y VARCHAR(3), FOREIGN KEY (x, y) REFERENCES p)",
			"INSERT INTO p VALUES (1, 'y')", "INSERT INTO c VALUES ('1', 'y')",
		}, map[string]string{"p.a": "bigint", "p.b": "text", "c.x": "bigint", "c.y": "text"}},
		{"numbers", nil, []string{
			"CREATE TABLE p (id NUMERIC PRIMARY KEY)", "CREATE TABLE c (p_id INTEGER REFERENCES p)",
			"INSERT INTO p VALUES (1), (1.5)", "INSERT INTO c VALUES (1)",
		}, map[string]string{"p.id": "numeric", "c.p_id": "numeric"}},
		{"a rule for the parent", typemap.Rules{{Table: "p", Column: "id", Type: sqltype.Type{Kind: sqltype.Text}}}, []string{
			"CREATE TABLE p (id CHAR(36) PRIMARY KEY)", "CREATE TABLE c (p_id CHAR(36) REFERENCES p)",
			"INSERT INTO p VALUES ('" + uuid1 + "')", "INSERT INTO c VALUES ('" + uuid1 + "')",
		}, map[string]string{"p.id": "text", "c.p_id": "text"}},
		{"two rules that differ", typemap.Rules{
			{Table: "p", Column: "id", Type: sqltype.Type{Kind: sqltype.Text}}, {Table: "c", Column: "p_id", Type: sqltype.Type{Kind: sqltype.UUID}},
		}, []string{
			"CREATE TABLE p (id CHAR(36) PRIMARY KEY)", "CREATE TABLE c (p_id CHAR(36) REFERENCES p)",
		}, map[string]string{"p.id": "text", "c.p_id": "uuid"}},
		{"units of time that differ", nil, []string{
			"CREATE TABLE p (at DATETIME PRIMARY KEY)", "CREATE TABLE c (at DATETIME REFERENCES p)",
			"INSERT INTO p VALUES (1700000000), (1700000001)", "INSERT INTO c VALUES (1700000000000)",
		}, map[string]string{"p.at": "bigint", "c.at": "bigint"}},
		{"no such parent, no such column", nil, []string{
			"CREATE TABLE p (id UUID PRIMARY KEY)",
			"CREATE TABLE c (x TEXT REFERENCES gone, y TEXT REFERENCES p(gone), z TEXT REFERENCES q)",
			"CREATE TABLE q (id UUID)",
		}, map[string]string{"c.x": "text", "c.y": "text", "c.z": "text"}},
	}
	for _, test := range tests {
		dec := load(t, test.rules, test.sql...).decide(typemap.Options{Rules: test.rules})
		for name, want := range test.want {
			if d := dec[name]; d.Type.SQL() != want {
				t.Errorf("%s: %s is %s (%s), want %s", test.name, name, d.Type.SQL(), d.Why, want)
			}
		}
	}
}

// TestForeignKeyOrder: one byte order for the blobs of both sides.
func TestForeignKeyOrder(t *testing.T) {
	t.Parallel()
	dec := load(t, nil,
		"CREATE TABLE p (id GUID PRIMARY KEY)", "CREATE TABLE c (p_id GUID REFERENCES p)",
		"INSERT INTO p VALUES (x'e004253f894f41419a0c0305e82c3301'), (x'e004253f894ffa419a0c0305e82c3302')",
		"INSERT INTO c VALUES (x'e004253f894f41419a0c0305e82c3301')", // fits both orders
	).decide(typemap.Options{})
	p, c := dec["p.id"], dec["c.p_id"]
	if p.Blob != convert.BlobDotNetUUID || c.Blob != convert.BlobDotNetUUID || c.Type.Kind != sqltype.UUID {
		t.Errorf("parent %+v, child %+v", p, c)
	}
	if !strings.Contains(c.Why, "other side") {
		t.Errorf("why: %s", c.Why)
	}
}
