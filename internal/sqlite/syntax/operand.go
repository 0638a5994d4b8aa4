package syntax

import "strings"

// operand reads an expression up to its first infix operator: a literal, a
// name, a call, something in parentheses, or a prefix operator with its own
// operand. NOT may stand here too, whatever stands left of it: it then reaches
// as far as its weak binding lets it.
func (p *parser) operand() Expr {
	switch p.tok.kind {
	case tkLP:
		return p.parenthesised()
	case tkMinus, tkPlus, tkTilde:
		op := p.raw()
		p.advance()
		return &Unary{Op: op, X: p.expr(precUnary)}
	case kwNot:
		p.advance()
		return &Unary{Op: "NOT", X: p.expr(precNot)}
	case tkVariable:
		b := &Bind{Text: p.raw()}
		p.advance()
		return b
	case kwCase:
		return p.caseExpr()
	case kwCast:
		return p.cast()
	case kwExists:
		return p.exists()
	case kwRaise:
		return p.raise()
	case tkString:
		if p.peek(1) == tkDot {
			return p.columnName() // 't'.c
		}
	}
	if l := p.literal(); l != nil {
		return l
	}
	if p.isName(asIdj) {
		if p.peek(1) == tkLP {
			return p.call()
		}
		return p.columnName()
	}
	p.fail("an expression")
	return nil
}

// literal reads a literal (term in parse.y), or gives nil where none stands.
func (p *parser) literal() Expr {
	var text string
	var k LiteralKind
	switch p.tok.kind {
	case kwNull:
		k = LitNull
	case tkInt:
		k, text = LitInt, p.raw()
	case tkFloat:
		k, text = LitFloat, p.raw()
	case tkSeparated:
		var ok bool
		if text, k, ok = joinDigits(p.raw()); !ok {
			p.fail("digits around each _")
		}
	case tkString:
		k, text = LitString, unquote(p.raw())
	case tkBlob:
		k, text = LitBlob, blobBytes(p.raw())
	case kwCurrentTime:
		k = LitCurrentTime
	case kwCurrentDate:
		k = LitCurrentDate
	case kwCurrentTimestamp:
		k = LitCurrentTimestamp
	default:
		return nil
	}
	p.advance()
	return &Literal{Text: text, Kind: k}
}

// columnName reads [[schema.]table.]column. A lone TRUE or FALSE is a literal.
func (p *parser) columnName() Expr {
	n := &Name{}
	first := p.tok
	raw := p.raw()
	n.DoubleQuoted = raw[0] == '"'
	n.Column = p.take()
	for i := 0; i < 2 && p.accept(tkDot); i++ {
		n.DoubleQuoted = p.at(tkQuoted) && p.raw()[0] == '"'
		n.Schema, n.Table, n.Column = n.Table, n.Column, p.name("a column")
	}
	if first.kind == tkIdent && p.last == first {
		if l := truth(raw); l != nil {
			return l
		}
	}
	return n
}

// truth gives the literal that the word stands for, or nil.
func truth(word string) *Literal {
	switch {
	case equalFold(word, "true"):
		return &Literal{Kind: LitTrue}
	case equalFold(word, "false"):
		return &Literal{Kind: LitFalse}
	}
	return nil
}

// parenthesised reads (expr), (a, b, ...) or (select).
func (p *parser) parenthesised() Expr {
	p.advance()
	if p.atSelect() {
		q := &Subquery{Select: p.selectStmt()}
		p.expect(tkRP, "a closing parenthesis")
		return q
	}
	x := p.expr(precOr)
	if p.accept(tkComma) {
		x = &Tuple{List: append([]Expr{x}, p.exprs()...)}
	}
	p.expect(tkRP, "a closing parenthesis")
	return x
}

// caseExpr reads CASE [operand] WHEN ... THEN ... [ELSE ...] END.
func (p *parser) caseExpr() Expr {
	p.advance()
	c := &Case{}
	if !p.at(kwWhen) {
		c.Operand = p.expr(precOr)
	}
	if !p.at(kwWhen) {
		p.fail("WHEN")
	}
	for p.accept(kwWhen) {
		w := When{Cond: p.expr(precOr)}
		p.expect(kwThen, "THEN")
		w.Result = p.expr(precOr)
		c.Whens = append(c.Whens, w)
	}
	if p.accept(kwElse) {
		c.Else = p.expr(precOr)
	}
	p.expect(kwEnd, "END")
	return c
}

// cast reads CAST(x AS type); the type may be missing.
func (p *parser) cast() Expr {
	p.advance()
	p.expect(tkLP, "an opening parenthesis")
	c := &Cast{X: p.expr(precOr)}
	p.expect(kwAs, "AS")
	c.Type = p.typeName()
	p.expect(tkRP, "a closing parenthesis")
	return c
}

// exists reads EXISTS (select).
func (p *parser) exists() Expr {
	p.advance()
	p.expect(tkLP, "an opening parenthesis")
	e := &Exists{Select: p.selectStmt()}
	p.expect(tkRP, "a closing parenthesis")
	return e
}

// raise reads RAISE(IGNORE) and RAISE(ABORT | FAIL | ROLLBACK, message).
func (p *parser) raise() Expr {
	p.advance()
	p.expect(tkLP, "an opening parenthesis")
	r := &Raise{}
	switch p.tok.kind {
	case kwIgnore:
		r.Text = p.word()
	case kwAbort, kwFail, kwRollback:
		r.Text = p.word() + ", "
		p.expect(tkComma, "a comma")
		_, text := p.quoted()
		r.Text += text
	default:
		p.fail("IGNORE, ABORT, FAIL or ROLLBACK")
	}
	p.expect(tkRP, "a closing parenthesis")
	return r
}

// typeName reads a type: words, perhaps with one or two numbers in
// parentheses; "" where there is none. As in SQLite, a type that begins with a
// quoted word is the content of that word and nothing else.
func (p *parser) typeName() string {
	words := make([]string, 0, 4)
	quoted := p.at(tkQuoted) || p.at(tkString)
	for p.isName(asIDs) {
		words = append(words, p.raw())
		p.advance()
	}
	if len(words) == 0 {
		return ""
	}
	typ := strings.Join(words, " ")
	if p.accept(tkLP) {
		typ += "(" + p.signedNumber()
		if p.accept(tkComma) {
			typ += "," + p.signedNumber()
		}
		p.expect(tkRP, "a closing parenthesis")
		typ += ")"
	}
	if quoted {
		return unquote(words[0])
	}
	return typ
}

// signedNumber reads a number with an optional sign, as written.
func (p *parser) signedNumber() string {
	sign := ""
	if p.at(tkPlus) || p.at(tkMinus) {
		sign = p.raw()
		p.advance()
	}
	if !p.at(tkInt) && !p.at(tkFloat) {
		p.fail("a number")
		return ""
	}
	sign += p.raw()
	p.advance()
	return sign
}
