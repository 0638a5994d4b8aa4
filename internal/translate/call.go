package translate

import (
	"strconv"

	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// rule rebuilds the calls of one function.
type rule func(*builder, *syntax.Call) (term, error)

// function is an entry of the whitelist: its rule and how many arguments it
// takes (max -1: any number).
type function struct {
	rule     rule
	min, max int
}

// functions is the whitelist of scalar functions. init fills it, because some
// rules call back into the builder.
var functions map[string]function

func init() {
	functions = map[string]function{}
	for _, group := range []map[string]function{
		textFunctions, numberFunctions, choiceFunctions, timeFunctions, jsonFunctions, randomFunctions,
	} {
		for name, f := range group {
			functions[name] = f
		}
	}
}

// refused gives the reasons for functions that are known and cannot be
// rebuilt.
var refused = map[string]string{
	"last_insert_rowid": "it belongs to a SQLite connection",
	"changes":           "it belongs to a SQLite connection",
	"total_changes":     "it belongs to a SQLite connection",
	"quote":             "it writes SQLite's literals",
	"sqlite_version":    "it names SQLite's version",
	"sqlite_source_id":  "it names SQLite's version",
	"load_extension":    "it loads code",
	"zeroblob":          "Postgres has no function for it",
	"soundex":           "Postgres has it only in an extension",
	"timediff":          "Postgres has no exact form",
	"like":              "with these arguments it has no form in Postgres",
	"unhex":             "Postgres raises an error where SQLite gives NULL",
	"likelihood":        "its arguments are not understood",
}

// call rebuilds a function call: a window function, an aggregate or a scalar.
func (b *builder) call(c *syntax.Call) (term, error) {
	if t, ok, err := b.randomCall(c); ok || err != nil {
		return t, err
	}
	if c.Over != nil {
		return b.window(c)
	}
	if isAggregate(c) {
		return b.aggregate(c)
	}
	what := "function " + c.Name + "()"
	f, ok := functions[c.Name]
	switch {
	case !ok:
		why, known := refused[c.Name]
		if !known {
			why = "it is not a function of SQLite that is known; the application may define it"
		}
		return term{}, unsupported(what, why, "")
	case c.Star || c.Distinct || c.Filter != nil || len(c.OrderBy) > 0:
		return term{}, unsupported(what, "it is called like an aggregate", "")
	case len(c.Args) < f.min || f.max >= 0 && len(c.Args) > f.max:
		return term{}, unsupported(what, "it is called with "+strconv.Itoa(len(c.Args))+" arguments", "")
	}
	return f.rule(b, c)
}

// args rebuilds all arguments of a call.
func (b *builder) args(c *syntax.Call) ([]term, error) {
	ts := make([]term, len(c.Args))
	for i, a := range c.Args {
		t, err := b.expr(a)
		if err != nil {
			return nil, err
		}
		ts[i] = t
	}
	return ts, nil
}

// textArgs rebuilds all arguments as texts, in a form that functions take.
func (b *builder) textArgs(c *syntax.Call) ([]term, error) {
	ts, err := b.args(c)
	if err != nil {
		return nil, err
	}
	for i, t := range ts {
		if t.cls == clsBlob {
			return nil, unsupported("function "+c.Name+"() of bytea", "SQLite reads the bytes as text", "")
		}
		if t, err = b.text(t); err != nil {
			return nil, err
		}
		ts[i] = plainText(t)
	}
	return ts, nil
}

// numberArgs rebuilds all arguments as numbers.
func (b *builder) numberArgs(c *syntax.Call) ([]term, error) {
	ts, err := b.args(c)
	if err != nil {
		return nil, err
	}
	for i, t := range ts {
		if t.cls == clsText && t.mom == nil {
			return nil, unsupported("function "+c.Name+"() of text", "SQLite takes its numeric prefix", "")
		}
		if ts[i], err = b.number(t); err != nil {
			return nil, err
		}
		if ts[i].cls == clsBlob {
			return nil, unsupported("function "+c.Name+"() of bytea", "SQLite takes its numeric prefix", "")
		}
	}
	return ts, nil
}
