package syntax

// ParseCreateView parses a CREATE VIEW statement. Its errors are of type
// *SyntaxError.
func ParseCreateView(sql string) (*CreateView, error) {
	return parse(sql, func(p *parser) *CreateView {
		p.create()
		p.expect(kwView, "VIEW")
		v := &CreateView{Name: p.newName("a view name")}
		v.Columns = p.optionalNames("a column")
		p.expect(kwAs, "AS")
		v.Select = p.selectStmt()
		p.end()
		return v
	})
}
