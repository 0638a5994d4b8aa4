package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits on the input, for it is hostile by assumption.
const (
	// maxBytes bounds the text of one statement.
	maxBytes = 2 << 20

	// maxDepth bounds both how deep a text nests and how high a tree grows
	// ("1+1+1+..." nests nowhere but grows). It is SQLite's own limit on
	// expressions (SQLITE_MAX_EXPR_DEPTH). At this depth the parser uses less
	// than 2 MB of stack, and a recursive walk of any tree is safe.
	maxDepth = 1000

	// maxColumns is the most that any build of SQLite takes in a table
	// ("Implementation Limits For SQLite").
	maxColumns = 32767

	// maxNear bounds the text that a SyntaxError quotes.
	maxNear = 40
)

// SyntaxError tells where a text is not what SQLite's grammar allows.
type SyntaxError struct { //nolint:revive // "syntax.Error" would not tell what it is
	Offset int    // byte offset into the text
	Near   string // the token there, cut to some length; "" at the end
	Want   string // what could have stood there instead, or the limit exceeded
}

// Error gives the position, and what was expected there if that is known.
func (e *SyntaxError) Error() string {
	var b strings.Builder
	if e.Near == "" {
		b.WriteString("syntax error at the end, byte ")
	} else {
		b.WriteString("syntax error near ")
		b.WriteString(strconv.Quote(e.Near))
		b.WriteString(" at byte ")
	}
	b.WriteString(strconv.Itoa(e.Offset))
	if e.Want != "" {
		b.WriteString(": want ")
		b.WriteString(e.Want)
	}
	return b.String()
}

// parser is a recursive-descent parser with up to two tokens of lookahead.
//
// Its first error is kept in err and turns the rest of the text into tkEOF, so
// that every loop ends by itself and no rule needs to test for errors; the
// trees built from then on are thrown away.
type parser struct {
	lexer
	tok    token    // the current token
	ahead  [2]token // tokens behind it, read but not yet current
	aheadN int
	last   token // the token before the current one

	depth  int // how many rules that can nest are open
	height int // see grow
	lastFK *ForeignKey
	err    *SyntaxError

	// quoting is set within a frame's bound and a RAISE message, whose texts
	// go into the tree: they may not nest, lest copies multiply.
	quoting bool
}

// newParser stands on the first token. As for SQLite, a NUL ends the text.
func newParser(sql string) *parser {
	if i := strings.IndexByte(sql, 0); i >= 0 {
		sql = sql[:i]
	}
	p := &parser{lexer: lexer{src: sql}}
	if len(sql) > maxBytes {
		p.tok.start, p.tok.end = maxBytes, maxBytes
		p.fail("at most " + strconv.Itoa(maxBytes) + " bytes")
		return p
	}
	p.advance()
	return p
}

// parse runs one rule over a text. The rule itself looks for the end.
func parse[T any](sql string, rule func(*parser) T) (T, error) {
	p := newParser(sql)
	tree := rule(p)
	if p.err != nil {
		var none T
		return none, p.err
	}
	return tree, nil
}

// advance makes the next token the current one.
func (p *parser) advance() {
	p.last = p.tok
	if p.aheadN > 0 {
		p.tok = p.ahead[0]
		p.ahead[0] = p.ahead[1]
		p.aheadN--
	} else {
		p.tok = p.next()
	}
	switch p.tok.kind {
	case tkIllegal:
		p.fail("a token of SQL")
	case kwWindow, kwOver, kwFilter:
		if !p.isWindowKeyword() {
			p.tok.kind = tkIdent
		}
	}
}

// peek gives the kind of the i-th token (1 or 2) behind the current one.
func (p *parser) peek(i int) kind {
	for p.aheadN < i {
		p.ahead[p.aheadN] = p.next()
		p.aheadN++
	}
	return p.ahead[i-1].kind
}

// isWindowKeyword decides by its neighbours, as SQLite's tokenizer does,
// whether WINDOW, OVER or FILTER is a keyword or an identifier.
func (p *parser) isWindowKeyword() bool {
	canBeID := func(k kind) bool {
		return k == kwWindow || k == kwOver || k != kwIndexed && nameClass[k] != 0
	}
	switch p.tok.kind {
	case kwWindow:
		return canBeID(p.peek(1)) && p.peek(2) == kwAs
	case kwOver:
		return p.last.kind == tkRP && (p.peek(1) == tkLP || canBeID(p.peek(1)))
	default:
		return p.last.kind == tkRP && p.peek(1) == tkLP
	}
}

