package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/litehaul/litehaul/cmd/litehaul/internal/render"
)

// newRoot makes the command that all others hang from.
func newRoot(con *console) *cobra.Command {
	root := &cobra.Command{
		Use:   "litehaul",
		Short: "Move a SQLite database into PostgreSQL, whole and proven",
		Long: `litehaul moves a SQLite database into PostgreSQL: tables, keys, indexes, views and
every value. It reads all values before it writes any, loads with binary COPY, and
reads everything back to prove that it arrived.`,
		Example: `  litehaul assess app.db --html report.html
  litehaul migrate app.db postgres://app@db.example.com/app --dry-run
  litehaul migrate app.db postgres://app@db.example.com/app
  litehaul demo`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          unknownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return applyEnv(cmd, con.lookupEnv)
		},
	}
	root.PersistentFlags().Var(newChoice(&con.color, colorAuto, colorAlways, colorNever), "color",
		"colour in messages; auto heeds NO_COLOR")
	group(root.PersistentFlags(), groupMessages)
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { writeHelp(cmd, width(con.out)) })
	root.SetOut(con.out)
	root.SetErr(con.err)
	root.AddCommand(newMigrate(con), newReseed(con), newInspect(con), newAssess(con), newPlan(con), newRepair(con), newFixture(con), newBench(con), newDemo(con), newVersion(con), newDemoServer())
	for _, cmd := range root.Commands() {
		complete(cmd)
		for _, sub := range cmd.Commands() {
			complete(sub)
		}
	}
	return root
}

// The headings of the flags in help texts, in their order.
const (
	groupWhat     = "What to move"
	groupTarget   = "Target"
	groupTypes    = "Types"
	groupChoices  = "Choices that only you can make"
	groupSource   = "Source"
	groupLoad     = "Load and verify"
	groupFixture  = "Fixture"
	groupTemplate = "Template"
	groupBench    = "Benchmark"
	groupMask     = "Masking"
	groupReport   = "Report"
	groupMessages = "Progress, messages and metrics"
	groupOther    = "Other"
)

var groups = []string{
	groupWhat, groupTarget, groupTypes, groupChoices, groupSource, groupLoad, groupMask, groupFixture, groupTemplate, groupBench, groupReport,
	groupMessages, groupOther,
}

const (
	// flagColumn is where the descriptions of flags begin.
	flagColumn = 34
	// helpWidth is the width of help texts that go to no terminal.
	helpWidth = 100
)

// writeHelp writes a command's help text, for a page of the given width (0: no
// terminal).
func writeHelp(cmd *cobra.Command, page int) {
	if page <= 0 || page > helpWidth {
		page = helpWidth
	}
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	cmd.Printf("%s\n\nUsage:\n  %s\n", strings.TrimSpace(text), cmd.UseLine())
	if cmd.Example != "" {
		cmd.Printf("\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		cmd.Printf("\nCommands:\n")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				cmd.Printf("  %-*s  %s\n", cmd.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	cmd.InitDefaultHelpFlag()
	for _, heading := range groups {
		writeFlags(cmd, heading, page)
	}
	if cmd.HasAvailableSubCommands() {
		cmd.Printf("\n%q explains a command.\n", cmd.CommandPath()+" COMMAND --help")
		return
	}
	codes := exitCodes
	if own := cmd.Annotations[exitCodesKey]; own != "" {
		codes = own
	}
	cmd.Printf("\nEvery flag can be set in the environment: --color as %s, and so on. The\n"+
		"command line wins.\n\n%s\n", envName("color"), codes)
}

// writeFlags writes the flags under one heading.
func writeFlags(cmd *cobra.Command, heading string, page int) {
	var flags []*pflag.Flag
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		of, ok := f.Annotations[groupKey]
		if !ok {
			of = []string{groupOther}
		}
		if !f.Hidden && slices.Contains(of, heading) {
			flags = append(flags, f)
		}
	})
	if len(flags) == 0 {
		return
	}
	cmd.Printf("\n%s:\n", heading)
	for _, f := range flags {
		writeFlag(cmd, f, page)
	}
}

func writeFlag(cmd *cobra.Command, f *pflag.Flag, page int) {
	value, text := pflag.UnquoteUsage(f)
	label := "  --" + f.Name
	if f.Shorthand != "" {
		label = "  -" + f.Shorthand + ", --" + f.Name
	}
	if value != "" {
		label += " " + value
	}
	if d := f.DefValue; d != "" && d != "false" && d != "0" && d != "[]" {
		text += fmt.Sprintf(" (default %s)", d)
	}
	for _, line := range render.Wrap(text, page-flagColumn) {
		if len(label) > flagColumn-2 {
			cmd.Println(label)
			label = ""
		}
		cmd.Println(fmt.Sprintf("%-*s%s", flagColumn, label, line))
		label = ""
	}
}
