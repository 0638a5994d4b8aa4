package script

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is what a statement does.
type Kind uint8

// The kinds of statements.
const (
	Setting         Kind = iota // SET LOCAL; Object is the setting
	CreateSchema                // Object
	CreateExtension             // Object
	CreateType                  // Object in Schema: an enum or a composite type
	CreateDomain                // Object in Schema
	CreateSequence              // Object in Schema
	OwnSequence                 // ALTER SEQUENCE ... OWNED BY: Object in Schema, Table
	CreateTable                 // Table
	CreateIndex                 // Object on Table
	AddKey                      // a key of the index Index: Object on Table
	AddForeignKey               // Object from Table to Parent
	AddConstraint               // any other constraint: Object on Table
	Validate                    // a constraint: Object on Table
	AlterTable                  // a column's or the table's settings: Table
	Analyze                     // Table
	SetIdentity                 // the sequence of a column: Object of Table
	CreateView                  // Object in Schema
	Comment                     // Object is the kind of what it is on
	Try                         // a DO block: Inner
	Other                       // anything else: a function, a trigger ...
)

// Name names a table.
type Name struct{ Schema, Name string }

// Statement is one statement of a script.
type Statement struct {
	SQL  string // without the semicolon
	Line int    // in the script
	Kind Kind

	Table, Parent  Name
	Schema, Object string
	Index          string

	// Of a Try: what it runs, in order, and the words with which its warnings
	// begin, such as: index users_name.
	Inner []Statement
	Label string
}

// ErrForeign is a statement that archives of SQLite databases do not have.
var ErrForeign = errors.New("a statement that fixtures do not have")

// Parse takes a script apart. A statement that is not one of those that archives
// have is ErrForeign; with trust it is of kind Other, if it makes something.
func Parse(sql string, trust bool) ([]Statement, error) {
	if strings.Contains(sql, "\x00") {
		return nil, errors.New("it holds NUL, which ends a statement for the server")
	}
	var out []Statement
	var tokens []token
	l := &lexer{sql: sql}
	for {
		t, ok, err := l.next()
		if err != nil {
			return nil, err
		}
		if ok && !t.is(symbol, ";") {
			tokens = append(tokens, t)
			continue
		}
		if len(tokens) > 0 {
			s, err := recognise(sql, tokens, trust)
			if err != nil {
				return nil, err
			}
			out = append(out, s)
			tokens = tokens[:0]
		}
		if !ok {
			return out, nil
		}
	}
}

// makers begin the statements of kind Other. None of them ends a transaction, or
// reads or writes a file.
var makers = []string{"create", "alter", "comment", "select", "refresh"}

// recognise tells what a statement does.
func recognise(sql string, tokens []token, trust bool) (Statement, error) {
	begin := tokens[0].begin
	s := Statement{SQL: sql[begin:tokens[len(tokens)-1].end], Line: 1 + strings.Count(sql[:begin], "\n")}
	p := &parser{tokens: tokens, s: &s}
	if p.statement() {
		return s, nil
	}
	if p.at = 0; trust && p.oneOf(makers...) {
		return Statement{SQL: s.SQL, Line: s.Line, Kind: Other, Object: shortened(s.SQL)}, nil
	}
	return s, fmt.Errorf("line %d: %w: %s", s.Line, ErrForeign, shortened(s.SQL))
}

// shortened gives the beginning of a statement for a message, in one line.
func shortened(sql string) string {
	const most = 60
	sql = strings.Join(strings.Fields(sql), " ")
	if runes := []rune(sql); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return sql
}

// parser reads one statement from its beginning. Its methods tell whether what
// they look for comes next, and step over it if so.
type parser struct {
	tokens []token
	at     int
	s      *Statement
}

func (p *parser) done() bool { return p.at == len(p.tokens) }

// words takes keywords, in this order.
func (p *parser) words(list ...string) bool {
	if len(p.tokens)-p.at < len(list) {
		return false
	}
	for i, w := range list {
		if !p.tokens[p.at+i].is(word, w) {
			return false
		}
	}
	p.at += len(list)
	return true
}

// oneOf takes one of several keywords.
func (p *parser) oneOf(list ...string) bool {
	for _, w := range list {
		if p.words(w) {
			return true
		}
	}
	return false
}

func (p *parser) symbol(s string) bool {
	if p.done() || !p.tokens[p.at].is(symbol, s) {
		return false
	}
	p.at++
	return true
}

// constant takes a string constant.
func (p *parser) constant(into *string) bool {
	if p.done() || p.tokens[p.at].class != text {
		return false
	}
	*into = p.tokens[p.at].text
	p.at++
	return true
}

// name takes a name.
func (p *parser) name(into *string) bool {
	if p.done() || p.tokens[p.at].class != quoted && p.tokens[p.at].class != word {
		return false
	}
	*into = p.tokens[p.at].text
	p.at++
	return true
}

// qualified takes a name with its schema. Nothing is looked for in a search_path.
func (p *parser) qualified(schema, name *string) bool {
	return p.name(schema) && p.symbol(".") && p.name(name)
}

func (p *parser) table(into *Name) bool { return p.qualified(&into.Schema, &into.Name) }

// bracket takes what stands in brackets, with them.
func (p *parser) bracket() bool {
	if !p.symbol("(") {
		return false
	}
	for depth := 1; !p.done(); p.at++ {
		switch t := p.tokens[p.at]; {
		case t.is(symbol, "("):
			depth++
		case t.is(symbol, ")"):
			if depth--; depth == 0 {
				p.at++
				return true
			}
		}
	}
	return false
}

// rest takes all that follows, if brackets match in it and no comma stands outside
// of them: after a comma ALTER TABLE goes on to something else.
func (p *parser) rest() bool {
	for !p.done() {
		switch t := p.tokens[p.at]; {
		case t.is(symbol, "("):
			if !p.bracket() {
				return false
			}
			continue
		case t.is(symbol, ")"), t.is(symbol, ","):
			return false
		}
		p.at++
	}
	return true
}

// is sets the kind, if ok.
func (p *parser) is(kind Kind, ok bool) bool {
	p.s.Kind = kind
	return ok
}
