package measure

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/litehaul/litehaul/bench/machine"
)

// ResultVersion is the version of the JSON form of Result.
const ResultVersion = 1

// Result is all that was measured. Its JSON form is documented in docs/BENCH.md.
type Result struct {
	Version int               `json:"version"`
	Job     string            `json:"job"` // migrate or reseed
	Tool    string            `json:"tool"`
	Date    time.Time         `json:"date"`
	Machine machine.Machine   `json:"machine"` // of the client
	Server  Server            `json:"server"`
	Source  Source            `json:"source"`
	Options map[string]string `json:"options"` // that decide what is done
	Ways    []*WayResult      `json:"ways"`
}

// Server is what was measured against.
type Server struct {
	Host     string            `json:"host"`
	Version  string            `json:"version"`
	Settings map[string]string `json:"settings"` // that decide how fast it writes
	Scratch  Mode              `json:"scratch"`  // database or schema
}

// Source is what the rows came from.
type Source struct {
	Name  string `json:"name"` // of the file, without its folder
	Bytes int64  `json:"bytes"`
}

// WayResult is one way to do the job, with all of its runs but the first.
type WayResult struct {
	Name  string `json:"name"`
	Rows  int64  `json:"rows"`
	Bytes int64  `json:"bytes"` // of COPY data, 0 where none was sent
	Runs  []Run  `json:"runs"`
}

// Run is one run.
type Run struct {
	Seconds float64 `json:"seconds"`
	Stages  []Stage `json:"stages"`
	CPU     float64 `json:"cpu"`  // seconds of this program, user and system
	Peak    int64   `json:"peak"` // bytes of memory of this program; 0: not known
}

// Stage is a part of a run. Stages may overlap.
type Stage struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// stage gives the seconds of a stage, and whether the run has it.
func (r Run) stage(name string) (float64, bool) {
	for _, s := range r.Stages {
		if s.Name == name {
			return s.Seconds, true
		}
	}
	return 0, false
}

// Way gives the result of a way, nil if it was not measured.
func (r *Result) Way(name string) *WayResult {
	for _, w := range r.Ways {
		if w.Name == name {
			return w
		}
	}
	return nil
}

// Write writes the JSON form.
func (r *Result) Write(w io.Writer) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// Read reads the JSON form. What is no result of a version that is known here
// is an error.
func Read(r io.Reader) (*Result, error) {
	result := &Result{}
	if err := json.NewDecoder(r).Decode(result); err != nil {
		return nil, fmt.Errorf("not a result of litehaul bench: %w", err)
	}
	switch {
	case result.Version == 0 || result.Job == "":
		return nil, fmt.Errorf("not a result of litehaul bench")
	case result.Version > ResultVersion:
		return nil, fmt.Errorf("a result of version %d, and this program knows %d", result.Version, ResultVersion)
	}
	for _, w := range result.Ways {
		if w == nil || len(w.Runs) == 0 {
			return nil, fmt.Errorf("a result without runs")
		}
	}
	return result, nil
}
