package planfile_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/litehaul/litehaul/internal/planfile"
)

// words are a few of those that the pipeline knows.
var words = planfile.Words{
	Forms: []string{"epoch-ms", "empty-null"},
	Policies: []planfile.Choice{
		{Name: "orphans", About: "rows without a parent", Allowed: []string{"fail", "not-valid"}},
		{Name: "skip-damaged", About: "salvage", Allowed: []string{"false", "true"}},
		{Name: "naive", About: "free", Check: func(s string) error {
			if s == "" {
				return errors.New("naive is empty")
			}
			return nil
		}},
	},
}

const small = `version: 1
source:
  file: app.db
  hash: "00ff"
into: create
schema: public
policies:
  orphans: not-valid
  skip-damaged: true
tables:
  t:
    action: load
    rows: 3
    to: app."x.y"
    source: "1234"
    columns:
      id: {declared: INTEGER, type: bigint}
      at:
        type: timestamptz
        form: [empty-null, epoch-ms]
        to: "when"
      1: {action: skip}
      any:
  log: {action: skip}
`

func TestRead(t *testing.T) {
	t.Parallel()
	got, err := planfile.Read("plan.yaml", strings.NewReader(small), words)
	if err != nil {
		t.Fatal(err)
	}
	want := &planfile.Plan{
		Name: "plan.yaml", Source: planfile.Source{File: "app.db", Hash: "00ff", Pos: planfile.Pos{Line: 3, Column: 9}},
		Into: "create", IntoPos: planfile.Pos{Line: 5, Column: 7}, Schema: "public", SchemaPos: planfile.Pos{Line: 6, Column: 9},
		Policies: []planfile.Policy{
			{Name: "orphans", Value: "not-valid", Allowed: []string{"fail", "not-valid"}, Pos: planfile.Pos{Line: 8, Column: 12}},
			{Name: "skip-damaged", Value: "true", Allowed: []string{"false", "true"}, Pos: planfile.Pos{Line: 9, Column: 17}},
		},
		Tables: []planfile.Table{
			{
				Name: "t", Action: planfile.Load, Rows: 3, To: planfile.Name{Schema: "app", Table: "x.y"}, Source: "1234",
				Columns: []planfile.Column{
					{
						Name: "id", Declared: "INTEGER", Action: planfile.Load, Type: "bigint",
						Pos: planfile.Pos{Line: 17, Column: 7}, DeclaredPos: planfile.Pos{Line: 17, Column: 22}, TypePos: planfile.Pos{Line: 17, Column: 37},
					},
					{
						Name: "at", Action: planfile.Load, Type: "timestamptz", Forms: []string{"empty-null", "epoch-ms"}, To: "when",
						Pos: planfile.Pos{Line: 18, Column: 7}, TypePos: planfile.Pos{Line: 19, Column: 15},
						FormPos: planfile.Pos{Line: 20, Column: 16}, ToPos: planfile.Pos{Line: 21, Column: 13},
					},
					{Name: "1", Action: planfile.Skip, Pos: planfile.Pos{Line: 22, Column: 7}, ActionPos: planfile.Pos{Line: 22, Column: 19}},
					{Name: "any", Action: planfile.Load, Pos: planfile.Pos{Line: 23, Column: 7}},
				},
				Pos: planfile.Pos{Line: 11, Column: 3}, ActionPos: planfile.Pos{Line: 12, Column: 13},
				RowsPos: planfile.Pos{Line: 13, Column: 11}, ToPos: planfile.Pos{Line: 14, Column: 9},
			},
			{Name: "log", Action: planfile.Skip, Rows: -1, Pos: planfile.Pos{Line: 24, Column: 3}, ActionPos: planfile.Pos{Line: 24, Column: 17}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read (-want +got):\n%s", diff)
	}
}

// TestReadMark: some editors begin a file with a byte order mark.
func TestReadMark(t *testing.T) {
	t.Parallel()
	if _, err := planfile.Read("plan.yaml", strings.NewReader("\xef\xbb\xbf"+small), words); err != nil {
		t.Error(err)
	}
}

// TestReadErrors: each mistake is one line that names the place and what is
// allowed.
func TestReadErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, old, with, want string }{
		{"unknown key", "type: bigint", "tpye: bigint", `plan.yaml:17:31: unknown key "tpye", did you mean "type"?`},
		{"key of nothing", "rows: 3", "frobnicate: 3", `plan.yaml:13:5: unknown key "frobnicate": must be action, rows, to, source, target or columns`},
		{"top key", "schema: public", "shcema: public", `plan.yaml:6:1: unknown key "shcema", did you mean "schema"?`},
		{"source key", "hash: \"00ff\"", "hsah: x", `plan.yaml:4:3: unknown key "hsah", did you mean "hash"?`},
		{"action", "action: load", "action: laod", `plan.yaml:12:13: action is "laod": must be load, skip or compare`},
		{"column action", "1: {action: skip}", "1: {action: compare}", `plan.yaml:22:19: action is "compare": must be load or skip`},
		{"form", "epoch-ms]", "epoch-msec]", `plan.yaml:20:28: form is "epoch-msec": must be epoch-ms or empty-null`},
		{"into", "into: create", "into: nowhere", `plan.yaml:5:7: into is "nowhere": must be create or existing`},
		{"policy", "orphans: not-valid", "orphan: fail", `plan.yaml:8:3: unknown policy "orphan", did you mean "orphans"?`},
		{"policy word", "orphans: not-valid", "orphans: invalid", `plan.yaml:8:12: orphans is "invalid": must be fail or not-valid`},
		{"policy check", "orphans: not-valid", `naive: ""`, `plan.yaml:8:10: naive is empty`},
		{"rows", "rows: 3", "rows: -3", `plan.yaml:13:11: rows is "-3": must be a number from 0 on`},
		{"to", `to: app."x.y"`, "to: a.b.c", `plan.yaml:14:9: to: name a.b.c has 3 parts; schema.table has two`},
		{"empty to", `to: app."x.y"`, "to:", `plan.yaml:14:5: to must be a text`},
		{"empty type", "type: bigint", `type: ""`, `plan.yaml:17:37: type is empty`},
		{"list", "type: bigint", "type: [a]", `plan.yaml:17:37: type must be a text`},
		{"twice", "log: {action: skip}", "T: {action: skip}", `plan.yaml:24:3: table T stands here twice: SQLite's names have no case`},
		{"column twice", "any:", "ID:", `plan.yaml:23:7: column ID stands here twice: SQLite's names have no case`},
		{"same key", "rows: 3", "action: load", `plan.yaml:13:5: mapping key "action" already defined at [12:5]`},
		{"version", "version: 1", "version: 2", `plan.yaml:1:10: version is 2, and this litehaul reads 1`},
		{"no version", "version: 1\n", "", `plan.yaml: the key version is missing: this litehaul reads version: 1`},
		{"no into", "into: create\n", "", `plan.yaml: the key into is missing: must be create or existing`},
		{"table of text", "log: {action: skip}", "log: skip", `plan.yaml:24:8: table log must be keys with values`},
		{"empty table", "log: {action: skip}", "log:", `plan.yaml:24:3: table log is empty`},
		{"alias", "type: bigint", "type: *x", `plan.yaml:17:37: type must be a text`},
		{"two documents", "log: {action: skip}\n", "log: {action: skip}\n---\nversion: 1\n", `plan.yaml:25:1: a plan is one document`},
		{"deep", "type: bigint", "type: " + strings.Repeat("[", 40), `plan.yaml:17:52: brackets stand too deep within each other`},
		{"not YAML", "type: bigint}", "type: bigint", `plan.yaml:18:7: ',' or '}' must be specified`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(small, tc.old) {
				t.Fatalf("the plan holds no %q", tc.old)
			}
			_, err := planfile.Read("plan.yaml", strings.NewReader(strings.Replace(small, tc.old, tc.with, 1)), words)
			var e *planfile.Error
			if !errors.As(err, &e) || err.Error() != tc.want {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("%q is more than a line", err)
			}
		})
	}
	for text, want := range map[string]string{
		"": "plan.yaml: the plan is empty", "# nothing\n": "plan.yaml: the plan is empty", "x": "plan.yaml:1:1: the plan must be keys with values",
		strings.Repeat("x", 70_000): "plan.yaml:1:1: a line of more than 64 KB",
	} {
		if _, err := planfile.Read("plan.yaml", strings.NewReader(text), words); err == nil || err.Error() != want {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
}

// positions are not part of what a plan says.
var positions = cmp.Options{
	cmp.FilterPath(func(p cmp.Path) bool { return strings.HasSuffix(p.Last().String(), "Pos") }, cmp.Ignore()),
	cmpopts.EquateEmpty(),
}

// TestRoundTrip: whatever names and types a plan has, it is read as it was
// written, and written again to the same bytes.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(rapid.StringN(1, 12, 40), rapid.SampledFrom([]string{
		"true", "No", "null", "~", "1", "0x1F", "1e3", "-", "- a", "a: b", "a #b", "'", `"`, `\`, "{}", "[x]", "&a", "*a", "!t", "|", ">", "%x", "@", "`",
		"a\nb", "a\tb", " a", "a ", "ü", "日本", "🙂", "\u2028", "\u0085", "\ufeff", "...", "---", "? x", "<<", "=", ".inf", "2024-01-01", "numeric(10,2)", "x''y\"z", "a.b", "\x7f", "\x00",
	}))
	rapid.Check(t, func(t *rapid.T) {
		p := &planfile.Plan{
			Source: planfile.Source{File: text.Draw(t, "file"), Hash: "12e4"}, Into: planfile.Existing, Schema: text.Draw(t, "schema"),
			Policies: []planfile.Policy{{Name: "naive", Value: text.Draw(t, "naive")}, {Name: "skip-damaged", Value: "true", Allowed: []string{"false", "true"}}},
			Hazards:  []planfile.Hazard{{Table: "x", Message: text.Draw(t, "message"), Hint: text.Draw(t, "hint")}},
			LeftOut:  []planfile.LeftOut{{Kind: "view", Name: text.Draw(t, "view"), Status: "left out", Why: text.Draw(t, "why")}},
		}
		for _, name := range rapid.SliceOfNDistinct(text, 1, 4, strings.ToLower).Draw(t, "tables") {
			tab := planfile.Table{
				Name: name, Action: planfile.Load, Rows: rapid.Int64Range(-1, 1e12).Draw(t, "rows"), Source: "ab", Why: text.Draw(t, "why"),
				To: planfile.Name{Schema: text.Draw(t, "schema"), Table: text.Draw(t, "to")},
			}
			for _, name := range rapid.SliceOfNDistinct(text, 0, 4, strings.ToLower).Draw(t, "columns") {
				tab.Columns = append(tab.Columns, planfile.Column{
					Name: name, Declared: text.Draw(t, "declared"), Action: planfile.Load, To: text.Draw(t, "to"), Type: text.Draw(t, "type"),
					Forms: rapid.SliceOfNDistinct(rapid.SampledFrom(words.Forms), 0, 2, strings.ToLower).Draw(t, "forms"), Evidence: text.Draw(t, "evidence"),
				})
			}
			p.Tables = append(p.Tables, tab)
		}
		var first, second bytes.Buffer
		if err := planfile.Write(&first, p, words); err != nil {
			t.Fatal(err)
		}
		got, err := planfile.Read("plan.yaml", bytes.NewReader(first.Bytes()), words)
		if err != nil {
			t.Fatalf("%v\n%s", err, first.String())
		}
		for i := range p.Policies {
			got.Policies[i].Allowed = p.Policies[i].Allowed
		}
		comments := cmp.Options{
			cmpopts.IgnoreFields(planfile.Plan{}, "Name", "Hazards", "LeftOut"), cmpopts.IgnoreFields(planfile.Table{}, "Why"),
			cmpopts.IgnoreFields(planfile.Column{}, "Evidence"), cmpopts.IgnoreFields(planfile.Source{}, "Pos"), positions,
		}
		if diff := cmp.Diff(p, got, comments); diff != "" {
			t.Fatalf("written and read (-want +got):\n%s\n%s", diff, first.String())
		}
		if err := planfile.Write(&second, p, words); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Fatalf("written twice, %v", err)
		}
	})
}

