package syntax

import "strings"

// from reads the sources behind FROM, or within parentheses there: tables and
// the joins between them. Each join takes all that stands left of it.
func (p *parser) from() *Source {
	outer := p.height
	p.height = 0
	left := p.source()
	height := p.height + 1
	if p.at(kwOn) || p.at(kwUsing) {
		p.fail("a join before " + strings.ToUpper(p.raw()))
	}
	for {
		join, natural := p.joinOp()
		if join == "" {
			break
		}
		p.height = 0
		j := &Source{Join: join, Natural: natural, Left: left, Right: p.source()}
		if p.accept(kwOn) {
			j.On = p.expr(precOr)
		} else if p.accept(kwUsing) {
			p.expect(tkLP, "an opening parenthesis")
			j.Using = p.names("a column")
		}
		left = j
		height = p.grow(height)
	}
	p.height = max(outer, height)
	return left
}

// source reads one source: a table, a table function, a subquery, or sources
// in parentheses.
func (p *parser) source() *Source {
	if p.accept(tkLP) {
		return p.parenthesisedSource()
	}
	s := &Source{}
	s.Schema, s.Table = p.qualified("a table")
	if p.accept(tkLP) {
		s.Args = p.args()
		s.Alias = p.alias()
		return s
	}
	s.Alias = p.alias()
	// A choice of index changes no result.
	switch {
	case p.accept(kwIndexed):
		p.expect(kwBy, "BY")
		p.name("an index")
	case p.accept(kwNot):
		p.expect(kwIndexed, "INDEXED")
	}
	return s
}

// parenthesisedSource reads what stands behind an opening parenthesis in FROM.
// An alias behind the closing one replaces the alias within.
func (p *parser) parenthesisedSource() *Source {
	defer p.leave()
	if !p.enter() {
		return nil
	}
	var s *Source
	if p.atSelect() {
		s = &Source{Select: p.selectStmt()}
	} else {
		s = p.from()
	}
	p.expect(tkRP, "a closing parenthesis")
	if alias := p.alias(); alias != "" && s != nil {
		s.Alias = alias
	}
	return s
}

// Parts of a join type, as SQLite puts it together from up to three words.
const (
	joinNatural uint8 = 1 << iota
	joinInner
	joinCross
	joinOuter
	joinLeft
	joinRight
)

var joinWords = map[string]uint8{
	"NATURAL": joinNatural, "INNER": joinInner, "CROSS": joinInner | joinCross,
	"OUTER": joinOuter, "LEFT": joinLeft | joinOuter, "RIGHT": joinRight | joinOuter,
	"FULL": joinLeft | joinRight | joinOuter,
}

// joinOp reads a comma or a JOIN with the words before it, in any order, as
// SQLite allows them. It gives "" where no join follows.
func (p *parser) joinOp() (join string, natural bool) {
	const maxWords = 3
	switch {
	case p.accept(tkComma):
		return "CROSS", false
	case p.accept(kwJoin):
		return "INNER", false
	case !p.at(kwJoinWord):
		return "", false
	}
	var parts uint8
	for i := 0; i < maxWords && p.at(kwJoinWord); i++ {
		parts |= joinWords[p.word()]
	}
	p.expect(kwJoin, "JOIN")
	outer := parts & (joinOuter | joinLeft | joinRight)
	if outer == joinOuter || outer != 0 && parts&joinInner != 0 {
		p.fail("a join type that SQLite knows")
		return "", false
	}
	return joinName(parts), parts&joinNatural != 0
}

func joinName(parts uint8) string {
	switch parts & (joinLeft | joinRight) {
	case joinLeft | joinRight:
		return "FULL"
	case joinLeft:
		return "LEFT"
	case joinRight:
		return "RIGHT"
	}
	if parts&joinCross != 0 {
		return "CROSS"
	}
	return "INNER"
}
