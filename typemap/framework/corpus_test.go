package framework_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sharedtest"
	"github.com/litehaul/litehaul/typemap/framework"
)

// made tells which framework made a database of the corpus, by its index or by
// the program that it belongs to; those that are not named have none.
var made = map[string][]string{
	"northwind-efcore":       {"EF Core"},
	"adventureworks2014":     {"EF Core"},
	"django-civic":           {"Django"},
	"django-ecommerce":       {"Django"},
	"rails-solid-queue":      {"Rails"},
	"rails-solid-cache":      {"Rails"},
	"rails-dummy-discussion": {"Rails"},
	"laravel-lumen-books":    {"Laravel"},
	"laravel-ecommerce":      {"Laravel"},
	"prisma-scheduling":      {"Prisma"},
	"efcore-identity":        {"EF Core"},
	"alembic-mlflow":         {"SQLAlchemy"},
	"alembic-optuna-3.2":     {"SQLAlchemy"},
	"flask-microblog":        {"SQLAlchemy"},
	"typeorm-n8n":            {"TypeORM"},
	"drizzle-comments":       {"Drizzle"},
	"gorm-realworld":         {"GORM"},
	"home-assistant":         {"Home Assistant", "SQLAlchemy"},
	"grafana":                {"xorm"},
	"sonarr":                 {"FluentMigrator"},
	"android-contacts2":      {"Android"},
	"android-gdrive":         {"Android"},
	"ios-notestore":          {"Core Data"},
	"macos-knowledgec":       {"Core Data"},
	// Programs in Python whose models are SQLAlchemy's.
	"gourmand":        {"SQLAlchemy"},
	"pychess-puzzles": {"SQLAlchemy"},
	"amcsd-cif":       {"SQLAlchemy"},
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	dir := sharedtest.Dir(t, "corpus")
	seen := 0
	for _, line := range index(t, dir) {
		_, s, err := open(t, filepath.Join(dir, line[1]))
		if err != nil {
			if line[2] != "5-damaged" {
				t.Errorf("%s: %v", line[0], err)
			}
			continue
		}
		fs := framework.Detect(s)
		if diff := cmp.Diff(made[line[0]], names(fs)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", line[0], diff)
		}
		if len(fs) > 0 {
			seen++
		}
		for _, f := range fs {
			if len(f.Evidence) == 0 || slices.Contains(f.Evidence, "") {
				t.Errorf("%s: %s without evidence: %q", line[0], f.Name, f.Evidence)
			}
		}
	}
	if seen != len(made) {
		t.Errorf("%d databases with a framework, want %d", seen, len(made))
	}
}

// TestTwins detects the frameworks of the twins, and holds every hint that the
// values keep against the type that the framework itself gave the column in
// Postgres.
func TestTwins(t *testing.T) {
	t.Parallel()
	dir := sharedtest.Dir(t, "twins")
	for name, c := range map[string]struct {
		framework string
		hints     int // at least
	}{
		"django-shop":    {"Django", 25},
		"drizzle-notes":  {"Drizzle", 13},
		"gorm-store":     {"GORM", 20},
		"peewee-library": {"Peewee", 8},
		"prisma-social":  {"Prisma", 20},
		"typeorm-blog":   {"TypeORM", 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			snap, s, err := open(t, filepath.Join(dir, name, "source.sqlite3"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{c.framework}, names(framework.Detect(s))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			types := targetTypes(t, filepath.Join(dir, name, "target.sql"))
			n := 0
			for column, h := range held(t, snap, s) {
				n++
				target, ok := types[column]
				if !ok {
					t.Errorf("%s is not in the target", column)
				} else if !agrees(h.Type.Kind, target) {
					t.Errorf("%s: %s (%s), but the framework made it %s", column, h.Type.SQL(), h.Why, target)
				}
			}
			if n < c.hints {
				t.Errorf("%d hints hold, want %d at least", n, c.hints)
			}
		})
	}
}

// agrees tells whether a hint means the type of the target: all instants are
// alike, JSON may be an array there, and a domain of it.
func agrees(k sqltype.Kind, target string) bool {
	switch k {
	case sqltype.Timestamp, sqltype.TimestampTZ:
		return strings.HasPrefix(target, "time") || target == "date"
	case sqltype.JSON, sqltype.JSONB:
		return strings.HasPrefix(target, "json") || strings.HasSuffix(target, "[]")
	}
	return strings.HasPrefix(target, k.String())
}

// targetTypes reads the types of all columns of a pg_dump, as "table.column".
func targetTypes(t *testing.T, path string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	create := regexp.MustCompile(`(?ms)^CREATE TABLE \w+\.("[^"]+"|\w+) \(\n(.*?)\n\);`)
	column := regexp.MustCompile(`(?m)^ {4}("[^"]+"|\w+) ([a-z].*?)( (DEFAULT|NOT NULL|COLLATE|GENERATED).*)?,?$`)
	out := map[string]string{}
	for _, m := range create.FindAllStringSubmatch(string(b), -1) {
		for _, c := range column.FindAllStringSubmatch(m[2], -1) {
			out[strings.Trim(m[1], `"`)+"."+strings.Trim(c[1], `"`)] = c[2]
		}
	}
	if len(out) == 0 {
		t.Fatalf("no columns in %s", path)
	}
	return out
}

// The Django twin has seeds with natural keys and two generic foreign keys.
func TestTwinSeeds(t *testing.T) {
	t.Parallel()
	_, s, err := open(t, filepath.Join(sharedtest.Dir(t, "twins"), "django-shop", "source.sqlite3"))
	if err != nil {
		t.Fatal(err)
	}
	f := framework.Detect(s).Named("Django")
	if f == nil {
		t.Fatal("no Django")
	}
	var seeds, generic []string
	for _, x := range f.Seeds {
		for _, k := range x.Key {
			seeds = append(seeds, x.Table+"."+k.Column+">"+k.Via)
		}
	}
	for _, g := range f.Generic {
		generic = append(generic, g.Table.Name+"."+g.Table.Columns[g.Type].Name+"+"+g.Table.Columns[g.Object].Name)
	}
	slices.Sort(generic)
	want := []string{
		"django_content_type.app_label>", "django_content_type.model>",
		"auth_permission.content_type_id>django_content_type", "auth_permission.codename>",
	}
	if diff := cmp.Diff(want, seeds); diff != "" {
		t.Errorf("seeds (-want +got):\n%s", diff)
	}
	want = []string{"django_admin_log.content_type_id+object_id", "shop_attachment.content_type_id+object_id"}
	if diff := cmp.Diff(want, generic); diff != "" {
		t.Errorf("generic (-want +got):\n%s", diff)
	}
}
