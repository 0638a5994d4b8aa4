package syntax

// Precedences of SQLite's operators, weakest first (parse.y, %left and %right).
const (
	precOr uint8 = iota + 1
	precAnd
	precNot
	precEqual   // = == <> != IS IN LIKE GLOB REGEXP MATCH BETWEEN ISNULL NOTNULL
	precCompare // < <= > >=
	_           // ESCAPE, which stands nowhere but behind LIKE
	precBit     // & | << >>
	precAdd
	precMul
	precConcat // || -> ->>
	precCollate
	precUnary // ~ + -
	precOperand
)

// infix describes the token kinds that can follow an operand.
type infix struct {
	op   string // canonical, of a Binary
	prec uint8  // 0 for none
}

var infixes = [kindN]infix{
	kwOr: {"OR", precOr}, kwAnd: {"AND", precAnd},
	tkEq: {"=", precEqual}, tkNe: {"<>", precEqual},
	tkLt: {"<", precCompare}, tkLe: {"<=", precCompare},
	tkGt: {">", precCompare}, tkGe: {">=", precCompare},
	tkAmp: {"&", precBit}, tkPipe: {"|", precBit},
	tkShl: {"<<", precBit}, tkShr: {">>", precBit},
	tkPlus: {"+", precAdd}, tkMinus: {"-", precAdd},
	tkStar: {"*", precMul}, tkSlash: {"/", precMul}, tkPercent: {"%", precMul},
	tkConcat: {"||", precConcat}, tkArrow: {"->", precConcat}, tkArrow2: {"->>", precConcat},

	kwIs: {"", precEqual}, kwIsnull: {"", precEqual}, kwNotnull: {"", precEqual},
	kwNot: {"", precEqual}, kwLike: {"", precEqual}, kwMatch: {"", precEqual},
	kwBetween: {"", precEqual}, kwIn: {"", precEqual},
	kwCollate: {"", precCollate},
}

// ParseExpr parses a text that is one expression and nothing else. Its errors
// are of type *SyntaxError.
func ParseExpr(sql string) (Expr, error) {
	return parse(sql, func(p *parser) Expr {
		x := p.expr(precOr)
		p.endOfText()
		return x
	})
}

// expr parses an expression whose operators bind at least as strongly as lowest.
func (p *parser) expr(lowest uint8) Expr {
	defer p.leave()
	if !p.enter() {
		return nil
	}
	// p.height is the height of the highest tree read since it was last set
	// to 0: here first of the operand's parts, then of each operator's right side.
	outer := p.height
	p.height = 0
	x := p.operand()
	height := p.height + 1
	for {
		in := infixes[p.tok.kind]
		if in.prec < lowest || in.prec == 0 {
			break
		}
		p.height = 0
		x = p.infix(x, in)
		height = p.grow(height)
	}
	p.height = max(outer, height)
	return x
}

// grow gives the height of a node over a tree of the given height and the
// trees read since p.height was set to 0, and fails when it is too high. A
// chain of operators grows a tree without nesting the parser.
func (p *parser) grow(height int) int {
	height = max(height, p.height) + 1
	if height > maxDepth {
		p.failDepth()
	}
	return height
}

// infix reads an operator and what stands right of it.
func (p *parser) infix(x Expr, in infix) Expr {
	k := p.tok.kind
	p.advance()
	if in.op != "" {
		return &Binary{L: x, R: p.expr(in.prec + 1), Op: in.op}
	}
	switch k {
	case kwIs:
		return p.is(x)
	case kwIsnull:
		return &Is{L: x, R: &Literal{}}
	case kwNotnull:
		return &Is{L: x, R: &Literal{}, Not: true}
	case kwCollate:
		return &Collate{X: x, Collation: p.collation()}
	case kwNot:
		k = p.tok.kind
		if p.accept(kwNull) {
			return &Is{L: x, R: &Literal{}, Not: true}
		}
		if k != kwLike && k != kwMatch && k != kwBetween && k != kwIn {
			p.fail("NULL, LIKE, BETWEEN or IN")
			return nil
		}
		p.advance()
		return p.negatable(x, k, true)
	}
	return p.negatable(x, k, false)
}

// negatable reads what stands right of [NOT] LIKE, BETWEEN or IN. The
// operator k is the last token read.
func (p *parser) negatable(x Expr, k kind, not bool) Expr {
	switch k {
	case kwBetween:
		b := &Between{X: x, Not: not}
		// AND ends the lower bound, so anything stronger belongs to it.
		b.Lo = p.expr(precAnd + 1)
		p.expect(kwAnd, "AND")
		b.Hi = p.expr(precEqual + 1)
		return b
	case kwIn:
		return p.in(x, not)
	}
	l := &Like{X: x, Op: upperASCII(p.src[p.last.start:p.last.end]), Not: not}
	l.Pattern = p.expr(precEqual + 1)
	if p.accept(kwEscape) {
		l.Escape = p.expr(precEqual + 1)
	}
	return l
}

// is reads what stands right of IS: [NOT] [DISTINCT FROM] y.
func (p *parser) is(x Expr) Expr {
	is := &Is{L: x, Not: p.accept(kwNot)}
	if p.accept(kwDistinct) {
		p.expect(kwFrom, "FROM")
		is.Not = !is.Not
	}
	is.R = p.expr(precEqual + 1)
	return is
}

// in reads what stands right of [NOT] IN.
func (p *parser) in(x Expr, not bool) Expr {
	in := &In{X: x, Not: not}
	if !p.accept(tkLP) {
		in.Schema, in.Table = p.qualified("a list, a SELECT or a table")
		if p.accept(tkLP) {
			in.Args = p.args()
		}
		return in
	}
	if p.atSelect() {
		in.Select = p.selectStmt()
		p.expect(tkRP, "a closing parenthesis")
		return in
	}
	in.List = p.args()
	if len(in.List) == 1 {
		// SQLite reads IN ((SELECT ...)) as IN (SELECT ...).
		if sub, ok := in.List[0].(*Subquery); ok {
			in.Select, in.List = sub.Select, nil
		}
	}
	return in
}

// args reads a list of expressions, perhaps empty, and the closing
// parenthesis. It never gives nil.
func (p *parser) args() []Expr {
	list := []Expr{}
	if !p.at(tkRP) {
		list = p.exprs()
	}
	p.expect(tkRP, "a closing parenthesis")
	return list
}

// exprs reads expressions between commas, at least one.
func (p *parser) exprs() []Expr {
	var list []Expr
	for {
		list = append(list, p.expr(precOr))
		if !p.accept(tkComma) {
			return list
		}
	}
}

// orderings reads the terms of an ORDER BY, an index or a key.
func (p *parser) orderings() []Ordering {
	var list []Ordering
	for {
		o := Ordering{X: p.expr(precOr)}
		if !p.accept(kwAsc) {
			o.Desc = p.accept(kwDesc)
		}
		if p.accept(kwNulls) {
			if !p.at(kwFirst) && !p.at(kwLast) {
				p.fail("FIRST or LAST")
			}
			o.Nulls = p.word()
		}
		list = append(list, o)
		if !p.accept(tkComma) {
			return list
		}
	}
}

// orderBy reads an ORDER BY clause if one stands here.
func (p *parser) orderBy() []Ordering {
	if !p.accept(kwOrder) {
		return nil
	}
	p.expect(kwBy, "BY")
	return p.orderings()
}
