package framework

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
