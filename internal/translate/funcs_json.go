package translate

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

var jsonFunctions = map[string]function{
	"json_valid":        {jsonValidFunction, 1, 1},
	"json_extract":      {jsonExtractFunction, 2, 2},
	"json_array_length": {jsonArrayLengthFunction, 1, 2},
	"json_type":         {jsonTypeFunction, 1, 2},
	"json":              {jsonFunction, 1, 1},
	"json_object":       {jsonBuildFunction("json_build_object"), 0, -1},
	"json_array":        {jsonBuildFunction("json_build_array"), 0, -1},
}

// jsonArg asks for a json or jsonb value, as an operand of type jsonb.
func jsonArg(what string, t term) (term, error) {
	switch {
	case t.cls == clsJSONValue || t.cls == clsJSON && t.typ.Kind == sqltype.JSONB:
		return t, nil
	case t.cls == clsJSON:
		return recast(t, "jsonb", sqltype.JSONB), nil
	case t.lit != nil && t.lit.kind == constText && json.Valid([]byte(t.lit.s)):
		return recast(t, "jsonb", sqltype.JSONB), nil
	}
	return term{}, unsupported(what+" of "+t.cls.String(), "Postgres raises an error where a text is not JSON", "give the column type jsonb")
}

// jsonValidFunction rebuilds json_valid(): a json column is always valid.
func jsonValidFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	x := ts[0]
	switch {
	case x.lit != nil && x.lit.kind == constText && json.Valid([]byte(x.lit.s)):
		return intConst(1).term()
	case x.cls == clsJSON && x.notNull:
		return intConst(1).term()
	case x.cls == clsJSON:
		return condTerm("CASE WHEN "+x.wrap()+" IS NOT NULL THEN true END", "CASE"), nil
	}
	return term{}, unsupported("function json_valid() of "+x.cls.String(), "Postgres before 16 has no such test", "IS JSON, from Postgres 16 on, or give the column type jsonb")
}

// jsonStep is a step of a path: an object's key or an array's index.
type jsonStep struct {
	key     string
	index   int
	isIndex bool
}

// jsonPath reads a SQLite JSON path: $, .key, ."key", [n], [#-n].
func jsonPath(p string) ([]jsonStep, bool) {
	if !strings.HasPrefix(p, "$") {
		return nil, false
	}
	var steps []jsonStep
	for p = p[1:]; p != ""; {
		n, step, ok := jsonPathStep(p)
		if !ok || len(steps) > 100 {
			return nil, false
		}
		steps, p = append(steps, step), p[n:]
	}
	return steps, true
}

