package framework

import "regexp"

// Tools that only run migrations, whatever the application is written with.
var (
	golangMigrate = Rules{
		Name:  "golang-migrate",
		Books: []Book{{Table: "schema_migrations", Columns: "version, dirty", Only: true, Shows: Proof, Compare: "version", PerEngine: true}},
	}
	dbmate = Rules{
		Name: "dbmate",
		Proofs: []Sign{Wording{
			Like: regexp.MustCompile(`(?i)^CREATE TABLE "?schema_migrations"? \(version varchar\([0-9]+\) primary key\)$`),
			Says: "with version varchar(n) primary key",
		}},
		Books: []Book{{Table: "schema_migrations", Columns: "version varchar(", Only: true, Compare: "version", PerEngine: true}},
	}
	goose = Rules{
		Name:  "goose",
		Books: []Book{{Table: "goose_db_version", Columns: "version_id, is_applied", Shows: Proof, Compare: "version_id, is_applied", PerEngine: true}},
	}
	refinery = Rules{
		Name:  "refinery",
		Books: []Book{{Table: "refinery_schema_history", Columns: "version, name, applied_on, checksum", Shows: Proof, Compare: "version", PerEngine: true}},
	}
	mikroORM = Rules{
		Name:  "MikroORM",
		Books: []Book{{Table: "mikro_orm_migrations", Columns: "name, executed_at", Shows: Proof, Compare: "name", PerEngine: true}},
	}
	doctrine = Rules{
		Name:  "Doctrine",
		Books: []Book{{Table: "doctrine_migration_versions", Columns: "version, executed_at", Shows: Proof, Compare: "version", PerEngine: true}},
	}
	phinx = Rules{
		Name:  "Phinx",
		Books: []Book{{Table: "phinxlog", Columns: "version, migration_name, start_time, end_time", Shows: Proof, Compare: "version"}},
	}
	sequel = Rules{
		Name:  "Sequel",
		Books: []Book{{Table: "schema_migrations", Columns: "filename", Only: true, Shows: Proof, Compare: "filename"}},
	}
	litestream = Rules{
		Name: "Litestream",
		Books: []Book{
			{Table: "_litestream_seq", Columns: "id, seq", Only: true, Shows: Proof},
			{Table: "_litestream_lock", Columns: "id", Only: true},
		},
	}
)
