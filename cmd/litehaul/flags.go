package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/internal/near"
)

// choice is a flag with a few allowed words.
type choice[T ~string] struct {
	value *T
	allow []T
}

// newChoice sets value to the first word, the default.
func newChoice[T ~string](value *T, words ...T) *choice[T] {
	*value = words[0]
	return &choice[T]{value: value, allow: words}
}

// String gives the value, for pflag.
func (c *choice[T]) String() string { return string(*c.value) }

// Type names the words in help texts, for pflag.
func (c *choice[T]) Type() string { return strings.Join(c.words(), "|") }

// Set takes one of the words.
func (c *choice[T]) Set(s string) error {
	if !slices.Contains(c.allow, T(s)) {
		return fmt.Errorf("must be %s", orList(c.words()))
	}
	*c.value = T(s)
	return nil
}

func (c *choice[T]) words() []string {
	words := make([]string, len(c.allow))
	for i, w := range c.allow {
		words[i] = string(w)
	}
	return words
}

// orList writes: a, b or c.
func orList(words []string) string {
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], ", ") + " or " + words[n]
	}
	return strings.Join(words, "")
}

// complete offers the words of a choice to the shell.
func complete(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		c, ok := f.Value.(interface{ words() []string })
		if !ok {
			return
		}
		// The only error is that the flag has a completion already.
		_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.FixedCompletions(c.words(), cobra.ShellCompDirectiveNoFileComp))
	})
}

// groupKey is the annotation that holds the heading under which a flag stands
// in help texts.
const groupKey = "litehaul_group"

// group gives a heading to all flags of fs that have none yet.
func group(fs *pflag.FlagSet, heading string) {
	fs.VisitAll(func(f *pflag.Flag) {
		if f.Annotations == nil {
			f.Annotations = map[string][]string{}
		}
		if _, ok := f.Annotations[groupKey]; !ok {
			f.Annotations[groupKey] = []string{heading}
		}
	})
}

// envName gives the environment variable of a flag.
func envName(flag string) string {
	return "LITEHAUL_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// applyEnv sets the flags that the command line did not set from their
// environment variables. An empty variable counts as not set.
func applyEnv(cmd *cobra.Command, lookup func(string) (string, bool)) error {
	var first error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || f.Name == "help" || first != nil {
			return
		}
		value, ok := lookup(envName(f.Name))
		if !ok || value == "" {
			return
		}
		if err := cmd.Flags().Set(f.Name, value); err != nil {
			var invalid *pflag.InvalidValueError
			if errors.As(err, &invalid) {
				err = invalid.Unwrap()
			}
			first = usage("", "environment variable %s: invalid value %q: %w", envName(f.Name), value, err)
		}
	})
	return first
}

// flagError makes a usage error of what pflag says about a command line.
func flagError(cmd *cobra.Command, err error) error {
	help := fmt.Sprintf("%q lists the flags", cmd.CommandPath()+" --help")
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		if meant := nearest(cmd, name); meant != "" {
			help = fmt.Sprintf("--%s; %s", meant, help)
		}
		if len(name) == 1 {
			return usage(help, "unknown flag -%s", name)
		}
		return usage(help, "unknown flag --%s", name)
	case errors.As(err, &invalid):
		return usage(help, "invalid value %q for --%s: %w", invalid.GetValue(), invalid.GetFlag().Name, invalid.Unwrap())
	}
	return usage(help, "%w", err)
}

// nearest finds the flag that name was meant to be, or "".
func nearest(cmd *cobra.Command, name string) string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return near.Word(name, names)
}

// argCount checks the number of arguments. What the command takes stands in its
// Use line.
func argCount(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && len(args) <= most {
			return nil
		}
		what := "too many arguments"
		if len(args) < least {
			what = "an argument is missing"
		}
		return usage(fmt.Sprintf("%s; %q explains it", cmd.UseLine(), cmd.CommandPath()+" --help"),
			"%s: %s (%d given)", cmd.Name(), what, len(args))
	}
}

// unknownCommand refuses words that are no command.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := fmt.Sprintf("%q lists the commands", cmd.CommandPath()+" --help")
	if meant := cmd.SuggestionsFor(args[0]); len(meant) > 0 {
		hint = fmt.Sprintf("%s %s; %s", cmd.CommandPath(), meant[0], hint)
	}
	return usage(hint, "unknown command %q", args[0])
}

// exitCodesKey is the annotation of a command that has exit codes of its own.
const exitCodesKey = "litehaul_exit_codes"

// exitCodes, those of package pipeline, are part of each help text.
const exitCodes = `Exit codes:
  0    done, and verified as far as asked
  1    failed; the message says what is in the target
  2    wrong usage: a flag, argument, glob or rule that makes no sense
  3    refused before anything was written; what forces a choice is listed
  4    verification found a difference
  130  interrupted`
