package planfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/litehaul/litehaul/internal/near"
)

// Error is something in a plan file that cannot be read, with its place.
type Error struct {
	File string
	Pos  Pos
	Msg  string
}

// Error names the place as editors do: plan.yaml:12:5: message.
func (e *Error) Error() string {
	p := Plan{Name: e.File}
	return p.At(e.Pos) + ": " + e.Msg
}

// Read reads a plan. name is for messages. An error is an *Error, or one of r.
func Read(name string, r io.Reader, words Words) (*Plan, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // some editors write it
	if err := bounded(name, data); err != nil {
		return nil, err
	}
	file, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	rd := &reader{plan: &Plan{Name: name}, words: words}
	switch {
	case len(file.Docs) == 0 || file.Docs[0].Body == nil:
		return nil, &Error{name, Pos{}, "the plan is empty"}
	case len(file.Docs) > 1:
		return nil, &Error{name, place(file.Docs[1].Start), "a plan is one document"}
	}
	if err := rd.file(file.Docs[0].Body); err != nil {
		return nil, err
	}
	return rd.plan, nil
}

// parse turns the parser's errors into ours, and should it fail in another way,
// that too: a file is input from outside.
func parse(name string, data []byte) (file *ast.File, err error) {
	defer func() {
		if x := recover(); x != nil {
			file, err = nil, &Error{name, Pos{}, fmt.Sprintf("not readable as YAML: %v", x)}
		}
	}()
	file, err = parser.ParseBytes(data, 0)
	var e yaml.Error
	switch {
	case errors.As(err, &e):
		return nil, &Error{name, place(e.GetToken()), e.GetMessage()}
	case err != nil:
		return nil, &Error{name, Pos{}, err.Error()}
	}
	return file, nil
}

func place(t *token.Token) Pos {
	if t == nil || t.Position == nil {
		return Pos{}
	}
	return Pos{t.Position.Line, t.Position.Column}
}

// reader turns the tree of a file into a plan.
type reader struct {
	plan  *Plan
	words Words
}

func (r *reader) fail(pos Pos, format string, args ...any) error {
	return &Error{r.plan.Name, pos, fmt.Sprintf(format, args...)}
}

// entry is one key of a mapping with its value.
type entry struct {
	key   string
	pos   Pos // of the key
	value ast.Node
}

// mapping gives the entries of a mapping, in order.
func (r *reader) mapping(n ast.Node, at Pos, what string) ([]entry, error) {
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	case *ast.NullNode:
		return nil, r.fail(at, "%s is empty", what)
	default:
		if n != nil {
			at = place(n.GetToken())
		}
		return nil, r.fail(at, "%s must be keys with values", what)
	}
	seen := map[string]bool{}
	out := make([]entry, 0, len(values))
	for _, v := range values {
		pos := place(v.Key.GetToken())
		key, ok := scalarOf(v.Key)
		switch {
		case !ok:
			return nil, r.fail(pos, "this is no name")
		case seen[key]:
			return nil, r.fail(pos, "key %q stands here twice", key)
		}
		seen[key] = true
		out = append(out, entry{key, pos, v.Value})
	}
	return out, nil
}

// scalarOf gives the text of a scalar, whatever type YAML takes it for.
func scalarOf(n ast.Node) (string, bool) {
	switch x := n.(type) {
	case *ast.StringNode:
		return x.Value, true
	case *ast.LiteralNode:
		return x.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// known gives the entries of a mapping that may have these keys only.
func (r *reader) known(n ast.Node, at Pos, what string, fields []field) ([]entry, error) {
	entries, err := r.mapping(n, at, what)
	if err != nil {
		return nil, err
	}
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	for _, e := range entries {
		if err := r.oneOf(e.pos, "key", e.key, keys); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// oneOf refuses what is not one of some words, and says which is nearest.
func (r *reader) oneOf(pos Pos, what, got string, allowed []string) error {
	for _, w := range allowed {
		if w == got {
			return nil
		}
	}
	if meant := near.Word(got, allowed); meant != "" {
		return r.fail(pos, "unknown %s %q, did you mean %q?", what, got, meant)
	}
	return r.fail(pos, "unknown %s %q: must be %s", what, got, orList(allowed))
}

// value gives the text of an entry.
func (r *reader) value(e entry) (string, Pos, error) {
	s, ok := scalarOf(e.value)
	if !ok {
		pos := e.pos
		if _, null := e.value.(*ast.NullNode); !null && e.value != nil {
			pos = place(e.value.GetToken())
		}
		return "", pos, r.fail(pos, "%s must be a text", e.key)
	}
	return s, place(e.value.GetToken()), nil
}

// word gives the text of an entry, one of some words.
func (r *reader) word(e entry, allowed []string) (string, Pos, error) {
	s, pos, err := r.value(e)
	if err == nil {
		err = r.allowed(pos, e.key, s, allowed)
	}
	return s, pos, err
}

// allowed refuses a value that is not one of some words.
func (r *reader) allowed(pos Pos, key, got string, words []string) error {
	for _, w := range words {
		if w == got {
			return nil
		}
	}
	return r.fail(pos, "%s is %q: must be %s", key, got, orList(words))
}

// count gives the number of an entry.
func (r *reader) count(e entry) (int64, Pos, error) {
	s, pos, err := r.value(e)
	if err != nil {
		return 0, pos, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, pos, r.fail(pos, "%s is %q: must be a number from 0 on", e.key, s)
	}
	return n, pos, nil
}

// Limits of a file, so that a broken one cannot keep the parser for long: it is
// quadratic in how deep brackets stand within each other (100,000 took minutes).
const (
	maxFile  = 16 << 20
	maxLine  = 64 << 10
	maxDepth = 16
)

// bounded refuses a file that no plan would look like.
func bounded(name string, data []byte) error {
	if len(data) > maxFile {
		return &Error{name, Pos{}, fmt.Sprintf("longer than %d MB", maxFile>>20)}
	}
	line := 0
	depth, quote := 0, byte(0)
	for text := range strings.Lines(string(data)) {
		line++
		if len(text) > maxLine {
			return &Error{name, Pos{line, 1}, fmt.Sprintf("a line of more than %d KB", maxLine>>10)}
		}
		if quote == 0 && strings.HasPrefix(strings.TrimLeft(text, " "), "#") {
			continue
		}
		for i := range len(text) {
			switch c := text[i]; {
			case quote != 0:
				if c == quote && (quote != '"' || i == 0 || text[i-1] != '\\') {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '[' || c == '{':
				depth++
			case c == ']' || c == '}':
				depth--
			}
			if depth > maxDepth {
				return &Error{name, Pos{line, i + 1}, "brackets stand too deep within each other"}
			}
		}
		if quote == '\'' || quote == '"' {
			quote = 0 // an apostrophe in plain text; texts of several lines count again
		}
	}
	return nil
}
