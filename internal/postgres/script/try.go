package script

import (
	"fmt"
	"strings"

	"github.com/litehaul/litehaul/internal/postgres"
)

// Raise is the condition, in PL/pgSQL, of errors that end all.
type Raise string

// The conditions of archives: errors of the server or connection, rows that break
// what they are known to keep, and all but what is too large for an index.
const (
	RaiseFatal          Raise = "left(SQLSTATE, 2) IN ('08', '40', '53', '57', '58', 'XX')"
	RaiseFatalOrUnique        = RaiseFatal + " OR SQLSTATE = '" + postgres.CodeUniqueViolation + "'"
	RaiseFatalOrForeign       = RaiseFatal + " OR SQLSTATE = '" + postgres.CodeForeignKey + "'"
	RaiseAllButTooLarge Raise = "SQLSTATE <> '" + postgres.CodeLimitExceeded + "'"
)

// What the warnings of a block say of the object, in front of the server's words.
const (
	LeftOut      = " is left out: "
	NotValidated = " is not validated: "
)

// Attempt is a block of statements that a server may refuse. What they make is
// then left out, and the rest of the script stands.
type Attempt struct {
	Label string // kind and name of the object, for the warning
	Raise Raise
	// Statements make it. Then, or "", follows where these hold, and what it fails
	// at stays so.
	Statements []string
	Then       string
}

// SQL writes the block.
func (a *Attempt) SQL() string {
	body := a.body()
	tag := "$litehaul$"
	for i := 1; strings.Contains(body, tag); i++ {
		tag = fmt.Sprintf("$litehaul%d$", i)
	}
	return "DO " + tag + "\n" + body + "\n" + tag
}

func (a *Attempt) body() string {
	var b strings.Builder
	b.WriteString("BEGIN\n")
	for _, sql := range a.Statements {
		b.WriteString("    " + sql + ";\n")
	}
	if a.Then != "" {
		fmt.Fprintf(&b, "    BEGIN\n        %s;\n%s    END;\n", a.Then, a.handler("    ", NotValidated))
	}
	b.WriteString(a.handler("", LeftOut) + "END")
	return b.String()
}

func (a *Attempt) handler(indent, what string) string {
	return fmt.Sprintf("%[1]sEXCEPTION WHEN OTHERS THEN\n%[1]s    IF %[2]s THEN RAISE; END IF;\n%[1]s    RAISE WARNING '%%', %[3]s || SQLERRM;\n",
		indent, a.Raise, postgres.Literal(a.Label+what))
}

// try takes what follows DO: a block that is, byte for byte, one that SQL writes.
// It is taken apart roughly, written again, and compared.
func (p *parser) try() bool {
	if len(p.tokens)-p.at != 1 || p.tokens[p.at].class != dollar {
		return false
	}
	p.at++
	body := strings.TrimSuffix(strings.TrimPrefix(p.tokens[1].text, "\n"), "\n")
	a, inner, ok := readAttempt(body)
	if !ok || a.body() != body || p.s.SQL != a.SQL() {
		return false
	}
	p.s.Label, p.s.Inner = a.Label, inner
	return true
}

// readAttempt takes a block apart. What it gives may be another block than the
// text is.
func readAttempt(body string) (a Attempt, inner []Statement, ok bool) {
	l := &lexer{sql: body}
	if t, more, err := l.next(); err != nil || !more || !t.is(word, "begin") {
		return a, nil, false
	}
	var tokens []token
	then := false
	for {
		t, more, err := l.next()
		switch {
		case err != nil || !more:
			return a, nil, false
		case len(tokens) == 0 && !then && t.is(word, "begin"):
			then = true
			continue
		case len(tokens) == 0 && t.is(word, "exception"):
			ok = a.readHandler(body) && len(a.Statements) > 0
			return a, inner, ok
		case !t.is(symbol, ";"):
			tokens = append(tokens, t)
			continue
		}
		if len(tokens) == 0 {
			return a, nil, false
		}
		s, err := recognise(body, tokens, false)
		if err != nil || !triable[s.Kind] {
			return a, nil, false
		}
		if tokens, inner = tokens[:0], append(inner, s); then {
			a.Then = s.SQL
		} else {
			a.Statements = append(a.Statements, s.SQL)
		}
	}
}

// triable are the kinds of statements that stand in a block.
var triable = map[Kind]bool{
	CreateIndex: true, AddKey: true, AddForeignKey: true, AddConstraint: true, Validate: true, CreateView: true,
}

// readHandler reads condition and label from the end of a block.
func (a *Attempt) readHandler(body string) bool {
	last := body[strings.LastIndex(body, "EXCEPTION WHEN OTHERS THEN\n"):]
	for _, r := range []Raise{RaiseFatal, RaiseFatalOrUnique, RaiseFatalOrForeign, RaiseAllButTooLarge} {
		if strings.Contains(last, "    IF "+string(r)+" THEN RAISE; END IF;\n") {
			a.Raise = r
		}
	}
	_, warning, ok := strings.Cut(last, "    RAISE WARNING '%', ")
	t, _, err := (&lexer{sql: warning}).next()
	label, cut := strings.CutSuffix(t.text, LeftOut)
	a.Label = label
	return ok && err == nil && cut
}
