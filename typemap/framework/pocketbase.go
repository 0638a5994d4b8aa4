package framework

import "github.com/litehaul/litehaul/internal/postgres/sqltype"

// pocketBase writes dates as text with Z, and ” where there is none.
var pocketBase = Rules{
	Name: "PocketBase",
	Clues: []Sign{
		Book{Table: "_collections", Columns: "id, system, type, name"},
		Book{Table: "_params", Columns: "id, value, created, updated"},
		Book{Table: "_externalAuths", Columns: "id, provider, providerId"},
	},
	Books: []Book{
		{Table: "_migrations", Columns: "file, applied", Only: true, Shows: Clue, Compare: "file"},
	},
	Columns: []Column{
		{Decl: "text", Type: sqltype.TimestampTZ, Form: FormDatetime, Why: "date: text with Z"},
		{Decl: "numeric", Type: sqltype.Float8, Form: FormFloat, Declared: true, Why: "number: a float"},
		{Decl: "boolean", Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "bool"},
		{Decl: "json", Type: sqltype.JSONB, Form: FormJSONDoc, Declared: true, Why: "json, or a field of several values"},
	},
	Zone: Zone{Name: "UTC", Sure: true, Why: "dates are UTC"},
}
