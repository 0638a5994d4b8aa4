package framework

import "github.com/litehaul/litehaul/internal/postgres/sqltype"

// laravel follows Illuminate's SQLiteGrammar.
var laravel = Rules{
	Name: "Laravel",
	Books: []Book{
		{Table: "migrations", Columns: "migration varchar, batch integer", Shows: Proof, Compare: "migration"},
	},
	Columns: []Column{
		{Decl: "tinyint(1)", Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "boolean: tinyint(1)"},
	},
	Zone: Zone{Name: "UTC", Loose: true, Why: "timezone of config/app.php is UTC by default"},
}
