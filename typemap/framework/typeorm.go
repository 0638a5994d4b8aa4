package framework

import (
	"regexp"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/typemap"
)

// typeORM follows its DefaultNamingStrategy, which ends names in a part of a
// SHA-1, and the SQLite drivers' preparePersistentValue.
var typeORM = Rules{
	Name: "TypeORM",
	Clues: []Sign{
		IndexNames{Like: regexp.MustCompile(`^IDX_[0-9a-f]{26}$`), Says: "named IDX_ and a hash"},
		KeyNames{Like: regexp.MustCompile(`^FK_[0-9a-f]{27}$`), Says: "named FK_ and a hash"},
		Wording{
			Like: regexp.MustCompile(`CONSTRAINT "(UQ_[0-9a-f]{27}|REL_[0-9a-f]{26}|PK_[0-9a-f]{27})"`),
			Says: "with keys named UQ_, REL_ or PK_ and a hash",
		},
	},
	Books: []Book{
		{Table: "migrations", Columns: "id integer, timestamp bigint, name varchar", Only: true, Shows: Proof, Compare: "name"},
		{Table: "typeorm_metadata", Columns: "type, database, schema, table, name, value", Shows: Proof},
	},
	Columns: []Column{
		{
			Decl: "varchar", Key: true, Type: sqltype.UUID, Form: FormDashed, Strict: true,
			Why: "PrimaryGeneratedColumn('uuid'): varchar",
		},
		{Decl: "jsonb", Type: sqltype.JSONB, Form: typemap.FormJSONB, Declared: true, Why: "jsonb: blobs of SQLite's binary JSONB"},
		{Decl: "boolean", Type: sqltype.Bool, Form: FormBool, Declared: true, Why: "boolean"},
	},
	Zone: Zone{Name: "UTC", Why: "the drivers write UTC"},
}
