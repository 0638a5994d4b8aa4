package framework_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/typemap/framework"
)

var detectCases = []struct {
	name string
	ddl  []string
	want []string
}{
	{"nothing", []string{`CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)`}, nil},
	// schema_migrations has many owners.
	{"schema_migrations alone", []string{`CREATE TABLE "schema_migrations" ("version" varchar NOT NULL PRIMARY KEY)`}, nil},
	{"Rails 8", []string{
		`CREATE TABLE "schema_migrations" ("version" varchar NOT NULL PRIMARY KEY)`,
		`CREATE TABLE "ar_internal_metadata" ("key" varchar NOT NULL PRIMARY KEY, "value" varchar, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL)`,
	}, []string{"Rails"}},
	{"Rails 4", []string{
		`CREATE TABLE "schema_migrations" ("version" varchar(255) NOT NULL)`,
		`CREATE UNIQUE INDEX "unique_schema_migrations" ON "schema_migrations" ("version")`,
	}, []string{"Rails"}},
	{"Rails, a second database without migrations", []string{
		`CREATE TABLE "users" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "a" integer, "b" integer, CONSTRAINT "fk_rails_0123456789" FOREIGN KEY ("a") REFERENCES "users" ("id"))`,
		`CREATE INDEX "index_users_on_a_and_b" ON "users" ("a", "b")`,
	}, []string{"Rails"}},
	{"Ecto", []string{`CREATE TABLE "schema_migrations" ("version" INTEGER PRIMARY KEY, "inserted_at" TEXT)`}, []string{"Ecto"}},
	{"golang-migrate", []string{`CREATE TABLE schema_migrations (version uint64,dirty bool)`}, []string{"golang-migrate"}},
	{"dbmate", []string{`CREATE TABLE "schema_migrations" (version varchar(128) primary key)`}, []string{"dbmate"}},
	// So has migrations.
	{"Laravel 5", []string{`CREATE TABLE "migrations" ("migration" varchar not null, "batch" integer not null)`}, []string{"Laravel"}},
	{"TypeORM", []string{`CREATE TABLE "migrations" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "timestamp" bigint NOT NULL, "name" varchar NOT NULL)`}, []string{"TypeORM"}},
	{"TypeORM synchronized", []string{
		`CREATE TABLE "a" ("id" varchar PRIMARY KEY NOT NULL, "b" integer, CONSTRAINT "UQ_0123456789abcdef01234567890" UNIQUE ("b"))`,
		`CREATE INDEX "IDX_0123456789abcdef0123456789" ON "a" ("b")`,
	}, []string{"TypeORM"}},
	{"migrations by hand", []string{`CREATE TABLE migrations (id INTEGER PRIMARY KEY, name TEXT, timestamp TEXT)`}, nil},
	{"django_migrations with other columns", []string{`CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, name TEXT)`}, nil},
	{"Django without migrations", []string{
		`CREATE TABLE "a" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "b_id" integer NOT NULL REFERENCES "a" ("id") DEFERRABLE INITIALLY DEFERRED)`,
		`CREATE INDEX "a_b_id_0cd325b0" ON "a" ("b_id")`,
	}, []string{"Django"}},
	{"Django 1.4", []string{
		`CREATE TABLE "django_content_type" ("id" integer NOT NULL PRIMARY KEY, "name" varchar(100) NOT NULL, "app_label" varchar(100) NOT NULL, "model" varchar(100) NOT NULL)`,
		`CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL)`,
	}, []string{"Django"}},
	{"South", []string{`CREATE TABLE "south_migrationhistory" ("id" integer NOT NULL PRIMARY KEY, "app_name" varchar(255) NOT NULL, "migration" varchar(255) NOT NULL, "applied" datetime NOT NULL)`}, []string{"Django"}},
	{"Sequelize", []string{"CREATE TABLE `SequelizeMeta` (`name` VARCHAR(255) NOT NULL UNIQUE PRIMARY KEY)"}, []string{"Sequelize"}},
	{"Sequelize synced", []string{"CREATE TABLE `Users` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `name` VARCHAR(255), `createdAt` DATETIME NOT NULL, `updatedAt` DATETIME NOT NULL)"}, []string{"Sequelize"}},
	{"Knex", []string{
		"CREATE TABLE `knex_migrations` (`id` integer not null primary key autoincrement, `name` varchar(255), `batch` integer, `migration_time` datetime)",
		"CREATE TABLE `knex_migrations_lock` (`index` integer not null primary key autoincrement, `is_locked` integer)",
	}, []string{"Knex"}},
	{"Drizzle pushed", []string{
		"CREATE TABLE `users` (\n\t`id` integer PRIMARY KEY NOT NULL,\n\t`email` text NOT NULL\n)",
		"CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`)",
	}, []string{"Drizzle"}},
	{"Prisma pushed", []string{
		"CREATE TABLE \"User\" (\n    \"id\" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,\n    \"email\" TEXT NOT NULL\n)",
		"CREATE TABLE \"Post\" (\n    \"id\" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,\n    \"authorId\" INTEGER NOT NULL,\n    CONSTRAINT \"Post_authorId_fkey\" FOREIGN KEY (\"authorId\") REFERENCES \"User\" (\"id\") ON DELETE RESTRICT ON UPDATE CASCADE\n)",
		"CREATE UNIQUE INDEX \"User_email_key\" ON \"User\"(\"email\")",
	}, []string{"Prisma"}},
	// Names that Postgres gives, as a converter of dumps leaves them.
	{"from a Postgres dump", []string{
		`CREATE TABLE users (id integer primary key, email text)`,
		`CREATE TABLE posts (id integer primary key, user_id integer, CONSTRAINT posts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE)`,
		`CREATE UNIQUE INDEX users_email_key ON users (email)`,
	}, nil},
	{"GORM 2", []string{
		"CREATE TABLE `users` (`id` integer PRIMARY KEY AUTOINCREMENT,`name` text,`admin` numeric DEFAULT false,`deleted_at` datetime)",
		"CREATE INDEX `idx_users_deleted_at` ON `users`(`deleted_at`)",
	}, []string{"GORM"}},
	{"names like GORM's, by hand", []string{
		"CREATE TABLE users (id integer PRIMARY KEY, name text, team integer, CONSTRAINT fk_users_team FOREIGN KEY (team) REFERENCES users (id))",
		"CREATE INDEX idx_users_name ON users (name)",
	}, nil},
	{"SQLAlchemy without Alembic", []string{
		"CREATE TABLE a (\n\tid INTEGER NOT NULL, \n\tb INTEGER, \n\tPRIMARY KEY (id), \n\tFOREIGN KEY(b) REFERENCES a (id)\n)",
	}, []string{"SQLAlchemy"}},
	{"SQLAlchemy, one table", []string{
		"CREATE TABLE a (\n\tid INTEGER NOT NULL, \n\tb VARCHAR(20), \n\tPRIMARY KEY (id), \n\tUNIQUE (b)\n)",
	}, []string{"SQLAlchemy"}},
	{"layout of SQLAlchemy alone", []string{"CREATE TABLE a (\n\tid INTEGER NOT NULL, \n\tPRIMARY KEY (id)\n)"}, nil},
	{"Peewee", []string{
		`CREATE TABLE "user" ("id" INTEGER NOT NULL PRIMARY KEY, "name" VARCHAR(255) NOT NULL)`,
		`CREATE UNIQUE INDEX "user_name" ON "user" ("name")`,
	}, []string{"Peewee"}},
	{"peewee_migrate", []string{`CREATE TABLE "migratehistory" ("id" INTEGER NOT NULL PRIMARY KEY, "name" VARCHAR(255) NOT NULL, "migrated_at" DATETIME NOT NULL)`}, []string{"Peewee"}},
	{"sqlite-net", []string{
		"CREATE TABLE \"Stock\"(\n\"Id\" integer primary key autoincrement not null ,\n\"Symbol\" varchar(8) ,\n\"Time\" bigint )",
	}, []string{"sqlite-net"}},
	{"Flyway", []string{`CREATE TABLE flyway_schema_history (installed_rank INT NOT NULL PRIMARY KEY, version VARCHAR(50), description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL, checksum INT, installed_by VARCHAR(100) NOT NULL, installed_on TEXT NOT NULL, execution_time INT NOT NULL, success BOOLEAN NOT NULL)`}, []string{"Hibernate/xerial"}},
	{"Liquibase", []string{`CREATE TABLE DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED TEXT NOT NULL, MD5SUM VARCHAR(35))`}, []string{"Hibernate/xerial"}},
	{"Hibernate", []string{`CREATE TABLE hibernate_sequence (next_val bigint)`}, []string{"Hibernate/xerial"}},
	{"Diesel", []string{`CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)`}, []string{"Diesel"}},
	{"sqlx", []string{`CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)`}, []string{"sqlx"}},
	{"SeaORM", []string{`CREATE TABLE "seaql_migrations" ( "version" varchar NOT NULL PRIMARY KEY, "applied_at" bigint NOT NULL )`}, []string{"SeaORM"}},
	{"Room", []string{
		"CREATE TABLE android_metadata (locale TEXT)",
		"CREATE TABLE room_master_table (id INTEGER PRIMARY KEY,identity_hash TEXT)",
	}, []string{"Room", "Android"}},
	{"PocketBase", []string{
		"CREATE TABLE `_migrations` (file VARCHAR(255) PRIMARY KEY NOT NULL, applied INTEGER NOT NULL)",
		"CREATE TABLE `_collections` (`id` TEXT PRIMARY KEY, `system` BOOLEAN DEFAULT FALSE, `type` TEXT, `name` TEXT UNIQUE)",
	}, []string{"PocketBase"}},
	{"FluentMigrator", []string{`CREATE TABLE "VersionInfo" ("Version" INTEGER NOT NULL, "AppliedOn" DATETIME, "Description" TEXT)`}, []string{"FluentMigrator"}},
	{"goose", []string{`CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`}, []string{"goose"}},
	{"Core Data, not by name alone", []string{`CREATE TABLE Z_METADATA (Z_VERSION INTEGER PRIMARY KEY, Z_UUID VARCHAR(255), Z_PLIST BLOB)`}, nil},
	{"Litestream beside Rails", []string{
		`CREATE TABLE "ar_internal_metadata" ("key" varchar NOT NULL PRIMARY KEY, "value" varchar, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL)`,
		`CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)`,
		`CREATE TABLE _litestream_lock (id INTEGER)`,
	}, []string{"Rails", "Litestream"}},
}

