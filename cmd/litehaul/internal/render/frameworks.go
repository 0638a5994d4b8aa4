package render

import (
	"strings"

	"github.com/litehaul/litehaul/pipeline"
)

// writtenBy lists those that made the source, with what tells it: their habits
// decide what the declared types leave open.
func (p *page) writtenBy(rep *pipeline.Report) {
	if len(rep.Frameworks) == 0 {
		return
	}
	p.section("Written by (--framework=none forgets it)")
	for _, f := range rep.Frameworks {
		p.hang("  ", f.Name+colon(strings.Join(f.Evidence, "; ")))
	}
}
