package framework

import "strings"

// registry lists the rules of all frameworks, applications before libraries.
var registry = []*Rules{
	&homeAssistant, &pocketBase,
	&django, &rails, &laravel, &efCore, &prisma, &typeORM, &sequelize, &drizzle, &knex, &mikroORM,
	&gorm, &xorm, &peewee, &sqlAlchemy, &jdbc, &ecto, &diesel, &sqlx, &seaORM,
	&room, &android, &coreData, &sqliteNet, &fluentMigrator,
	&golangMigrate, &dbmate, &goose, &refinery, &doctrine, &phinx, &sequel, &litestream,
}

// Names lists all frameworks that are known.
func Names() []string {
	out := make([]string, len(registry))
	for i, r := range registry {
		out[i] = r.Name
	}
	return out
}

// Lookup finds the name of a framework as a user may write it: without case,
// spaces and points, and without what stands behind a slash.
func Lookup(name string) (string, bool) {
	for _, r := range registry {
		short, _, _ := strings.Cut(r.Name, "/")
		if n := plainName(name); n == plainName(r.Name) || n == plainName(short) {
			return r.Name, true
		}
	}
	return "", false
}

// plainName leaves letters and digits, in lower case.
func plainName(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(s))
}

// Tables lists the bookkeeping tables of a framework.
func Tables(name string) []string {
	var out []string
	for _, r := range registry {
		if r.Name == name {
			for _, b := range r.Books {
				out = append(out, b.Table)
			}
		}
	}
	return out
}

// Speaks tells whether a framework says anything about columns.
func Speaks(name string) bool {
	for _, r := range registry {
		if r.Name == name {
			return len(r.Columns) > 0
		}
	}
	return false
}
