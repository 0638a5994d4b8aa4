package translate

import (
	"strings"

	"github.com/litehaul/litehaul/internal/postgres/sqltype"
	"github.com/litehaul/litehaul/internal/sqlite/syntax"
)

// expr rebuilds one node. It bounds depth and size, and lets columns pass that
// stand inside an expression of GROUP BY.
func (b *builder) expr(e syntax.Expr) (term, error) {
	leave, err := b.enter()
	if err != nil {
		return term{}, err
	}
	defer leave()
	if f := b.frame; f != nil && f.group != nil && f.inAgg == 0 && f.group.isKey(e) {
		f.inAgg++
		defer func() { f.inAgg-- }()
	}
	before, columns := b.volatileN, b.columnN
	t, err := b.node(e)
	if err != nil {
		return term{}, err
	}
	if b.ctx == Generated && columns == b.columnN && t.lit == nil && calls(e) {
		// Postgres folds such calls before it has decided on a collation,
		// and then fails (42P22).
		return term{}, unsupported("constant call in a generated column", "Postgres cannot fold it there", "write its value")
	}
	if len(t.sql) > maxSQL {
		return term{}, unsupported("expression", "it is too large when rebuilt", "")
	}
	t.volatile = b.volatileN != before
	return t, nil
}

// node picks the rule for a node.
func (b *builder) node(e syntax.Expr) (term, error) {
	switch e := e.(type) {
	case *syntax.Literal:
		return b.literal(e)
	case *syntax.Name:
		return b.name(e)
	case *syntax.Unary:
		return b.unary(e)
	case *syntax.Binary:
		return b.binary(e)
	case *syntax.Is:
		return b.is(e)
	case *syntax.Like:
		return b.like(e)
	case *syntax.Between:
		return b.between(e)
	case *syntax.In:
		return b.in(e)
	case *syntax.Collate:
		return b.collate(e)
	case *syntax.Cast:
		return b.castExpr(e)
	case *syntax.Case:
		return b.caseExpr(e)
	case *syntax.Call:
		return b.call(e)
	case *syntax.Exists:
		return b.exists(e)
	case *syntax.Subquery:
		return b.subquery(e)
	case *syntax.Tuple:
		if len(e.List) == 1 {
			return b.expr(e.List[0])
		}
		return term{}, unsupported("row value", "it stands where one value is needed", "")
	case *syntax.Bind:
		return term{}, unsupported("parameter", "it has no value in a stored object", "")
	case *syntax.Raise:
		return term{}, unsupported("RAISE", "it belongs to triggers", "")
	}
	return term{}, unsupported("expression", "it is of an unknown kind", "")
}

// literal rebuilds a constant. TRUE and FALSE are the integers 1 and 0.
func (b *builder) literal(e *syntax.Literal) (term, error) {
	switch e.Kind {
	case syntax.LitNull:
		return term{sql: "NULL", cls: clsNull, atom: true}, nil
	case syntax.LitInt, syntax.LitFloat:
		c, ok := parseNumber(e.Text, e.Kind == syntax.LitInt)
		if !ok {
			return term{}, unsupported("number "+e.Text, "it is not a number", "")
		}
		return c.term()
	case syntax.LitString:
		return textConst(e.Text).term()
	case syntax.LitBlob:
		return (&constant{kind: constBlob, s: e.Text}).term()
	case syntax.LitTrue:
		return intConst(1).term()
	case syntax.LitFalse:
		return intConst(0).term()
	case syntax.LitCurrentTime:
		return b.nowAs("CURRENT_TIME", formatTime)
	case syntax.LitCurrentDate:
		return b.nowAs("CURRENT_DATE", formatDate)
	case syntax.LitCurrentTimestamp:
		return b.nowAs("CURRENT_TIMESTAMP", formatDateTime)
	}
	return term{}, unsupported("literal", "it is of an unknown kind", "")
}

// unary rebuilds -x, +x, ~x and NOT x.
func (b *builder) unary(e *syntax.Unary) (term, error) {
	if l, ok := e.X.(*syntax.Literal); ok && e.Op == "-" && l.Kind == syntax.LitInt {
		if l.Text == "9223372036854775808" {
			return intConst(-1 << 63).term()
		}
	}
	x, err := b.expr(e.X)
	if err != nil {
		return term{}, err
	}
	switch e.Op {
	case "NOT":
		c, err := b.condition(x)
		if err != nil {
			return term{}, err
		}
		t := condTerm("NOT "+c.wrap(), "NOT")
		t.notNull = x.notNull
		return t, nil
	case "+":
		x.column, x.hasAff = false, false
		return x, nil
	case "-":
		return b.negate(x)
	case "~":
		n, err := b.integer(x)
		if err != nil {
			return term{}, err
		}
		return term{sql: "~ " + n.wrap(), typ: n.typ, cls: clsInt, op: "~"}, nil
	}
	return term{}, unsupported("operator "+e.Op, "it is not known", "")
}

// negate rebuilds -x.
func (b *builder) negate(x term) (term, error) {
	x, err := b.number(x)
	if err != nil {
		return term{}, err
	}
	if c := x.lit; c != nil && c.kind == constInt && c.i != -1<<63 {
		return intConst(-c.i).term()
	}
	if c := x.lit; c != nil && c.kind == constReal {
		return realConst(-c.f).term()
	}
	x = wide(x)
	return term{sql: "- " + x.wrap(), typ: x.typ, cls: x.cls, op: "-x", loose: x.loose}, nil
}

