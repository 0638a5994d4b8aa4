package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// drizzle follows drizzle-kit's SQLite generator. Seconds and milliseconds are
// both integer: the DEFAULT tells which, or else the values do.
var drizzle = Rules{
	Name: "Drizzle",
	Clues: []Sign{
		Wording{
			Like: regexp.MustCompile("^CREATE TABLE [`\"][^`\"]+[`\"] \\(\n\t`[^`]+` (integer|text|real|blob|numeric)"),
			Says: "in back quotes, with a tab before each column",
			Most: true,
		},
		Wording{
			Like: regexp.MustCompile(`\) ON UPDATE (no action|cascade|restrict|set null|set default) ON DELETE (no action|cascade|restrict|set null|set default)`),
			Says: "with foreign keys ON UPDATE ... ON DELETE in lower case",
		},
		IndexNames{Named: "{table}_{columns}_unique", Most: true},
	},
	Books: []Book{
		{Table: "__drizzle_migrations", Columns: "hash, created_at", Shows: Proof, PerEngine: true},
	},
	Columns: []Column{
		{
			Decl: "integer", Default: regexp.MustCompile(`(86400|\* ?1)000\b|1000 ?\*`),
			Type: sqltype.TimestampTZ, Form: typemap.FormMillis, Declared: true, Why: "timestamp_ms: the default is now in milliseconds",
		},
		{
			Decl: "integer", Default: regexp.MustCompile(`(?i)unixepoch\(\)|strftime\('%s'`),
			Type: sqltype.TimestampTZ, Form: typemap.FormSeconds, Declared: true, Why: "timestamp: the default is now in seconds",
		},
		{Decl: "integer", Default: boolDefault, Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "boolean: the default is a word"},
		{Decl: "integer", Name: boolName, Type: sqltype.Bool, Form: FormBool, Why: "boolean: integer, by its name"},
		{Decl: "integer", Name: instantName, Type: sqltype.TimestampTZ, Form: FormEpoch, Why: "timestamp: integer, by its name"},
		{Decl: "text", Default: nowDefault, Type: sqltype.TimestampTZ, Form: FormDatetime, Declared: true, Why: "text: the default is now"},
		{Decl: "text", Name: instantName, Type: sqltype.TimestampTZ, Form: FormDatetime, Why: "text: a datetime, by its name"},
		{Decl: "text", Type: sqltype.Date, Form: FormDate, Why: "text: dates, which SQLite has no type for"},
		{
			Decl: "text", Key: true, Type: sqltype.UUID, Form: FormDashed, Strict: true,
			Why: "text primary key: UUIDs, which SQLite has no type for",
		},
		// The spelling stays as it is in json.
		{Decl: "text", Type: sqltype.JSON, Form: FormJSONDoc, Strict: true, Why: "text in mode json"},
		{Decl: "blob", Type: sqltype.UUID, Form: FormUUIDBlob, Strict: true, Why: "blob: 16 bytes of a UUID"},
		{Decl: "blob", Type: sqltype.JSONB, Form: typemap.FormJSONText, Strict: true, Why: "blob in mode json: JSON text"},
		{Decl: "blob", Type: sqltype.Int8, Form: FormIntText, Why: "blob in mode bigint: decimal digits"},
	},
	Zone: Zone{Name: "UTC", Why: "CURRENT_TIMESTAMP is UTC"},
}
