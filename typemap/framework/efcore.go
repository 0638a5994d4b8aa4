package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// efCore follows EF Core's migrations SQL generator and the value binder of
// Microsoft.Data.Sqlite. All its columns are TEXT, INTEGER, REAL or BLOB: only
// the values' own forms, which .NET writes always the same, tell more.
var efCore = Rules{
	Name: "EF Core",
	Clues: []Sign{
		Wording{
			Like: regexp.MustCompile(`"[^"]+" (INTEGER|TEXT|BLOB) NOT NULL CONSTRAINT "PK_[^"]+" PRIMARY KEY`),
			Says: `with named primary keys in the column: CONSTRAINT "PK_..." PRIMARY KEY`,
			Most: true,
		},
		Wording{
			Like: regexp.MustCompile(`^CREATE TABLE "[^"]+" \(\r?\n    "[^"]+" (INTEGER|TEXT|REAL|BLOB) (NOT )?NULL`),
			Says: "of TEXT, INTEGER, REAL and BLOB, NULL written out",
			Most: true,
		},
		IndexNames{Named: "IX_{table}_{columns}", Most: true},
		KeyNames{Named: "FK_{table}_{parent}_{columns}"},
	},
	Books: []Book{
		{
			Table: "__EFMigrationsHistory", Columns: "MigrationId, ProductVersion",
			Shows: Proof, Compare: "MigrationId", PerEngine: true,
		},
		{Table: "__EFMigrationsLock", Columns: "Id, Timestamp", Shows: Clue},
	},
	Columns: []Column{
		// A string that holds a GUID is lower case: Guid.ToString.
		{Decl: "text", Type: sqltype.UUID, Form: FormUpper, Why: "Guid: text in upper case"},
		{Decl: "text", Type: sqltype.TimestampTZ, Form: FormDatetime, Why: "DateTimeOffset: text with an offset"},
		{Decl: "text", Type: sqltype.Timestamp, Form: FormDatetime, Why: "DateTime: text without a zone"},
		{Decl: "text", Type: sqltype.Date, Form: FormDate, Why: "DateOnly: text"},
		{Decl: "text", Type: sqltype.Interval, Form: FormTimeSpan, Strict: true, Why: "TimeSpan: text with days, or below zero"},
		// "1.0" may be a version: the name or the default must say that it counts.
		{
			Decl: "text", Type: sqltype.Numeric, Form: FormDecimal, Why: "decimal: text, by its default",
			Default: regexp.MustCompile(`^\(?'?-?\d+\.\d+'?\)?$`),
		},
		{Decl: "text", Name: moneyName, Type: sqltype.Numeric, Form: FormDecimal, Why: "decimal: text, by its name"},
		{Decl: "blob", Type: sqltype.UUID, Form: typemap.FormGUID, Strict: true, Why: "Guid of Microsoft.Data.Sqlite 2: 16 bytes"},
		{Decl: "integer", Name: boolName, Type: sqltype.Bool, Form: FormBool, Why: "bool: INTEGER, by its name"},
	},
}

// moneyName finds what is counted in decimals.
var moneyName = regexp.MustCompile(`(?i)(price|cost|amount|total|balance|discount|tax|fee|salary|budget|revenue|` +
	`freight|quantity|weight|rate|credit|debit|percent(age)?|pct)$`)
