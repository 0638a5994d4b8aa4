package syntax

// ParseSelect parses one SELECT or VALUES statement, perhaps compound and with
// a WITH clause. Its errors are of type *SyntaxError.
func ParseSelect(sql string) (*Select, error) {
	return parse(sql, func(p *parser) *Select {
		s := p.selectStmt()
		p.end()
		return s
	})
}

// atSelect tells whether a SELECT begins here.
func (p *parser) atSelect() bool {
	return p.at(kwSelect) || p.at(kwValues) || p.at(kwWith)
}

// selectStmt reads a SELECT with all its arms.
func (p *parser) selectStmt() *Select {
	defer p.leave()
	if !p.enter() {
		return nil
	}
	s := &Select{}
	if p.accept(kwWith) {
		p.with(s)
	}
	for {
		s.Cores = append(s.Cores, p.core())
		op := p.compoundOp()
		if op == "" {
			break
		}
		s.Ops = append(s.Ops, op)
	}
	if s.Cores[len(s.Cores)-1].Values != nil {
		return s // VALUES takes neither ORDER BY nor LIMIT
	}
	s.OrderBy = p.orderBy()
	if p.accept(kwLimit) {
		p.limit(s)
	}
	return s
}

// compoundOp reads what joins two arms, or gives "".
func (p *parser) compoundOp() string {
	switch p.tok.kind {
	case kwUnion:
		p.advance()
		if p.accept(kwAll) {
			return "UNION ALL"
		}
		return "UNION"
	case kwIntersect, kwExcept:
		return p.word()
	}
	return ""
}

// limit reads LIMIT n, LIMIT n OFFSET m and LIMIT m, n.
func (p *parser) limit(s *Select) {
	s.Limit = p.expr(precOr)
	switch {
	case p.accept(kwOffset):
		s.Offset = p.expr(precOr)
	case p.accept(tkComma):
		s.Offset, s.Limit = s.Limit, p.expr(precOr)
	}
}

// with reads the items behind WITH. Whether one is MATERIALIZED changes no
// result and is dropped.
func (p *parser) with(s *Select) {
	s.Recursive = p.accept(kwRecursive)
	for {
		c := CTE{Name: p.name("a name")}
		c.Columns = p.optionalNames("a column")
		p.expect(kwAs, "AS")
		if p.accept(kwNot) {
			p.expect(kwMaterialized, "MATERIALIZED")
		} else {
			p.accept(kwMaterialized)
		}
		p.expect(tkLP, "an opening parenthesis")
		c.Select = p.selectStmt()
		p.expect(tkRP, "a closing parenthesis")
		s.With = append(s.With, c)
		if !p.accept(tkComma) {
			return
		}
	}
}

// core reads one arm of a SELECT.
func (p *parser) core() SelectCore {
	var c SelectCore
	if p.accept(kwValues) {
		c.Values = p.values()
		return c
	}
	p.expect(kwSelect, "SELECT or VALUES")
	c.Distinct = p.accept(kwDistinct)
	if !c.Distinct {
		p.accept(kwAll)
	}
	c.Columns = p.resultColumns()
	if p.accept(kwFrom) {
		c.From = p.from()
	}
	if p.accept(kwWhere) {
		c.Where = p.expr(precOr)
	}
	if p.accept(kwGroup) {
		p.expect(kwBy, "BY")
		c.GroupBy = p.exprs()
	}
	if p.accept(kwHaving) {
		c.Having = p.expr(precOr)
	}
	if p.accept(kwWindow) {
		c.Windows = p.windows()
	}
	return c
}

// values reads the rows behind VALUES.
func (p *parser) values() [][]Expr {
	var rows [][]Expr
	for {
		p.expect(tkLP, "an opening parenthesis")
		rows = append(rows, p.exprs())
		p.expect(tkRP, "a closing parenthesis")
		if !p.accept(tkComma) {
			return rows
		}
	}
}

// windows reads the items of a WINDOW clause.
func (p *parser) windows() []NamedWindow {
	var list []NamedWindow
	for {
		w := NamedWindow{Name: p.name("a window")}
		p.expect(kwAs, "AS")
		p.expect(tkLP, "an opening parenthesis")
		w.Window = p.windowDefinition()
		list = append(list, w)
		if !p.accept(tkComma) {
			return list
		}
	}
}

// resultColumns reads what stands between SELECT and FROM.
func (p *parser) resultColumns() []ResultColumn {
	var list []ResultColumn
	for {
		list = append(list, p.resultColumn())
		if !p.accept(tkComma) {
			return list
		}
	}
}

// beginsOperand tells the keywords that fall back to identifiers in most places
// but not where an expression may begin: there they keep their meaning.
func (p *parser) beginsOperand() bool {
	switch p.tok.kind {
	case kwCast, kwRaise, kwCurrentDate, kwCurrentTime, kwCurrentTimestamp:
		return true
	}
	return false
}

func (p *parser) resultColumn() ResultColumn {
	if p.accept(tkStar) {
		return ResultColumn{Star: true}
	}
	if p.isName(asNm) && !p.beginsOperand() && p.peek(1) == tkDot && p.peek(2) == tkStar {
		c := ResultColumn{Star: true, Table: p.take()}
		p.advance()
		p.advance()
		return c
	}
	return ResultColumn{X: p.expr(precOr), Alias: p.alias()}
}

// alias reads AS name, or a name alone, or gives "".
func (p *parser) alias() string {
	if p.accept(kwAs) {
		return p.name("an alias")
	}
	if p.isName(asIDs) {
		return p.take()
	}
	return ""
}
