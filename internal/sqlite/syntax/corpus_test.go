package syntax_test

import (
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// object is a row of sqlite_schema.
type object struct{ typ, name, sql string }

// schemaOf reads a copy of a database's schema. What SQLite itself cannot read
// gives an error and as many rows as came before it.
func schemaOf(t *testing.T, path string) (*sql.DB, []object, error) {
	t.Helper()
	temp := t.TempDir()
	for _, suffix := range []string{"", "-wal", "-journal"} {
		data, err := os.ReadFile(path + suffix)
		if err != nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(temp, "db"+suffix), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("sqlite", filepath.Join(temp, "db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	rows, err := db.Query("SELECT CAST(type AS TEXT), CAST(name AS TEXT), CAST(sql AS TEXT) FROM sqlite_schema WHERE sql IS NOT NULL")
	if err != nil {
		return db, nil, err
	}
	defer func() { _ = rows.Close() }()
	var list []object
	for rows.Next() {
		var o object
		if err := rows.Scan(&o.typ, &o.name, &o.sql); err != nil {
			return db, list, err
		}
		list = append(list, o)
	}
	return db, list, rows.Err()
}

// parseAny parses a schema entry by its type.
func parseAny(o object) (any, error) {
	switch {
	case o.typ == "index":
		return syntax.ParseCreateIndex(o.sql)
	case o.typ == "view":
		return syntax.ParseCreateView(o.sql)
	case o.typ == "trigger":
		return syntax.ParseCreateTrigger(o.sql)
	case virtual.MatchString(o.sql):
		return syntax.ParseCreateVirtualTable(o.sql)
	}
	return syntax.ParseCreateTable(o.sql)
}

var virtual = regexp.MustCompile(`(?i)^\s*CREATE\s+VIRTUAL`)

func TestCorpus(t *testing.T) {
	t.Parallel()
	// At least this many statements: the corpus only grows.
	const atLeast = 2000
	root := filepath.Join(sharedtest.Dir(t), "corpus")
	index, err := os.ReadFile(filepath.Join(root, "INDEX.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	statementN, tableN := 0, 0
	for _, line := range strings.Split(strings.TrimSpace(string(index)), "\n")[1:] {
		file := strings.Split(line, "\t")[1]
		db, objects, err := schemaOf(t, filepath.Join(root, file))
		if err != nil {
			t.Logf("%s: SQLite cannot read it: %v", file, err)
		}
		for _, o := range objects {
			statementN++
			tree, err := parseAny(o)
			if err != nil {
				t.Errorf("%s: %s %s: %v\n%s", file, o.typ, o.name, err, o.sql)
				continue
			}
			checkFormat(t, file, tree)
			if table, ok := tree.(*syntax.CreateTable); ok && compareTable(t, db, file, table) {
				tableN++
			}
		}
		_ = db.Close()
	}
	t.Logf("%d statements, %d tables compared", statementN, tableN)
	if statementN < atLeast {
		t.Errorf("only %d statements; at least %d are there", statementN, atLeast)
	}
}

// TestDamaged reads whatever schema text SQLite still finds in damaged files;
// text that SQLite accepts must parse.
func TestDamaged(t *testing.T) {
	t.Parallel()
	root := filepath.Join(sharedtest.Dir(t), "damaged")
	probe := openMemory(t)
	statementN, brokenN := 0, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !hasMagic(path) {
			return err
		}
		db, objects, _ := schemaOf(t, path)
		for _, o := range objects {
			statementN++
			if _, err := parseAny(o); err != nil {
				brokenN++
				if _, execErr := probe.Exec("EXPLAIN " + o.sql); execErr == nil {
					t.Errorf("%s: %s %q: %v\n%q", path, o.typ, o.name, err, o.sql)
				}
			}
		}
		return db.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d statements, %d of them broken for SQLite too", statementN, brokenN)
	if statementN == 0 {
		t.Error("no statement found")
	}
}

func hasMagic(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	var head [16]byte
	n, _ := f.Read(head[:])
	return string(head[:n]) == "SQLite format 3\x00"
}

// checkFormat writes every expression and SELECT of a statement and reads it
// back.
func checkFormat(t *testing.T, file string, tree any) {
	t.Helper()
	check := func(x syntax.Expr) {
		if x == nil {
			return
		}
		again, err := syntax.ParseExpr(syntax.Format(x))
		if diff := cmp.Diff(x, again); err != nil || diff != "" {
			t.Errorf("%s: %s: %v\n%s", file, syntax.Format(x), err, diff)
		}
	}
	switch s := tree.(type) {
	case *syntax.CreateTable:
		for _, c := range s.Columns {
			for _, cc := range c.Constraints {
				check(cc.X)
			}
		}
		for _, c := range s.Constraints {
			check(c.X)
		}
	case *syntax.CreateIndex:
		for _, c := range s.Columns {
			check(c.X)
		}
		check(s.Where)
	case *syntax.CreateView:
		again, err := syntax.ParseSelect(syntax.FormatSelect(s.Select))
		if diff := cmp.Diff(s.Select, again); err != nil || diff != "" {
			t.Errorf("%s: %s: %v\n%s", file, syntax.FormatSelect(s.Select), err, diff)
		}
	}
}

// column is what PRAGMA table_xinfo tells.
type column struct {
	Name, Type string
	NotNull    bool
	Default    sql.NullString
	PK         int
	Generated  bool
}

// SQLite forgets the case of its standard types.
var standard = regexp.MustCompile(`(?i)^(any|blob|int|integer|real|text)$`)

func normalType(s string) string {
	s = aroundParen.ReplaceAllString(spaceRun.ReplaceAllString(s, " "), "$1")
	return standard.ReplaceAllStringFunc(s, strings.ToUpper)
}

var (
	spaceRun    = regexp.MustCompile(`\s+`)
	aroundParen = regexp.MustCompile(` ?([(),]) ?`)
)

// compareTable compares a tree with what SQLite made of the same text. It
// tells whether SQLite knows the table.
func compareTable(t *testing.T, db *sql.DB, file string, tree *syntax.CreateTable) bool {
	t.Helper()
	var want []column
	rows, err := db.Query(`SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)`, tree.Name)
	if err != nil {
		return false
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var c column
		var hidden int
		if err := rows.Scan(&c.Name, &c.Type, &c.NotNull, &c.Default, &c.PK, &hidden); err != nil {
			return false
		}
		c.Type = normalType(c.Type)
		c.Generated = hidden > 1
		want = append(want, c)
	}
	if rows.Err() != nil || want == nil {
		return false
	}
	if diff := cmp.Diff(want, columnsOf(tree)); diff != "" {
		t.Errorf("%s: table %s: SQLite (-), parser (+):\n%s", file, tree.Name, diff)
	}
	return true
}

// columnsOf derives from a tree what SQLite tells of the table.
func columnsOf(tree *syntax.CreateTable) []column {
	var list []column
	var key []string
	for _, def := range tree.Columns {
		c := column{Name: def.Name, Type: normalType(def.Type)}
		for _, cc := range def.Constraints {
			switch cc.Kind {
			case syntax.NotNull:
				c.NotNull = true
			case syntax.Default:
				c.Default = sql.NullString{String: cc.Text, Valid: true}
			case syntax.PrimaryKey:
				key = []string{def.Name}
			case syntax.Generated:
				c.Generated = true
			}
		}
		list = append(list, c)
	}
	for _, tc := range tree.Constraints {
		if tc.Kind != syntax.PrimaryKey {
			continue
		}
		for _, o := range tc.Columns {
			x := o.X
			if c, ok := x.(*syntax.Collate); ok {
				x = c.X
			}
			if n, ok := x.(*syntax.Name); ok {
				key = append(key, n.Column)
			}
		}
	}
	place := 0
	for i, name := range key {
		if slices.ContainsFunc(key[:i], func(s string) bool { return strings.EqualFold(s, name) }) {
			continue // SQLite counts a column once
		}
		place++
		for j := range list {
			if strings.EqualFold(list[j].Name, name) {
				list[j].PK = place
				rowid := strings.EqualFold(list[j].Type, "integer") && len(key) == 1
				list[j].NotNull = list[j].NotNull || tree.WithoutRowid || tree.Strict && !rowid
			}
		}
	}
	return list
}