func jsonPathStep(p string) (n int, step jsonStep, ok bool) {
	switch {
	case strings.HasPrefix(p, `."`):
		end := strings.IndexByte(p[2:], '"')
		if end < 0 || strings.Contains(p[2:2+end], `\`) {
			return 0, step, false
		}
		return end + 3, jsonStep{key: p[2 : 2+end]}, true
	case p[0] == '.':
		end := strings.IndexAny(p[1:], ".[")
		if end < 0 {
			end = len(p) - 1
		}
		return end + 1, jsonStep{key: p[1 : 1+end]}, end > 0
	case p[0] == '[':
		end := strings.IndexByte(p, ']')
		if end < 0 {
			return 0, step, false
		}
		text := p[1:end]
		back := strings.HasPrefix(text, "#-")
		i, err := strconv.ParseUint(strings.TrimPrefix(text, "#-"), 10, 31)
		step = jsonStep{index: int(i), isIndex: true}
		if back {
			step.index = -step.index
		}
		return end + 1, step, err == nil && (!back || i > 0)
	}
	return 0, step, false
}

// walk writes the steps as -> operators, which tell keys from indexes.
func walk(x term, steps []jsonStep) (term, error) {
	sql := x.wrap()
	for _, s := range steps {
		if s.isIndex {
			sql += " -> " + strings.ReplaceAll("("+strconv.Itoa(s.index)+")", "(0)", "0")
			continue
		}
		q, err := quoteText(s.key)
		if err != nil {
			return term{}, err
		}
		sql += " -> " + q
	}
	t := value(sql, sqltype.JSONB)
	t.atom = len(steps) == 0
	return t, nil
}

// pathOf reads the second argument of JSON functions.
func (b *builder) pathOf(what string, t term) ([]jsonStep, error) {
	if t.lit != nil && t.lit.kind == constText {
		if steps, ok := jsonPath(t.lit.s); ok {
			return steps, nil
		}
	}
	return nil, unsupported(what, "its path is not a literal of keys and indexes", "")
}

// extracted makes the value that json_extract and ->> give: JSON's null is
// SQL's NULL.
func extracted(t term) term {
	return term{sql: "NULLIF(" + t.sql + ", 'null'::jsonb)", typ: sqltype.Type{Kind: sqltype.JSONB}, cls: clsJSONValue, atom: true}
}

func jsonExtractFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	x, err := jsonArg("function json_extract()", ts[0])
	if err != nil {
		return term{}, err
	}
	steps, err := b.pathOf("function json_extract()", ts[1])
	if err != nil {
		return term{}, err
	}
	t, err := walk(x, steps)
	return extracted(t), err
}

// jsonArrow rebuilds -> and ->>; the right side is a path, a key or an index.
func (b *builder) jsonArrow(op string, l, r term) (term, error) {
	x, err := jsonArg("operator "+op, l)
	if err != nil {
		return term{}, err
	}
	var steps []jsonStep
	switch {
	case r.lit != nil && r.lit.kind == constText && strings.HasPrefix(r.lit.s, "$"):
		steps, err = b.pathOf("operator "+op, r)
	case r.lit != nil && r.lit.kind == constText:
		steps = []jsonStep{{key: r.lit.s}}
	case r.lit != nil && r.lit.kind == constInt && r.lit.i == int64(int32(r.lit.i)): //nolint:gosec // the round trip is the test
		steps = []jsonStep{{index: int(r.lit.i), isIndex: true}}
	default:
		err = unsupported("operator "+op, "its right side is not a literal", "")
	}
	if err != nil {
		return term{}, err
	}
	t, err := walk(x, steps)
	if op == "->>" {
		t = extracted(t)
	}
	return t, err
}

// jsonText gives a JSON value as text. Booleans, 1 and 0 in SQLite, are
// written so; objects and arrays keep Postgres' own spacing, which is why only
// views may have them.
func (b *builder) jsonText(t term) (term, error) {
	if b.ctx != view {
		return term{}, unsupported("JSON value as text", "SQLite and Postgres write objects and arrays differently", "compare it with a literal")
	}
	return value("CASE jsonb_typeof("+t.sql+") WHEN 'boolean' THEN ("+t.sql+")::boolean::int::text ELSE "+t.wrap()+" #>> '{}' END", sqltype.Text), nil
}

// jsonNumber casts a JSON value to bigint or double precision: texts by the
// number that they begin with, objects and arrays to 0.
func jsonNumber(t term, k sqltype.Kind) term {
	v, text := t.wrap(), t.wrap()+" #>> '{}'"
	number, ofText := "trunc("+v+"::numeric)::bigint", intOfText(text)
	if k == sqltype.Float8 {
		number, ofText = v+"::numeric::float8", realOfText(text)
	}
	return value("CASE jsonb_typeof("+t.sql+") WHEN 'number' THEN "+number+" WHEN 'boolean' THEN "+v+"::boolean::int"+
		" WHEN 'string' THEN "+ofText+" WHEN 'object' THEN 0 WHEN 'array' THEN 0 END", k)
}

// jsonPair compares a JSON value with a literal. In jsonb the kinds are told
// apart as SQLite's storage classes are.
func (b *builder) jsonPair(op string, l, r term) (pair, error) {
	if l.cls != clsJSONValue {
		p, err := b.jsonPair(mirror(op), r, l)
		if p.whole == "" {
			p.l, p.r, p.op = p.r, p.l, mirror(p.op)
		}
		return p, err
	}
	switch {
	case r.cls == clsJSONValue && !isOrder(op):
		return pair{l: l, r: r, op: op}, nil
	case r.lit == nil || r.lit.kind == constBlob:
		return pair{}, unsupported("comparison of a JSON value with "+r.cls.String(), "its type is known only from row to row", "compare it with a literal")
	case r.lit.kind == constText && isOrder(op):
		return pair{}, unsupported("comparison of a JSON value with a text", "its type is known only from row to row", "")
	case r.lit.kind == constText:
		text, err := json.Marshal(r.lit.s)
		if err != nil {
			return pair{}, unsupported("comparison of a JSON value", "the text is not UTF-8", "")
		}
		q, err := quoteText(string(text))
		return pair{l: l, r: value(q+"::jsonb", sqltype.JSONB), op: op}, err
	}
	return jsonNumberPair(op, l, r)
}

// jsonNumberPair compares a JSON value with a number. Booleans are 0 and 1;
// texts sort after all numbers.
func jsonNumberPair(op string, l, r term) (pair, error) {
	num, ok := r.lit.numericTerm()
	if !ok || l.volatile {
		return pair{}, unsupported("comparison of a JSON value with infinity", "jsonb has none", "")
	}
	v := l.sql
	rest := map[bool]string{true: "true", false: "false"}[op == ">" || op == ">=" || op == "<>"]
	return pair{whole: "CASE jsonb_typeof(" + v + ") WHEN 'number' THEN (" + v + ")::numeric " + op + " " + num.sql +
		" WHEN 'boolean' THEN (" + v + ")::boolean::int " + op + " " + num.sql + " WHEN 'string' THEN " + rest +
		" WHEN 'object' THEN " + rest + " WHEN 'array' THEN " + rest + " END"}, nil
}

// jsonSub rebuilds the value and optional path of json_array_length and
// json_type.
func (b *builder) jsonSub(c *syntax.Call) (term, error) {
	what := "function " + c.Name + "()"
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	x, err := jsonArg(what, ts[0])
	if err != nil || len(ts) == 1 {
		return x, err
	}
	steps, err := b.pathOf(what, ts[1])
	if err != nil {
		return term{}, err
	}
	return walk(x, steps)
}

// jsonArrayLengthFunction rebuilds json_array_length(): 0 for what is no array.
func jsonArrayLengthFunction(b *builder, c *syntax.Call) (term, error) {
	x, err := b.jsonSub(c)
	if err != nil {
		return term{}, err
	}
	t := value("CASE WHEN jsonb_typeof("+x.sql+") = 'array' THEN jsonb_array_length("+x.sql+") WHEN "+x.wrap()+" IS NOT NULL THEN 0 END", sqltype.Int4)
	t.nonNeg = true
	return t, nil
}

// jsonTypeFunction rebuilds json_type() with SQLite's names.
func jsonTypeFunction(b *builder, c *syntax.Call) (term, error) {
	x, err := b.jsonSub(c)
	if err != nil {
		return term{}, err
	}
	return value("CASE jsonb_typeof("+x.sql+") WHEN 'string' THEN 'text' WHEN 'boolean' THEN "+x.cast("text")+
		" WHEN 'number' THEN CASE WHEN "+x.cast("text")+" ~ '^-?[0-9]+$' THEN 'integer' ELSE 'real' END ELSE jsonb_typeof("+x.sql+") END", sqltype.Text), nil
}

// jsonFunction rebuilds json(): the value itself.
func jsonFunction(b *builder, c *syntax.Call) (term, error) {
	ts, err := b.args(c)
	if err != nil {
		return term{}, err
	}
	if ts[0].cls == clsJSON {
		ts[0].column = false
		return ts[0], nil
	}
	return jsonArg("function json()", ts[0])
}

// jsonBuildFunction rebuilds json_object() and json_array() in views.
func jsonBuildFunction(name string) rule {
	return func(b *builder, c *syntax.Call) (term, error) {
		if b.ctx != view {
			return term{}, unsupported("function "+c.Name+"()", "it is rebuilt in views only, as the type json", "")
		}
		if name == "json_build_object" && len(c.Args)%2 != 0 {
			return term{}, unsupported("function "+c.Name+"()", "it needs pairs of names and values", "")
		}
		ts, err := b.args(c)
		if err != nil {
			return term{}, err
		}
		parts := make([]string, len(ts))
		for i, t := range ts {
			t, err := jsonMember(b, t)
			if err != nil {
				return term{}, err
			}
			if name == "json_build_object" && i%2 == 0 && t.cls != clsText {
				return term{}, unsupported("function json_object()", "a name is not a text", "")
			}
			parts[i] = t.sql
		}
		t := value(name+"("+strings.Join(parts, ", ")+")", sqltype.JSON)
		t.notNull = true
		return t, nil
	}
}

// jsonMember gives a value as it goes into JSON.
func jsonMember(b *builder, t term) (term, error) {
	if t.cls == clsBlob || t.cls == clsOther {
		return term{}, unsupported(t.cls.String()+" in JSON", "SQLite refuses it", "")
	}
	if t.cls == clsJSONValue {
		return t, nil
	}
	if t.cls == clsTime || t.cls == clsBool {
		n, err := b.number(t)
		if err == nil {
			return n, nil
		}
		return b.text(t)
	}
	return b.output(t)
}
