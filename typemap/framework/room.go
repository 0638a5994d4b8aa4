package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// room is Android's Room. A Date is what the application's converter makes of
// it, milliseconds by the documentation's example.
var room = Rules{
	Name: "Room",
	Books: []Book{
		{Table: "room_master_table", Columns: "id, identity_hash", Only: true, Shows: Proof, Compare: "identity_hash", PerEngine: true},
	},
	Columns: []Column{
		{Decl: "integer", Name: boolName, Type: sqltype.Bool, Form: FormBool, Why: "Boolean: INTEGER, by its name"},
		{Decl: "integer", Name: roomDate, Type: sqltype.TimestampTZ, Form: typemap.FormMillis, Why: "Date: milliseconds, by its name"},
		{Decl: "blob", Type: sqltype.UUID, Form: FormUUIDBlob, Strict: true, Why: "UUID: 16 bytes"},
	},
}

var roomDate = regexp.MustCompile(`(?i)(_at|_ms|_time|_date|timestamp|millis|^time|^date|created|modified|updated)$|[a-z](At|Time|Date|On)$`)

// android is the table that Android's SQLiteOpenHelper makes.
var android = Rules{
	Name:  "Android",
	Books: []Book{{Table: "android_metadata", Columns: "locale", Only: true, Shows: Proof}},
}
