package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/pipeline"
)

// sampleOptions are the flags that choose rows for a fixture and mask their values.
type sampleOptions struct {
	where  whereFlag
	subset subsetFlag
	masks  maskFlag
	seed   string
}

func (o *sampleOptions) addFlags(fs *pflag.FlagSet) {
	fs.Var(&o.where, "where",
		"only the rows of a table for which an expression in SQLite's SQL is true, as in users=active, without rows that refer to those that stay out; repeatable")
	fs.Var(&o.subset, "subset", "a sample of `N%` of the rows, the same each time, with all that they refer to")
	group(fs, groupWhat)
	fs.Var(&o.masks, "mask",
		"mask the values of columns: null, hash, fake-name, fake-email, fake-phone, redact, zero or const:TEXT, as in users.name=fake-name or *.email=fake-email; what foreign keys tie to them goes along; repeatable")
	fs.StringVar(&o.seed, "mask-seed", "",
		"a `SECRET` on which masked values depend, better given as LITEHAUL_MASK_SEED (default: made from all of the source)")
	group(fs, groupMask)
}

func (o *sampleOptions) fill(cfg *pipeline.Config) {
	cfg.Sample = pipeline.Sample{Where: o.where, Percent: float64(o.subset)}
	cfg.Masks, cfg.MaskSeed = o.masks, o.seed
}

// whereFlag is the value of --where.
type whereFlag []pipeline.Condition

// String gives nothing: the flag has no default.
func (f *whereFlag) String() string { return "" }

// Type names the value in help texts.
func (f *whereFlag) Type() string { return "TABLE=EXPR" }

// Set takes a condition, or several of them with semicolons between, as an environment
// variable has to.
func (f *whereFlag) Set(s string) error {
	for s != "" {
		var one string
		one, s = cutCondition(s)
		if strings.TrimSpace(one) == "" {
			continue
		}
		name, sql := cutUnquoted(one, '=')
		table, err := unquote(name)
		if err != nil {
			return err
		}
		if sql = strings.TrimSpace(sql); table == "" || sql == "" {
			return fmt.Errorf("%q is not of the form table=expression", one)
		}
		*f = append(*f, pipeline.Condition{Table: table, SQL: sql})
	}
	return nil
}

// cutCondition cuts s at the first semicolon that stands in no quotes of SQL's.
func cutCondition(s string) (before, after string) {
	quote := byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == ';':
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// subsetFlag is the value of --subset.
type subsetFlag float64

// String gives the value, for pflag.
func (f *subsetFlag) String() string {
	if *f == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(*f), 'g', -1, 64) + "%"
}

// Type names the value in help texts.
func (f *subsetFlag) Type() string { return "N%" }

// Set takes a share in percent.
func (f *subsetFlag) Set(s string) error {
	digits, ok := strings.CutSuffix(strings.TrimSpace(s), "%")
	n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if !ok || err != nil || !(n > 0 && n <= 100) {
		return errors.New("must be a share such as 10%, above 0% and at most 100%")
	}
	*f = subsetFlag(n)
	return nil
}

// maskFlag is the value of --mask.
type maskFlag []pipeline.Mask

// String gives nothing: the flag has no default.
func (f *maskFlag) String() string { return "" }

// Type names the value in help texts.
func (f *maskFlag) Type() string { return "COLUMN=HOW" }

// Set takes masks, several of them with semicolons between, as an environment variable
// has to.
func (f *maskFlag) Set(s string) error {
	return eachWord(s, func(one string) error {
		m, err := pipeline.ParseMask(one)
		if err != nil {
			return err //nolint:wrapcheck // names the value; flagError names the flag
		}
		*f = append(*f, m)
		return nil
	})
}
