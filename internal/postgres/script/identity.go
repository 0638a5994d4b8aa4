package script

// setIdentity takes what follows SELECT, if it is the setting of an identity as
// postgres.SetIdentity writes it.
func (p *parser) setIdentity() bool {
	name := ""
	p.catalog()
	if !p.words("setval") || !p.symbol("(") {
		return false
	}
	p.catalog()
	if !p.words("pg_get_serial_sequence") || !p.symbol("(") || !p.constant(&name) || !p.symbol(",") ||
		!p.constant(&p.s.Object) || !p.symbol(")") || !p.symbol(",") {
		return false
	}
	p.symbol("-")
	if p.done() || p.tokens[p.at].class != number {
		return false
	}
	p.at++
	return p.symbol(",") && p.oneOf("true", "false") && p.symbol(")") && p.done() && p.s.Table.read(name)
}

// catalog takes the schema of the server's own functions. Without it they are
// found there all the same: pg_catalog comes first in any path that does not
// name it.
func (p *parser) catalog() {
	if at := p.at; !p.words("pg_catalog") || !p.symbol(".") {
		p.at = at
	}
}

// read reads a qualified name.
func (n *Name) read(sql string) bool {
	l := &lexer{sql: sql}
	var tokens []token
	for {
		t, ok, err := l.next()
		if err != nil {
			return false
		}
		if !ok {
			break
		}
		tokens = append(tokens, t)
	}
	p := &parser{tokens: tokens}
	return p.table(n) && p.done()
}
