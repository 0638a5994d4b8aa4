package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/page"
	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
	"github.com/litehaul/litehaul/pipeline"
)

// assessOptions are the flags of litehaul assess: those of migrate that decide
// what would happen, and where the assessment goes.
type assessOptions struct {
	migrate  migrateOptions
	html     string
	json     string
	progress sessionOptions
}

// notAssessed are the flags of migrate that do not bear on what would happen.
var notAssessed = []string{
	"yes", "dry-run", "verify", "ledger-file", "report", "report-file",
	"metrics-addr", "metrics-file", "progress", "log-level", "log-format",
}

const (
	// toStdout is the value of --json without a file.
	toStdout = "-"
	// assessWidth is the width of a summary that goes to no terminal.
	assessWidth = 80
	// noTarget stands in the next command for what the user did not say.
	noTarget = "postgres://USER@HOST/DATABASE"
)

func newAssess(con *console) *cobra.Command {
	o := &assessOptions{}
	cmd := &cobra.Command{
		Use:   "assess SOURCE [TARGET]",
		Short: "Tell whether and how a SQLite file would move, without writing anything",
		Long: `Tell whether a SQLite file moves into Postgres as it is, needs choices or cannot: for the
one who must decide. All values are read; nothing is written, neither into the file nor
into a database.

Without TARGET no Postgres is asked, also where PGHOST is set, and an empty schema is
assumed. With TARGET the assessment is that of litehaul migrate with the same flags.

Exits with 0 when the file moves as is, and with 3 when it needs choices or cannot move,
as litehaul migrate would; "verdict" in the JSON tells these two apart.`,
		Example: `  litehaul assess app.db
  litehaul assess app.db --html report.html
  litehaul assess app.db postgres://app@localhost/app --json=assessment.json

  # in a pipeline of CI: fails where the data would force a choice
  litehaul assess app.db --orphans not-valid --json | jq .verdict`,
		Args:              argCount(1, 2),
		ValidArgsFunction: completeSource,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, con, args)
		},
	}
	o.addFlags(cmd)
	return cmd
}

func (o *assessOptions) addFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.SortFlags = false
	fs.StringVar(&o.html, "html", "", "write the assessment to `FILE` as a page to look at, which needs no network")
	fs.StringVar(&o.json, "json", "", "write the assessment as JSON to stdout, or with --json=`FILE` to a file too")
	fs.Lookup("json").NoOptDefVal = toStdout
	group(fs, groupReport)
	model := &cobra.Command{}
	o.migrate.addFlags(model)
	model.Flags().VisitAll(func(f *pflag.Flag) {
		if !slices.Contains(notAssessed, f.Name) {
			fs.AddFlag(f)
		}
	})
	o.progress.addProgressFlag(fs)
}

func (o *assessOptions) run(cmd *cobra.Command, con *console, args []string) error {
	if err := checkSource(args[0]); err != nil {
		return err
	}
	if o.json != toStdout {
		if err := checkWritable("json", o.json); err != nil {
			return err
		}
	}
	if err := checkWritable("html", o.html); err != nil {
		return err
	}
	cfg := o.migrate.config(args)
	if cfg.Target != "" {
		con.hideSecrets(cfg.Target)
	}
	s, err := newSession(cmd.Context(), con, &o.progress)
	if err != nil {
		return err
	}
	s.attach(&cfg)
	a, err := pipeline.Assess(cmd.Context(), cfg)
	s.display.Close()
	if err != nil {
		return err
	}
	next := o.next(con, cmd.Flags(), args, a)
	if err := o.write(con, a, next); err != nil {
		return err
	}
	if a.Verdict != pipeline.VerdictMoves {
		return told{&pipeline.Error{Err: errors.New(a.Reason), Code: a.Verdict.ExitCode()}}
	}
	return nil
}

// write puts the assessment where it was asked for.
func (o *assessOptions) write(con *console, a *pipeline.Assessment, next []string) error {
	a.Error, a.Reason, a.Hint = redact(a.Error, con.secrets), redact(a.Reason, con.secrets), redact(a.Hint, con.secrets)
	if o.html != "" {
		if err := writeFile(o.html, func(w io.Writer) error { return page.Write(w, a, next) }); err != nil {
			return err
		}
	}
	switch o.json {
	case toStdout:
		return assessJSON(con.out, a)
	case "":
	default:
		if err := writeFile(o.json, func(w io.Writer) error { return assessJSON(w, a) }); err != nil {
			return err
		}
	}
	page := width(con.out)
	if page == 0 {
		page = assessWidth
	}
	return render.Assess(con.out, a, next, render.Options{Width: page}) //nolint:wrapcheck // says what failed
}

// assessJSON writes an assessment in the form of docs/ASSESS.md.
func assessJSON(w io.Writer, a *pipeline.Assessment) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(a); err != nil {
		return fmt.Errorf("write assessment as JSON: %w", err)
	}
	return nil
}

// next gives the words of the command to type next: migrate with the flags of
// this one, and those that settle what is open. There is none where no flag
// settles it.
func (o *assessOptions) next(con *console, flags *pflag.FlagSet, args []string, a *pipeline.Assessment) []string {
	if a.Verdict == pipeline.VerdictCannot {
		return nil
	}
	words := []string{"litehaul", "migrate", args[0], noTarget}
	if o.migrate.config(args).Target != "" {
		words[3] = redact(args[1], con.secrets)
	}
	flags.VisitAll(func(f *pflag.Flag) {
		own := f.Name == "html" || f.Name == "json" || f.Name == "progress" || f.Name == "help"
		if !f.Changed || own || f.Annotations[groupKey] == nil {
			return
		}
		words = append(words, flagWords(f)...)
	})
	return append(words, a.Next...)
}

// flagWords writes a flag as it was given, each of several values by itself.
func flagWords(f *pflag.Flag) []string {
	if list, ok := f.Value.(interface{ given() []string }); ok {
		return prefixed("--"+f.Name+"=", list.given())
	}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return prefixed("--"+f.Name+"=", csvWords(list.GetSlice()))
	}
	if f.Value.Type() == "bool" {
		if f.Value.String() == "true" {
			return []string{"--" + f.Name}
		}
		return nil
	}
	return []string{"--" + f.Name + "=" + f.Value.String()}
}

// csvWords writes each word as flags take it that split their value at commas.
func csvWords(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = s
		if strings.ContainsAny(s, ",\"\r\n") {
			out[i] = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
		}
	}
	return out
}

func prefixed(prefix string, list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = prefix + s
	}
	return out
}