// wide makes arithmetic 64 bits wide, as SQLite's is: numerics are computed
// as floats, which is what SQLite does with them.
func wide(t term) term {
	switch {
	case t.cls == clsNumeric && t.lit != nil:
		r, err := t.lit.term()
		if err != nil {
			return t
		}
		return r
	case t.cls == clsNumeric, t.typ.Kind == sqltype.Float4:
		return recast(t, "float8", sqltype.Float8)
	case t.cls == clsInt && t.typ.Kind != sqltype.Int8:
		return recast(t, "bigint", sqltype.Int8)
	}
	return t
}

// integer asks for an integer, where SQLite would convert.
func (b *builder) integer(t term) (term, error) {
	n, err := b.number(t)
	if err != nil {
		return term{}, err
	}
	if n.cls != clsInt {
		return term{}, unsupported("integer operator on "+n.cls.String(), "SQLite cuts the value to an integer first", "cast it to INTEGER")
	}
	return wide(n), nil
}

// collate rebuilds x COLLATE name: it is kept as knowledge for comparisons.
func (b *builder) collate(e *syntax.Collate) (term, error) {
	x, err := b.expr(e.X)
	if err != nil {
		return term{}, err
	}
	switch strings.ToUpper(e.Collation) {
	case "BINARY":
		x.coll = collBinary
	case "NOCASE":
		x.coll = collNoCase
	case "RTRIM":
		x.coll = collRTrim
	default:
		return term{}, unsupported("collation "+e.Collation, "only the application that wrote the file knows it", "")
	}
	x.collSet = true
	return x, nil
}

// caseExpr rebuilds CASE. With an operand each WHEN is compared by SQLite's
// rules; the short form is kept where that needs no conversion of the operand.
func (b *builder) caseExpr(e *syntax.Case) (term, error) {
	var operand term
	var err error
	if len(e.Whens) == 0 {
		return term{}, unsupported("CASE", "it has no arms", "")
	}
	if e.Operand != nil {
		if operand, err = b.expr(e.Operand); err != nil {
			return term{}, err
		}
		if operand.volatile {
			return term{}, unsupported("CASE", "its operand gives another value each time", "")
		}
	}
	pairs, arms, err := b.caseArms(e, operand)
	if err != nil {
		return term{}, err
	}
	arms, typ, err := b.unify("CASE", arms)
	if err != nil {
		return term{}, err
	}
	t := term{sql: writeCase(e, pairs, arms), typ: typ, cls: classOf(typ.Kind), op: "CASE"}
	t.atom = true // CASE ... END stands by itself
	t.cond = typ.Kind == sqltype.Bool && allCond(arms)
	t.loose = anyLoose(arms)
	t.coll = arms[0].coll
	if !arms[0].collSet {
		t.coll = collBinary
	}
	return t, nil
}

// caseArms rebuilds the arms, ELSE last.
func (b *builder) caseArms(e *syntax.Case, operand term) (pairs []pair, arms []term, err error) {
	for _, w := range e.Whens {
		p, arm, err := b.when(operand, e.Operand != nil, w)
		if err != nil {
			return nil, nil, err
		}
		pairs, arms = append(pairs, p), append(arms, arm)
	}
	if e.Else == nil {
		return pairs, arms, nil
	}
	x, err := b.expr(e.Else)
	return pairs, append(arms, x), err
}

// when rebuilds one arm.
func (b *builder) when(operand term, has bool, w syntax.When) (pair, term, error) {
	x, err := b.expr(w.Cond)
	if err != nil {
		return pair{}, term{}, err
	}
	var p pair
	if has {
		p, err = b.pair("=", operand, x)
	} else {
		var c term
		c, err = b.condition(x)
		p.whole = c.sql
	}
	if err != nil {
		return pair{}, term{}, err
	}
	arm, err := b.expr(w.Result)
	return p, arm, err
}

// writeCase joins the arms.
func writeCase(e *syntax.Case, pairs []pair, arms []term) string {
	short := e.Operand != nil && uniform(pairs, "=")
	var s strings.Builder
	s.WriteString("CASE")
	if short {
		s.WriteString(" " + pairs[0].l.wrap())
	}
	for i, p := range pairs {
		cond := p.sql()
		if short {
			cond = p.r.wrap()
		}
		s.WriteString(" WHEN " + cond + " THEN " + armSQL(arms[i]))
		if s.Len() > maxSQL {
			break // expr refuses what is this long
		}
	}
	if e.Else != nil {
		s.WriteString(" ELSE " + armSQL(arms[len(arms)-1]))
	}
	s.WriteString(" END")
	return s.String()
}

// armSQL writes an arm; a text literal gets its type.
func armSQL(t term) string {
	if t.lit != nil && t.cls == clsText {
		return t.sql + "::text"
	}
	return t.sql
}

func allCond(ts []term) bool {
	for _, t := range ts {
		if !t.cond && !t.isNull() {
			return false
		}
	}
	return true
}

func anyLoose(ts []term) bool {
	for _, t := range ts {
		if t.loose {
			return true
		}
	}
	return false
}

// calls tells nodes that may need a collation.
func calls(e syntax.Expr) bool {
	switch e.(type) {
	case *syntax.Call, *syntax.Like, *syntax.Cast:
		return true
	}
	return false
}
