package syntax

// ParseCreateIndex parses a CREATE INDEX statement. Its errors are of type
// *SyntaxError.
func ParseCreateIndex(sql string) (*CreateIndex, error) {
	return parse(sql, func(p *parser) *CreateIndex {
		x := p.createIndex()
		p.end()
		return x
	})
}

func (p *parser) createIndex() *CreateIndex {
	p.expect(kwCreate, "CREATE")
	x := &CreateIndex{Unique: p.accept(kwUnique)}
	p.expect(kwIndex, "INDEX")
	x.Name = p.newName("an index name")
	p.expect(kwOn, "ON")
	x.Table = p.name("a table")
	p.expect(tkLP, "an opening parenthesis")
	x.Columns = p.keyColumns()
	p.expect(tkRP, "a closing parenthesis")
	if p.accept(kwWhere) {
		start := p.tok.start
		x.Where = p.expr(precOr)
		x.WhereText = p.text(start, p.last.end)
	}
	return x
}
