package syntax

// ParseCreateTrigger parses the head of a CREATE TRIGGER statement, up to the
// name of its table. What follows is not read. Its errors are of type
// *SyntaxError.
func ParseCreateTrigger(sql string) (*CreateTrigger, error) {
	return parse(sql, (*parser).createTrigger)
}

func (p *parser) createTrigger() *CreateTrigger {
	p.create()
	p.expect(kwTrigger, "TRIGGER")
	t := &CreateTrigger{Name: p.newName("a trigger name")}
	switch p.tok.kind {
	case kwBefore, kwAfter:
		t.Timing = p.word()
	case kwInstead:
		p.advance()
		p.expect(kwOf, "OF")
		t.Timing = "INSTEAD OF"
	}
	switch p.tok.kind {
	case kwInsert, kwDelete, kwUpdate:
	default:
		p.fail("INSERT, UPDATE or DELETE")
	}
	update := p.at(kwUpdate)
	t.Event = p.word()
	if update && p.accept(kwOf) {
		for p.name("a column"); p.accept(tkComma); {
			p.name("a column")
		}
	}
	p.expect(kwOn, "ON")
	_, t.Table = p.qualified("a table")
	return t
}
