package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
)

// django follows django/db/backends/sqlite3/base.py (data_types) and
// schema.py (names of indexes, deferrable foreign keys).
var django = Rules{
	Name: "Django",
	Clues: []Sign{
		Wording{
			Like: regexp.MustCompile(`REFERENCES "[^"]+" \("[^"]+"\) DEFERRABLE INITIALLY DEFERRED`),
			Says: "with foreign keys DEFERRABLE INITIALLY DEFERRED",
		},
		// Before Django 1.7 there were no migrations.
		Book{Table: "django_content_type", Columns: "app_label, model"},
		Book{Table: "django_session", Columns: "session_key, session_data, expire_date"},
		IndexNames{Like: regexp.MustCompile(`_[0-9a-f]{8}(_uniq|_like)?$`), Says: "that end in eight hex digits", Most: true},
	},
	Books: []Book{
		{Table: "django_migrations", Columns: "app, name, applied", Shows: Proof, Compare: "app, name"},
		{Table: "south_migrationhistory", Columns: "app_name, migration, applied", Shows: Proof, Compare: "app_name, migration"},
	},
	Seeds: []Seed{
		{Table: "django_content_type", Key: []KeyColumn{{Column: "app_label"}, {Column: "model"}}},
		{Table: "auth_permission", Key: []KeyColumn{{"content_type_id", "django_content_type"}, {Column: "codename"}}},
		{Table: "django_site", Key: []KeyColumn{{Column: "domain"}}},
	},
	Generic: []Generic{{
		Parent: "django_content_type", Type: "content_type_id",
		Object: []string{"object_id", "object_pk"}, Target: "{app_label}_{model}",
	}},
	Columns: []Column{
		{Decl: "char(32)", Type: sqltype.UUID, Form: FormHex, Declared: true, Why: "UUIDField: char(32) of hex digits"},
		{Decl: "char(39)|char(15)", Type: sqltype.Inet, Form: FormInet, Declared: true, Why: "GenericIPAddressField: char(39)"},
		{Decl: "datetime", Type: sqltype.TimestampTZ, Form: FormDatetime, Declared: true, Why: "DateTimeField: UTC without a zone, as USE_TZ writes it"},
		{Decl: "bool", Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "BooleanField"},
		// A DurationField is a bigint like any other: nothing tells it.
	},
	Zone: Zone{Name: "UTC", Why: "USE_TZ = True, in every new project's settings, keeps UTC"},
}
