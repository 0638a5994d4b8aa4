package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// coreData is Apple's persistent store: a date is the seconds since 2001, and
// NUMERIC affinity makes integers of whole seconds.
var coreData = Rules{
	Name: "Core Data",
	Books: []Book{
		{Table: "Z_PRIMARYKEY", Columns: "Z_ENT, Z_NAME, Z_SUPER, Z_MAX", Shows: Proof},
		{Table: "Z_METADATA", Columns: "Z_VERSION, Z_UUID, Z_PLIST", Shows: Clue},
		{Table: "Z_MODELCACHE", Columns: "Z_CONTENT", Shows: Clue},
	},
	Columns: []Column{
		{
			Table: regexp.MustCompile(`^Z`), Decl: "timestamp", Type: sqltype.TimestampTZ, Form: typemap.FormCoreData, Declared: true,
			Why: "date: seconds since 2001",
		},
		{Table: regexp.MustCompile(`^Z`), Decl: "blob", Type: sqltype.UUID, Form: FormUUIDBlob, Strict: true, Why: "UUID: 16 bytes"},
	},
	Zone: Zone{Name: "UTC", Sure: true, Why: "seconds since 2001-01-01 00:00 UTC"},
}
