// Package chart draws bar charts as SVG: text and rectangles, nothing else, in
// colours that follow the reader's light or dark theme. It measures nothing and
// reads no files.
package chart

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
)

// Kind decides the colour of a bar.
type Kind string

// The kinds of bars, which are the classes of the SVG too.
const (
	Bound Kind = "bound" // what nobody can beat
	Own   Kind = "own"
	Other Kind = "other"
)

// Figure is a chart of panels, one below the other, each with a scale of its
// own that begins at 0.
type Figure struct {
	Title  string
	Unit   string // behind each number, as in "s"
	Panels []Panel
}

// Panel is a group of bars that are to be compared.
type Panel struct {
	Title string
	Bars  []Bar
}

// Bar is a value with the range in which it was seen.
type Bar struct {
	Label     string
	Kind      Kind
	Value     float64
	Low, High float64 // drawn as a line, unless both are 0
}

// Measures of the drawing, in pixels.
const (
	width     = 720
	labelEnd  = 190 // labels end here, bars begin a gap later
	gap       = 8
	barEnd    = 620 // the longest bar ends here; its number follows
	barHeight = 16
	barStep   = 22
	headStep  = 34
	panelGap  = 14
	margin    = 16
	baseline  = 12 // of a text within its bar
)

const style = `
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 15px; font-weight: 600 }
.panel { font-weight: 600 }
.label { text-anchor: end }
.bound { fill: #8c959f } .own { fill: #0969da } .other { fill: #d4a72c }
.range { stroke: #24292f; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .bound { fill: #6e7681 } .own { fill: #4493f8 } .other { fill: #bb8009 }
  .range { stroke: #e6edf3 }
}
`

// Write draws the figure.
func (f Figure) Write(w io.Writer) error {
	height := margin + headStep
	for _, panel := range f.Panels {
		height += barStep + len(panel.Bars)*barStep + panelGap
	}
	d := &drawing{}
	d.printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n", width, height, width, height)
	d.printf("<title>%s</title>\n<style>%s</style>\n", escaped(f.Title), style)
	d.text("title", margin, margin+baseline, f.Title)
	y := margin + headStep
	for _, panel := range f.Panels {
		d.panel(panel, f.Unit, y)
		y += barStep + len(panel.Bars)*barStep + panelGap
	}
	d.printf("</svg>\n")
	_, err := w.Write(d.buf.Bytes())
	return err
}

type drawing struct{ buf bytes.Buffer }

func (d *drawing) printf(format string, args ...any) { fmt.Fprintf(&d.buf, format, args...) }

func (d *drawing) text(class string, x, y int, text string) {
	d.printf(`<text class="%s" x="%d" y="%d">%s</text>`+"\n", class, x, y, escaped(text))
}

func (d *drawing) panel(p Panel, unit string, y int) {
	longest := 0.0
	for _, bar := range p.Bars {
		longest = max(longest, bar.Value, bar.High)
	}
	at := func(value float64) int {
		if longest == 0 {
			return labelEnd + gap
		}
		return labelEnd + gap + int(value/longest*(barEnd-labelEnd-gap)+0.5)
	}
	d.text("panel", margin, y+baseline, p.Title)
	for _, bar := range p.Bars {
		y += barStep
		d.text("label", labelEnd, y+baseline, bar.Label)
		left := at(0)
		d.printf(`<rect class="%s" x="%d" y="%d" width="%d" height="%d"/>`+"\n", bar.Kind, left, y, max(1, at(bar.Value)-left), barHeight)
		if bar.Low != 0 || bar.High != 0 {
			d.printf(`<path class="range" d="M%d %dH%d"/>`+"\n", at(bar.Low), y+barHeight/2, at(bar.High))
		}
		d.text("value", at(max(bar.Value, bar.High))+gap, y+baseline, number(bar.Value)+" "+unit)
	}
}

// number gives three digits.
func number(value float64) string {
	digits := 2
	for limit := 10.0; digits > 0 && value >= limit; limit *= 10 {
		digits--
	}
	return strconv.FormatFloat(value, 'f', digits, 64)
}

func escaped(text string) string {
	var buf bytes.Buffer
	_ = xml.EscapeText(&buf, []byte(text)) // a buffer takes everything
	return buf.String()
}
