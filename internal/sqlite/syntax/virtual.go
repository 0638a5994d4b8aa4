package syntax

// ParseCreateVirtualTable parses a CREATE VIRTUAL TABLE statement. Its errors
// are of type *SyntaxError.
func ParseCreateVirtualTable(sql string) (*CreateVirtualTable, error) {
	return parse(sql, func(p *parser) *CreateVirtualTable {
		t := p.createVirtualTable()
		p.end()
		return t
	})
}

func (p *parser) createVirtualTable() *CreateVirtualTable {
	p.expect(kwCreate, "CREATE")
	p.expect(kwVirtual, "VIRTUAL")
	p.expect(kwTable, "TABLE")
	t := &CreateVirtualTable{Name: p.newName("a table name")}
	p.expect(kwUsing, "USING")
	t.Module = p.name("a module")
	if p.accept(tkLP) {
		t.Args = p.moduleArgs()
	}
	return t
}

// moduleArgs reads a module's arguments: any tokens, cut at the commas that
// stand in no further parentheses. Empty arguments are left out, as SQLite
// leaves them out.
func (p *parser) moduleArgs() []string {
	var args []string
	start, open := p.tok.start, 0
	for !p.at(tkEOF) {
		switch {
		case p.at(tkLP):
			open++
		case p.at(tkRP) && open > 0:
			open--
		case open == 0 && (p.at(tkComma) || p.at(tkRP)):
			if start < p.tok.start {
				args = append(args, p.text(start, p.last.end))
			}
			if p.accept(tkRP) {
				return args
			}
			p.advance()
			start = p.tok.start
			continue
		}
		p.advance()
	}
	p.fail("a closing parenthesis")
	return nil
}
