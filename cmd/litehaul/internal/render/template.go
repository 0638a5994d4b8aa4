package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/litehaul/litehaul/pipeline"
)

// Template writes the report of a run that copied a database from a template.
func Template(w io.Writer, rep *pipeline.Report, opt Options) error {
	p := newPage(w, opt)
	t := rep.Template
	p.section("")
	p.item("", "fixture   ", rep.Source.Path+parens(Bytes(rep.Source.Bytes)))
	p.item("", "id        ", t.ID)
	p.differences(rep)
	p.objects(rep)
	p.notes(rep)
	p.section("")
	state := "found"
	if t.Made {
		state = "made"
	}
	p.item("", "template  ", t.Template+" ("+Bytes(t.Bytes)+"), "+state)
	if t.Made {
		p.item("", "filled    ", "in "+Seconds(t.FillSeconds)+" s, sealed in "+Seconds(t.SealSeconds)+" s")
	}
	how := "in " + Seconds(t.CopySeconds) + " s"
	if t.Replaced {
		how += ", put in the place of the old one in " + Seconds(t.SwapSeconds) + " s"
	}
	if t.Ended > 0 {
		how += "; ended " + Plural(int64(t.Ended), "session")
	}
	p.item("", "copied    ", how)
	if len(t.Dropped) > 0 {
		p.item("", "dropped   ", strings.Join(t.Dropped, ", ")+" in "+Seconds(t.DropSeconds)+" s")
	}
	p.section(fmt.Sprintf("done: database %s in %s s", t.Database, Seconds(rep.Seconds)))
	return p.flush()
}
