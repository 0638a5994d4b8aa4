package syntax

// foreignKey reads FOREIGN KEY (columns) REFERENCES ...; FOREIGN has been read.
func (p *parser) foreignKey() *ForeignKey {
	p.expect(kwKey, "KEY")
	p.expect(tkLP, "an opening parenthesis")
	columns := p.names("a column")
	if !p.at(kwReferences) {
		p.fail("REFERENCES")
	}
	fk := p.references()
	fk.Columns = columns
	if p.at(kwDeferrable) || p.at(kwNot) {
		p.deferrable(fk)
	}
	return fk
}

// references reads REFERENCES table [(columns)] with its actions, which stand
// in any order.
func (p *parser) references() *ForeignKey {
	p.advance()
	fk := &ForeignKey{Table: p.name("a table")}
	p.lastFK = fk
	fk.Parent = p.optionalNames("a column")
	for {
		switch {
		case p.accept(kwMatch):
			fk.Match = p.name("a name")
		case p.accept(kwOn):
			p.on(fk)
		default:
			return fk
		}
	}
}

// on reads what stands behind ON. SQLite reads ON INSERT and ignores it.
func (p *parser) on(fk *ForeignKey) {
	switch {
	case p.accept(kwDelete):
		fk.OnDelete = p.action()
	case p.accept(kwUpdate):
		fk.OnUpdate = p.action()
	case p.accept(kwInsert):
		p.action()
	default:
		p.fail("DELETE or UPDATE")
	}
}

// action reads what a foreign key does.
func (p *parser) action() string {
	switch {
	case p.at(kwCascade), p.at(kwRestrict):
		return p.word()
	case p.accept(kwNo):
		p.expect(kwAction, "ACTION")
		return "NO ACTION"
	case p.accept(kwSet):
		if p.accept(kwDefault) {
			return "SET DEFAULT"
		}
		p.expect(kwNull, "NULL or DEFAULT")
		return "SET NULL"
	}
	p.fail("a foreign key action")
	return ""
}

// deferrable reads [NOT] DEFERRABLE [INITIALLY DEFERRED | IMMEDIATE] into a
// foreign key. A column's clause goes to the table's last foreign key, as in
// SQLite; where there is none yet, fk is nil and the clause is ignored.
func (p *parser) deferrable(fk *ForeignKey) {
	not := p.accept(kwNot)
	p.expect(kwDeferrable, "DEFERRABLE")
	deferred := false
	if p.accept(kwInitially) {
		if deferred = p.accept(kwDeferred); !deferred {
			p.expect(kwImmediate, "DEFERRED or IMMEDIATE")
		}
	}
	if fk != nil {
		fk.Deferrable = !not
		fk.InitiallyDeferred = deferred && !not
	}
}
