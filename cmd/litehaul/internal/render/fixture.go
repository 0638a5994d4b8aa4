package render

import (
	"fmt"
	"io"

	"github.com/litehaul/litehaul/pipeline"
)

// Fixture writes the report of a run that has written an archive and nothing else.
func Fixture(w io.Writer, rep *pipeline.Report, opt Options) error {
	p := newPage(w, opt)
	p.header(rep)
	p.sizes(rep)
	p.writtenBy(rep)
	p.renames(rep)
	p.objects(rep)
	p.hazards(rep)
	p.ledger(rep)
	p.notes(rep)
	p.archive(rep)
	rows := int64(0)
	for _, t := range rep.Tables {
		rows += t.Loaded
	}
	p.section(fmt.Sprintf("done: %s, %s in %s s", Plural(int64(len(rep.Tables)), "table"), Plural(rows, "row"), Seconds(rep.Seconds)))
	return p.flush()
}

// archive tells of the fixture that a run has written.
func (p *page) archive(rep *pipeline.Report) {
	f := rep.Fixture
	if f == nil {
		return
	}
	p.section("")
	p.item("", "fixture   ", fmt.Sprintf("%s (%s in %s; rows unpacked: %s)", f.Path, Bytes(f.Bytes), Plural(int64(f.Chunks), "chunk"), Bytes(f.Raw)))
	p.item("", "id        ", f.ID)
}
