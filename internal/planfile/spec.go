package planfile

// field is one key of the file.
type field struct {
	key, about string
	kind       kind
}

// kind is what a key's value looks like.
type kind uint8

const (
	text kind = iota
	number
	hash
	into
	tableAction
	columnAction
	typeName
	formNames
	policies
	source
	tables
	columns
)

// The keys at each level of the file, in the order in which they are written.
var (
	planFields = []field{
		{"version", "the version of this form", number},
		{"source", "the file that the plan was made for", source},
		{"into", "create: litehaul makes the tables; existing: an application made them", into},
		{"schema", "the schema of the target, for tables that name none themselves", text},
		{"policies", "what holds for the whole run, named as the flags of litehaul migrate", policies},
		{"tables", "the tables of the source, by their names", tables},
	}
	sourceFields = []field{
		{"file", "its name, relative to the plan", text},
		{"hash", "that of its whole schema", hash},
	}
	tableFields = []field{
		{"action", "load its rows, skip it, or compare it with the target's own and leave it alone", tableAction},
		{"rows", "how many there were when the plan was made; others are no reason to refuse", number},
		{"to", `the table of the target, or schema.table; a name with a dot stands in double quotes: '"my.table"'`, text},
		{"source", "the hash of the definition in the source", hash},
		{"target", "the hash of the definition in the target, of a table that an application made", hash},
		{"columns", "the columns, by their names in the source", columns},
	}
	columnFields = []field{
		{"declared", "the type that the source declares", text},
		{"action", "load it, or skip it: leave it behind", columnAction},
		{"to", "the column of the target, where it has another name", text},
		{"type", "the Postgres type; without it, the choice is litehaul's", typeName},
		{"form", "how the values stand in the source, where that is not how the type is written", formNames},
	}
)

// Words are those of the values that other packages understand.
type Words struct {
	// Forms are the names of forms.
	Forms []string
	// Types are examples of types, for editors; CheckType says of any whether it
	// may be chosen.
	Types     []string
	CheckType func(string) error
	Policies  []Choice
}

// Choice is a policy that a plan may name.
type Choice struct {
	Name, About string
	// Allowed are the words that it may be, the default first; nil where Check
	// tells.
	Allowed []string
	Check   func(string) error
}

func (w *Words) policy(name string) *Choice {
	for i := range w.Policies {
		if w.Policies[i].Name == name {
			return &w.Policies[i]
		}
	}
	return nil
}

var (
	tableActions  = []string{string(Load), string(Skip), string(Compare)}
	columnActions = []string{string(Load), string(Skip)}
	intos         = []string{Create, Existing}
)
