package chart_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/bench/chart"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestWrite(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		figure chart.Figure
	}{
		{"empty", chart.Figure{Title: "Nothing"}},
		{"bars", chart.Figure{
			Title: "Whole job, median & range", Unit: "s",
			Panels: []chart.Panel{
				{Title: "tpch-0.5 <8 tables>", Bars: []chart.Bar{
					{Label: "floor", Kind: chart.Bound, Value: 14.2, Low: 13.9, High: 15},
					{Label: "litehaul", Kind: chart.Own, Value: 16, Low: 15.5, High: 18},
					{Label: "pgloader", Kind: chart.Other, Value: 123.4},
				}},
				{Title: "no time at all", Bars: []chart.Bar{{Label: "floor", Kind: chart.Bound}}},
			},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var buf bytes.Buffer
			if err := test.figure.Write(&buf); err != nil {
				t.Fatal(err)
			}
			wellFormed(t, buf.Bytes())
			golden := filepath.Join("testdata", test.name+".svg")
			if *update {
				if err := os.WriteFile(golden, buf.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), buf.String()); diff != "" {
				t.Errorf("%s (-update, if that is meant)", diff)
			}
		})
	}
}

func wellFormed(t *testing.T, svg []byte) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("no XML: %v", err)
		}
	}
}

func ExampleFigure_Write() {
	figure := chart.Figure{Title: "Seconds", Unit: "s", Panels: []chart.Panel{{
		Title: "app.db",
		Bars:  []chart.Bar{{Label: "litehaul", Kind: chart.Own, Value: 1.5}},
	}}}
	var svg bytes.Buffer
	if err := figure.Write(&svg); err != nil {
		return
	}
}
