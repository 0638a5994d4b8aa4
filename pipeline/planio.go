package pipeline

import (
	"context"
	"errors"
	"io"

	"github.com/litehaul/litehaul/internal/planfile"
	"github.com/litehaul/litehaul/typemap"
)

// ReadPlan reads a plan file. name is for messages. What cannot be read is
// refused with its line and column.
func ReadPlan(name string, r io.Reader) (*Plan, error) {
	p, err := planfile.Read(name, r, planWords())
	var bad *planfile.Error
	if errors.As(err, &bad) {
		return nil, &Error{Err: err, Hint: "docs/PLAN.md describes the keys; litehaul plan --json-schema gives them to an editor", Code: ExitRefused}
	}
	if err != nil {
		return nil, &Error{Err: err, Code: ExitUsage}
	}
	return p, nil
}

// WritePlan writes a plan as a file that people review. The same plan always
// becomes the same bytes.
func WritePlan(w io.Writer, p *Plan) error {
	if err := planfile.Write(w, p, planWords()); err != nil {
		return &Error{Err: err, Code: ExitFailed}
	}
	return nil
}

// PlanSchema gives the JSON Schema of a plan file.
func PlanSchema() []byte { return planfile.JSONSchema(planWords()) }

// planWords are the words of a plan that this package and typemap understand.
func planWords() planfile.Words {
	w := planfile.Words{
		Forms: typemap.Forms(),
		Types: []string{
			"boolean", "smallint", "integer", "bigint", "double precision", "numeric", "numeric(12,2)", "text",
			"varchar(100)", "bytea", "uuid", "json", "jsonb", "date", "time", "timestamp", "timestamptz",
			"interval", "inet",
		},
	}
	for _, p := range policyList {
		w.Policies = append(w.Policies, planfile.Choice{Name: p.name, About: p.about, Allowed: p.words, Check: p.check})
	}
	return w
}

// MakePlan decides all that a run would, without writing: Report.Plan has it,
// with the hazards that wait for a choice. With toTarget, the target is looked
// at as Migrate would; without, tables are planned for one that has none.
func MakePlan(ctx context.Context, cfg Config, toTarget bool) (Report, error) {
	cfg.DryRun = true
	r, err := newRun(cfg)
	switch {
	case err != nil:
	case !toTarget && cfg.Into == IntoExisting:
		err = &Error{Err: errors.New("--into=existing without a TARGET"), Hint: "name the database in which the application has made its tables", Code: ExitUsage}
	case toTarget:
		err = r.prepare(ctx)
	default:
		err = r.inspect(ctx)
	}
	rep, err := r.finish(ctx, err)
	if err == nil && rep.Plan == nil {
		err = &Error{Err: errors.New("nothing was decided"), Hint: "litehaul inspect shows what the source holds", Code: ExitFailed}
	}
	return rep, err
}