// fail keeps the first error and ends the text.
func (p *parser) fail(want string) {
	if p.err == nil {
		near := p.raw()
		if n := maxNear; len(near) > n {
			for n > maxNear-utf8.UTFMax && !utf8.RuneStart(near[n]) {
				n-- // cut no character in two
			}
			near = near[:n]
		}
		p.err = &SyntaxError{Offset: p.tok.start, Near: near, Want: want}
	}
	p.pos = len(p.src)
	p.aheadN = 0
	p.tok = token{start: p.pos, end: p.pos, kind: tkEOF}
}

// at tells the kind of the current token.
func (p *parser) at(k kind) bool { return p.tok.kind == k }

// accept steps over a token of kind k if that is the current one.
func (p *parser) accept(k kind) bool {
	if p.tok.kind != k {
		return false
	}
	p.advance()
	return true
}

// expect steps over a token of kind k or fails.
func (p *parser) expect(k kind, want string) {
	if !p.accept(k) {
		p.fail(want)
	}
}

// enter opens a rule that can nest. It tells whether the depth allows it;
// leave must follow in either case.
func (p *parser) enter() bool {
	p.depth++
	if p.depth > maxDepth {
		p.failDepth()
	}
	return p.err == nil
}

func (p *parser) leave() { p.depth-- }

func (p *parser) failDepth() {
	p.fail("at most " + strconv.Itoa(maxDepth) + " levels of nesting")
}

// end accepts semicolons and wants the end of the text.
func (p *parser) end() {
	for p.accept(tkSemi) {
	}
	p.endOfText()
}

func (p *parser) endOfText() {
	if !p.at(tkEOF) {
		p.fail("the end")
	}
}

// raw is the current token as written.
func (p *parser) raw() string { return p.src[p.tok.start:p.tok.end] }

// text is the source from start to end without space around it.
func (p *parser) text(start, end int) string {
	if p.err != nil {
		return "" // after an error the offsets may cross
	}
	return strings.Trim(p.src[start:end], spaces)
}

// quoted reads an expression and writes it back as text.
func (p *parser) quoted() (Expr, string) {
	if p.quoting {
		p.fail("no window frame or RAISE within another")
	}
	p.quoting = true
	x := p.expr(precOr)
	p.quoting = false
	if p.err != nil {
		return nil, ""
	}
	return x, Format(x)
}

// word takes the current token as a word of a fixed set, in upper case.
func (p *parser) word() string {
	s := upperASCII(p.raw())
	p.advance()
	return s
}

// isName tells whether the current token can be a name of that class.
func (p *parser) isName(class uint8) bool { return nameClass[p.tok.kind]&class != 0 }

// take gives the current token as a name, unquoted, and steps over it.
func (p *parser) take() string {
	s := p.raw()
	if p.tok.kind == tkQuoted || p.tok.kind == tkString {
		s = unquote(s)
	}
	p.advance()
	return s
}

// name wants any name (nm in parse.y): an identifier, quoted or not, a keyword
// that may be one, or a string.
func (p *parser) name(want string) string {
	if !p.isName(asNm) {
		p.fail(want)
		return ""
	}
	return p.take()
}

// qualified reads name or schema.name.
func (p *parser) qualified(want string) (schema, name string) {
	name = p.name(want)
	if p.accept(tkDot) {
		return name, p.name(want)
	}
	return "", name
}

// names reads a list of names up to a closing parenthesis; the opening one has
// been read. Old versions of SQLite stored COLLATE and ASC or DESC in such
// lists and ignored them, so they are read and ignored.
func (p *parser) names(want string) []string {
	var list []string
	for {
		list = append(list, p.name(want))
		if p.accept(kwCollate) {
			p.collation()
		}
		if !p.accept(kwAsc) {
			p.accept(kwDesc)
		}
		if !p.accept(tkComma) {
			break
		}
	}
	p.expect(tkRP, "a closing parenthesis")
	return list
}

// optionalNames reads a list of names in parentheses if one stands here.
func (p *parser) optionalNames(want string) []string {
	if !p.accept(tkLP) {
		return nil
	}
	return p.names(want)
}

// collation reads the name behind COLLATE.
func (p *parser) collation() string {
	if !p.isName(asIDs) {
		p.fail("a collation")
		return ""
	}
	return p.take()
}