func TestDetect(t *testing.T) {
	t.Parallel()
	for _, c := range detectCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, s := build(t, c.ddl...)
			if diff := cmp.Diff(c.want, names(framework.Detect(s))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBooks(t *testing.T) {
	t.Parallel()
	_, s := build(t, `CREATE TABLE "migrations" ("id" integer primary key, "migration" varchar not null, "batch" integer not null)`,
		`CREATE TABLE users (id integer primary key)`)
	fs := framework.Detect(s)
	b, ok := fs.Leave("Migrations")
	if !ok {
		t.Fatal("migrations is not left alone")
	}
	if diff := cmp.Diff([]string{"migration"}, b.CompareColumns()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, ok := fs.Leave("users"); ok {
		t.Error("users is left alone")
	}
	for _, c := range []struct {
		table   string
		columns []string
		want    string
	}{
		{"schema_migrations", []string{"version"}, "Rails"},
		{"schema_migrations", []string{"version", "inserted_at"}, "Ecto"},
		{"schema_migrations", []string{"version", "dirty"}, "golang-migrate"},
		{"migrations", []string{"id", "timestamp", "name"}, "TypeORM"},
		{"migrations", []string{"id", "migration", "batch"}, "Laravel"},
		{"migrations", []string{"id", "when"}, ""},
		{"databasechangelog", []string{"id", "author", "filename", "md5sum", "tag"}, "Hibernate/xerial"},
		{"users", []string{"id"}, ""},
	} {
		if got, _, _ := framework.BookOf(c.table, c.columns); got != c.want {
			t.Errorf("BookOf(%s, %v) = %q, want %q", c.table, c.columns, got, c.want)
		}
	}
}

// A seed counts only where its natural key is unique, and a generic key only
// beside a foreign key.
func TestSeedsNeedKeys(t *testing.T) {
	t.Parallel()
	_, s := build(t,
		`CREATE TABLE "django_migrations" ("id" integer PRIMARY KEY, "app" varchar(255), "name" varchar(255), "applied" datetime)`,
		`CREATE TABLE "django_content_type" ("id" integer PRIMARY KEY, "app_label" varchar(100), "model" varchar(100))`,
		`CREATE TABLE "django_site" ("id" integer PRIMARY KEY, "domain" varchar(100) UNIQUE, "name" varchar(50))`,
		`CREATE TABLE "a" ("content_type_id" integer, "object_id" integer)`,
		`CREATE TABLE "b" ("target_content_type_id" integer REFERENCES "django_content_type" ("id"), "target_object_id" integer)`,
	)
	f := framework.Detect(s).Named("Django")
	if len(f.Seeds) != 1 || f.Seeds[0].Table != "django_site" {
		t.Errorf("seeds: %v", f.Seeds)
	}
	if len(f.Generic) != 1 || f.Generic[0].Table.Name != "b" {
		t.Errorf("generic keys: %v", f.Generic)
	}
}