// TestWriteRefuses names that no text file holds.
func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	p := &planfile.Plan{Tables: []planfile.Table{{Name: "a\xff"}}}
	if err := planfile.Write(&bytes.Buffer{}, p, words); err == nil || !strings.Contains(err.Error(), "not UTF-8") {
		t.Errorf("got %v", err)
	}
}

// TestJSONSchema: the schema knows the keys and words that the reader knows.
func TestJSONSchema(t *testing.T) {
	t.Parallel()
	var s map[string]any
	if err := json.Unmarshal(planfile.JSONSchema(words), &s); err != nil {
		t.Fatal(err)
	}
	at := func(path ...string) any {
		var v any = s
		for _, p := range path {
			v = v.(map[string]any)[p]
		}
		return v
	}
	column := []string{"properties", "tables", "additionalProperties", "properties", "columns", "additionalProperties"}
	for _, key := range []string{"declared", "action", "to", "type", "form"} {
		if at(append(column, "properties", key)...) == nil {
			t.Errorf("no key %s of columns", key)
		}
	}
	if at(append(column, "additionalProperties")...) != false {
		t.Error("columns may have any key")
	}
	if got := fmt.Sprint(at("properties", "policies", "properties", "skip-damaged", "enum")); got != "[false true]" {
		t.Errorf("skip-damaged is %s", got)
	}
}

// FuzzRead: no bytes make the reader panic, and an error is one line with the
// file's name.
func FuzzRead(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(strings.Replace(small, "type: bigint", "tpye: bigint", 1)))
	f.Add([]byte("version: 1\ninto: existing\nschema: x\ntables: {\"a\\u000Ab\": {columns: {'c''d': {form: [epoch-ms]}}}}\n"))
	f.Add([]byte("version: &a 1\ninto: *a\n<<: {a: b}\ntables: !x\n? y\n: |\n  z\n"))
	f.Add([]byte("%YAML 1.2\n---\n- [{]}\n\t\"\n'"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := planfile.Read("plan.yaml", bytes.NewReader(data), words)
		if err == nil {
			if p.Into == "" || len(p.Tables) == 0 {
				t.Errorf("read without what a plan needs: %+v", p)
			}
			return
		}
		if !strings.HasPrefix(err.Error(), "plan.yaml") || strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("%q is not one line about the file", err)
		}
	})
}
