package main

import (
	"errors"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/pipeline"
	"github.com/litehaul/litehaul/typemap"
)

// sourceOptions are the flags of every command that reads a source.
type sourceOptions struct {
	tables, exclude []string
	rules           columnRules
	naive           naiveFlag
	frameworks      []string
	invalidText     pipeline.InvalidTextPolicy
	virtualTables   string
	generated       string
	skipDamaged     bool
	recoverCopy     bool
	busyTimeout     time.Duration
	reader          pipeline.ReaderChoice
}

// The values of --virtual-tables and --generated.
const (
	virtualSkip    = "skip"
	virtualContent = "content"
	generatedExpr  = "expressions"
	generatedValue = "values"
)

const defaultBusyTimeout = 10 * time.Second

func (o *sourceOptions) addFlags(fs *pflag.FlagSet) {
	fs.StringSliceVar(&o.tables, "tables", nil, "only the tables that match these `GLOB,...`")
	fs.StringSliceVar(&o.exclude, "exclude", nil, "not the tables that match these `GLOB,...`")
	fs.Var(newChoice(&o.virtualTables, virtualSkip, virtualContent), "virtual-tables",
		"full-text, R-tree and other virtual tables: skip them, or copy their visible rows as tables")
	fs.Var(newChoice(&o.generated, generatedExpr, generatedValue), "generated",
		"generated columns: rebuild their expressions, or copy their values")
	group(fs, groupWhat)
	fs.Var(&ruleFlag{all: &o.rules}, "type",
		`type of a column, as in orders.total=numeric(12,2) or "my.table"."my col"=text; repeatable`)
	fs.Var(&ruleFlag{all: &o.rules, isForm: true}, "form",
		"how a column's values stand: "+orList(typemap.Forms())+"; repeatable")
	o.naive = naiveAuto
	fs.Var(&o.naive, "naive-datetimes",
		"datetime text without a zone: timestamp, or timestamptz:ZONE to read it in a zone, as in timestamptz:UTC; auto: the zone that the framework of the file writes, if it has one")
	fs.StringSliceVar(&o.frameworks, "framework", nil,
		"take `NAME,...` for the frameworks that wrote the file, or none, instead of those that litehaul finds")
	group(fs, groupTypes)
	fs.Var(newChoice(&o.invalidText, pipeline.InvalidRefuse, pipeline.InvalidBytea, pipeline.InvalidReplace, pipeline.InvalidReject),
		"invalid-text", "text that is not UTF-8 or holds NUL: refuse to run, make the column bytea, replace each bad byte by U+FFFD, or leave the row behind")
	group(fs, groupChoices)
	fs.BoolVar(&o.skipDamaged, "skip-damaged", false, "salvage what can be read of a damaged file, and list what could not")
	fs.BoolVar(&o.recoverCopy, "recover-copy", false, "work on a recovered copy in a temporary folder, for a file with a hot journal")
	fs.DurationVar(&o.busyTimeout, "busy-timeout", defaultBusyTimeout, "wait this `LONG` for a writer that holds the source")
	fs.Var(newChoice(&o.reader, pipeline.ReaderAuto, pipeline.ReaderPages, pipeline.ReaderEngine), "reader",
		"read rows from the file's pages where that can be done, always so, or through the SQLite library; for comparison")
	group(fs, groupSource)
}

// fill puts the options into a configuration.
func (o *sourceOptions) fill(cfg *pipeline.Config) {
	cfg.Tables, cfg.Exclude = o.tables, o.exclude
	cfg.Rules = o.rules.rules
	cfg.Naive = pipeline.NaivePolicy(o.naive)
	if o.naive == naiveAuto {
		cfg.Naive = pipeline.NaiveAuto
	}
	cfg.Frameworks = o.frameworks
	cfg.InvalidText = o.invalidText
	cfg.VirtualContent = o.virtualTables == virtualContent
	cfg.GeneratedValues = o.generated == generatedValue
	cfg.SkipDamaged, cfg.RecoverCopy = o.skipDamaged, o.recoverCopy
	cfg.BusyTimeout = o.busyTimeout
	cfg.Reader = o.reader
}

// naiveFlag is the value of --naive-datetimes.
type naiveFlag string

// String gives the value, for pflag.
func (n *naiveFlag) String() string { return string(*n) }

// Type names the value in help texts.
func (n *naiveFlag) Type() string { return "TYPE" }

// naiveAuto leaves it to the framework.
const naiveAuto naiveFlag = "auto"

// Set takes auto, timestamp or timestamptz:ZONE. Whether the zone exists is for the
// run to find out.
func (n *naiveFlag) Set(s string) error {
	zone, ok := strings.CutPrefix(s, "timestamptz:")
	if s != "timestamp" && s != string(naiveAuto) && (!ok || zone == "") {
		return errors.New("must be auto, timestamp or timestamptz:ZONE, as in timestamptz:Europe/Berlin")
	}
	*n = naiveFlag(s)
	return nil
}

// checkSource refuses a SOURCE that is a target.
func checkSource(source string) error {
	scheme, _, _ := strings.Cut(source, "://")
	if strings.EqualFold(scheme, "postgres") || strings.EqualFold(scheme, "postgresql") {
		return usage("litehaul migrate SOURCE TARGET, the file first", "SOURCE is a Postgres URL, not a SQLite file")
	}
	if source == "" {
		return usage("litehaul migrate app.db postgres://...", "SOURCE is empty")
	}
	return nil
}
