package syntax

import "strings"

// columnDef reads one column: name, type, constraints.
func (p *parser) columnDef() ColumnDef {
	c := ColumnDef{Name: p.name("a column name")}
	c.Type = p.typeName()
	if p.last.kind == kwAlways {
		c.Type = withoutGenerated(c.Type)
	}
	for {
		name := ""
		for p.accept(kwConstraint) {
			name = p.name("a constraint name")
		}
		cc, ok := p.columnConstraint()
		if !ok {
			return c // SQLite tolerates a name with no constraint behind it
		}
		if cc.Kind == References && cc.FK == nil {
			continue
		}
		cc.Name = name
		c.Constraints = append(c.Constraints, cc)
	}
}

// withoutGenerated takes GENERATED ALWAYS off the end of a type. Both are
// words that a type may consist of, and SQLite's grammar reads them so.
func withoutGenerated(typ string) string {
	const suffix = "generated always"
	i := len(typ) - len(suffix)
	if i < 0 || !equalFold(typ[i:], suffix) || i > 0 && typ[i-1] != ' ' {
		return typ
	}
	return strings.TrimSuffix(typ[:i], " ")
}

// columnConstraint reads one constraint and tells whether there was one. A
// DEFERRABLE clause, which SQLite's grammar counts as a constraint of its own,
// comes back as References without FK: it belongs to the foreign key before.
func (p *parser) columnConstraint() (c ColumnConstraint, ok bool) {
	switch p.tok.kind {
	case kwPrimary:
		p.columnKey(&c)
	case kwUnique:
		p.advance()
		c.Kind = Unique
		c.Conflict = p.onConflict()
	case kwNull:
		p.advance()
		c.Kind = NullAllowed
		c.Conflict = p.onConflict()
	case kwNot:
		if p.peek(1) == kwDeferrable {
			c.Kind = References
			p.deferrable(p.lastFK)
			break
		}
		p.advance()
		p.expect(kwNull, "NULL or DEFERRABLE")
		c.Kind = NotNull
		c.Conflict = p.onConflict()
	case kwDeferrable:
		c.Kind = References
		p.deferrable(p.lastFK)
	case kwReferences:
		c.Kind = References
		c.FK = p.references()
	case kwCheck:
		p.advance()
		c.Kind = Check
		c.X, c.Text = p.exprInParens()
	case kwDefault:
		c.Kind = Default
		p.defaultValue(&c)
	case kwCollate:
		p.advance()
		c.Kind = CollateWith
		c.Text = p.collation()
	case kwGenerated, kwAs:
		p.generated(&c)
	default:
		return c, false
	}
	return c, true
}

// columnKey reads PRIMARY KEY [ASC | DESC] [ON CONFLICT ...] [AUTOINCREMENT].
func (p *parser) columnKey(c *ColumnConstraint) {
	p.advance()
	p.expect(kwKey, "KEY")
	c.Kind = PrimaryKey
	if !p.accept(kwAsc) {
		c.Desc = p.accept(kwDesc)
	}
	c.Conflict = p.onConflict()
	c.Autoincrement = p.accept(kwAutoincrement)
}

// defaultValue reads DEFAULT and a literal, a signed literal, an expression in
// parentheses, or an identifier, which SQLite takes for a string unless it is
// TRUE or FALSE without quotes.
func (p *parser) defaultValue(c *ColumnConstraint) {
	p.advance()
	if p.at(tkLP) {
		c.X, c.Text = p.exprInParens()
		return
	}
	start := p.tok.start
	switch {
	case p.at(tkPlus), p.at(tkMinus):
		u := &Unary{Op: p.raw()}
		p.advance()
		if u.X = p.literal(); u.X == nil {
			p.fail("a literal")
		}
		c.X = u
	default:
		if c.X = p.literal(); c.X == nil {
			c.X = p.defaultWord()
		}
	}
	c.Text = p.text(start, p.last.end)
}

// defaultWord reads an identifier as a value.
func (p *parser) defaultWord() Expr {
	if !p.isName(asID) {
		p.fail("a default value")
		return nil
	}
	if p.at(tkIdent) {
		if l := truth(p.raw()); l != nil {
			p.advance()
			return l
		}
	}
	return &Literal{Kind: LitString, Text: p.take()}
}

// generated reads [GENERATED ALWAYS] AS (expr) [STORED | VIRTUAL]. Directly
// behind a type, withoutGenerated has seen to the first two words.
func (p *parser) generated(c *ColumnConstraint) {
	if p.accept(kwGenerated) {
		p.expect(kwAlways, "ALWAYS")
	}
	p.expect(kwAs, "AS")
	c.Kind = Generated
	c.X, c.Text = p.exprInParens()
	switch {
	case p.accept(kwVirtual):
	case p.at(tkIdent) && equalFold(p.raw(), "stored"):
		p.advance()
		c.Stored = true
	}
}
