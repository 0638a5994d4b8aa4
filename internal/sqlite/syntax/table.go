package syntax

import "strconv"

// ParseCreateTable parses a CREATE TABLE statement. Its errors are of type
// *SyntaxError.
func ParseCreateTable(sql string) (*CreateTable, error) {
	return parse(sql, func(p *parser) *CreateTable {
		t := p.createTable()
		p.end()
		return t
	})
}

// create reads CREATE, and TEMP where it may stand.
func (p *parser) create() {
	p.expect(kwCreate, "CREATE")
	p.accept(kwTemp)
}

// newName reads [IF NOT EXISTS] [schema.]name.
func (p *parser) newName(want string) string {
	if p.accept(kwIf) {
		p.expect(kwNot, "NOT")
		p.expect(kwExists, "EXISTS")
	}
	_, name := p.qualified(want)
	return name
}

func (p *parser) createTable() *CreateTable {
	p.create()
	p.expect(kwTable, "TABLE")
	t := &CreateTable{Name: p.newName("a table name")}
	if p.accept(kwAs) {
		t.AsSelect = true
		p.selectStmt()
		return t
	}
	p.expect(tkLP, "an opening parenthesis")
	for {
		t.Columns = append(t.Columns, p.columnDef())
		if len(t.Columns) > maxColumns {
			p.fail("at most " + strconv.Itoa(maxColumns) + " columns")
		}
		if !p.accept(tkComma) {
			break
		}
		if p.atTableConstraint() {
			p.tableConstraints(t)
			break
		}
	}
	p.expect(tkRP, "a comma or a closing parenthesis")
	p.tableOptions(t)
	return t
}

// tableOptions reads WITHOUT ROWID and STRICT, with commas between. SQLite
// knows these words only without quotes.
func (p *parser) tableOptions(t *CreateTable) {
	if !p.at(kwWithout) && !p.at(tkIdent) {
		return
	}
	for {
		switch {
		case p.accept(kwWithout):
			if !equalFold(p.raw(), "rowid") {
				p.fail("ROWID")
			}
			p.advance()
			t.WithoutRowid = true
		case equalFold(p.raw(), "strict"):
			p.advance()
			t.Strict = true
		default:
			p.fail("WITHOUT ROWID or STRICT")
		}
		if !p.accept(tkComma) {
			return
		}
	}
}

func (p *parser) atTableConstraint() bool {
	switch p.tok.kind {
	case kwConstraint, kwPrimary, kwUnique, kwCheck, kwForeign:
		return true
	}
	return false
}

// tableConstraints reads the constraints behind the columns. SQLite does not
// insist on the commas between them.
func (p *parser) tableConstraints(t *CreateTable) {
	for {
		p.tableConstraint(t)
		if p.accept(tkComma) {
			if !p.atTableConstraint() {
				p.fail("a table constraint")
			}
		}
		if !p.atTableConstraint() {
			return
		}
	}
}

// tableConstraint reads one constraint. SQLite tolerates a CONSTRAINT name
// with nothing behind it.
func (p *parser) tableConstraint(t *CreateTable) {
	var c TableConstraint
	if p.accept(kwConstraint) {
		c.Name = p.name("a constraint name")
	}
	switch p.tok.kind {
	case kwPrimary:
		p.advance()
		p.expect(kwKey, "KEY")
		c.Kind = PrimaryKey
		p.key(&c)
	case kwUnique:
		p.advance()
		c.Kind = Unique
		p.key(&c)
	case kwCheck:
		p.advance()
		c.Kind = Check
		c.X, c.Text = p.exprInParens()
		c.Conflict = p.onConflict()
	case kwForeign:
		p.advance()
		c.Kind = References
		c.FK = p.foreignKey()
	default:
		return
	}
	t.Constraints = append(t.Constraints, c)
}

// key reads the columns of a PRIMARY KEY or UNIQUE constraint.
func (p *parser) key(c *TableConstraint) {
	p.expect(tkLP, "an opening parenthesis")
	c.Columns = p.keyColumns()
	if c.Kind == PrimaryKey {
		c.Autoincrement = p.accept(kwAutoincrement)
	}
	p.expect(tkRP, "a closing parenthesis")
	c.Conflict = p.onConflict()
}

// keyColumns reads the terms of a key or an index, where SQLite takes a string
// for the name of a column ('id'), and looks for a column before it takes TRUE
// for a literal.
func (p *parser) keyColumns() []Ordering {
	list := p.orderings()
	for i := range list {
		x := &list[i].X
		for {
			c, ok := (*x).(*Collate)
			if !ok {
				break
			}
			x = &c.X
		}
		l, ok := (*x).(*Literal)
		if !ok {
			continue
		}
		switch l.Kind {
		case LitString:
			*x = &Name{Column: l.Text}
		case LitTrue:
			*x = &Name{Column: "true"}
		case LitFalse:
			*x = &Name{Column: "false"}
		}
	}
	return list
}

// exprInParens reads an expression in parentheses and gives its source text
// too, with comments but without space around it.
func (p *parser) exprInParens() (Expr, string) {
	start := p.tok.end
	p.expect(tkLP, "an opening parenthesis")
	x := p.expr(precOr)
	end := p.tok.start
	p.expect(tkRP, "a closing parenthesis")
	return x, p.text(start, end)
}

// onConflict reads ON CONFLICT word, or gives "".
func (p *parser) onConflict() string {
	if !p.accept(kwOn) {
		return ""
	}
	p.expect(kwConflict, "CONFLICT")
	switch p.tok.kind {
	case kwRollback, kwAbort, kwFail, kwIgnore, kwReplace:
		return p.word()
	}
	p.fail("ROLLBACK, ABORT, FAIL, IGNORE or REPLACE")
	return ""
}
