package translate

import (
	"strconv"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

var randomFunctions = map[string]function{
	"random":     {randomFunction, 0, 0},
	"randomblob": {randomblobFunction, 1, 1},
}

// maxRandom bounds randomblob().
const maxRandom = 1024

// randomBytes writes an expression of n random bytes. gen_random_uuid() is the
// only strong source outside of extensions; hashing it leaves no fixed bits.
func randomBytes(n int) string {
	const block = "sha256(uuid_send(gen_random_uuid()))"
	var parts []string
	for ; n > 32; n -= 32 {
		parts = append(parts, block)
	}
	parts = append(parts, "substring("+block+" from 1 for "+strconv.Itoa(n)+")")
	return "(" + strings.Join(parts, " || ") + ")"
}

// mayBeVolatile refuses random values where Postgres wants stable ones.
func (b *builder) mayBeVolatile(what string) error {
	if b.ctx != defaultValue && b.ctx != view {
		return unsupported(what, "a random value may stand only in defaults and views", "")
	}
	b.volatileN++
	return nil
}

// randomFunction rebuilds random(), a 64-bit integer.
func randomFunction(b *builder, _ *syntax.Call) (term, error) {
	if err := b.mayBeVolatile("function random()"); err != nil {
		return term{}, err
	}
	return value("('x' || encode("+randomBytes(8)+", 'hex'))::bit(64)::bigint", sqltype.Int8), nil
}

// randomblobFunction rebuilds randomblob(n).
func randomblobFunction(b *builder, c *syntax.Call) (term, error) {
	n, err := b.expr(c.Args[0])
	if err != nil {
		return term{}, err
	}
	if n.lit == nil || n.lit.kind != constInt || n.lit.i > maxRandom {
		return term{}, unsupported("function randomblob()", "its length is not a small literal", "")
	}
	if err := b.mayBeVolatile("function randomblob()"); err != nil {
		return term{}, err
	}
	t := value(randomBytes(int(max(n.lit.i, 1))), sqltype.Bytea)
	t.notNull = true
	return t, nil
}

// randomCall recognises lower(...) and upper(...) around a random UUID.
func (b *builder) randomCall(c *syntax.Call) (term, bool, error) {
	if c.Name != "lower" && c.Name != "upper" || len(c.Args) != 1 {
		return term{}, false, nil
	}
	return b.randomUUID(c)
}

// randomIdiom recognises a || b || c of random hexadecimal digits that make a
// UUID.
func (b *builder) randomIdiom(e *syntax.Binary) (term, bool, error) {
	if e.Op != "||" {
		return term{}, false, nil
	}
	return b.randomUUID(e)
}

// randomUUID rebuilds an expression whose shape is that of a random UUID as
// gen_random_uuid().
func (b *builder) randomUUID(e syntax.Expr) (term, bool, error) {
	s, ok := hexShape(e, 0)
	if !ok {
		return term{}, false, nil
	}
	lower := strings.ToLower(s)
	if lower != "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx" && lower != "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" {
		return term{}, false, nil
	}
	if err := b.mayBeVolatile("random UUID"); err != nil {
		return term{}, true, err
	}
	t := value("gen_random_uuid()::text", sqltype.Text)
	if !strings.ContainsAny(s, "x") {
		t.sql = "upper(gen_random_uuid()::text)"
	}
	t.notNull = true
	return t, true, nil
}

// uuidSQL gives the uuid behind a random UUID's text.
func uuidSQL(t term) (term, bool) {
	if t.sql == "gen_random_uuid()::text" || t.sql == "upper(gen_random_uuid()::text)" {
		return value("gen_random_uuid()", sqltype.UUID), true
	}
	return t, false
}

// hexShape describes an expression of random hexadecimal digits: X for a digit
// in upper case, x in lower case, V and v for one of 8, 9, a, b, and literals
// as they are.
func hexShape(e syntax.Expr, depth int) (string, bool) {
	if depth > 40 {
		return "", false
	}
	switch e := e.(type) {
	case *syntax.Binary:
		l, ok := hexShape(e.L, depth+1)
		if !ok || e.Op != "||" {
			return "", false
		}
		r, ok := hexShape(e.R, depth+1)
		return l + r, ok && len(l)+len(r) <= 64
	case *syntax.Literal:
		ok := e.Kind == syntax.LitString && strings.Trim(e.Text, "-4") == ""
		return e.Text, ok
	case *syntax.Call:
		return callShape(e, depth)
	}
	return "", false
}

// callShape is hexShape of a function call.
func callShape(c *syntax.Call, depth int) (string, bool) {
	switch {
	case (c.Name == "lower" || c.Name == "upper") && len(c.Args) == 1:
		s, ok := hexShape(c.Args[0], depth+1)
		if c.Name == "upper" {
			return strings.ToUpper(s), ok
		}
		return strings.ToLower(s), ok
	case c.Name == "hex" && len(c.Args) == 1:
		r, ok := c.Args[0].(*syntax.Call)
		if !ok || r.Name != "randomblob" || len(r.Args) != 1 {
			return "", false
		}
		n, ok := smallInt(r.Args[0])
		return strings.Repeat("X", 2*n), ok && n <= 16
	case (c.Name == "substr" || c.Name == "substring") && len(c.Args) >= 2:
		return substrShape(c, depth)
	}
	return "", false
}

// substrShape is hexShape of substr(): a cut of random digits, or one of
// '89ab' picked by random().
func substrShape(c *syntax.Call, depth int) (string, bool) {
	if l, ok := c.Args[0].(*syntax.Literal); ok {
		set := strings.ToLower(l.Text)
		pick, ok := shortSource(c.Args[1])
		known := pick == "abs(random()) % 4 + 1" || pick == "1 + abs(random()) % 4" || pick == "(abs(random()) % 4) + 1" || pick == "1 + (abs(random()) % 4)"
		if !ok || !known || l.Kind != syntax.LitString || len(set) != 4 || strings.Trim(set, "89ab") != "" || len(c.Args) != 3 {
			return "", false
		}
		n, ok := smallInt(c.Args[2])
		if strings.ToUpper(l.Text) == l.Text {
			return "V", ok && n == 1
		}
		return "v", ok && n == 1
	}
	s, ok := hexShape(c.Args[0], depth+1)
	from, okFrom := smallInt(c.Args[1])
	n := len(s)
	if len(c.Args) == 3 {
		if n, okFrom = smallInt(c.Args[2]); !okFrom {
			return "", false
		}
	}
	if !ok || !okFrom || from < 1 || from > len(s) {
		return "", false
	}
	s = s[from-1:]
	return s[:min(n, len(s))], true
}

// smallInt reads a literal integer below 1000.
func smallInt(e syntax.Expr) (int, bool) {
	l, ok := e.(*syntax.Literal)
	if !ok || l.Kind != syntax.LitInt || len(l.Text) > 3 {
		return 0, false
	}
	n, err := strconv.Atoi(l.Text)
	return n, err == nil
}
