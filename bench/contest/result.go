package contest

import (
	"slices"
	"time"

	"github.com/litehaul/litehaul/bench/machine"
)

// ResultVersion is the version of the JSON form of Result.
const ResultVersion = 1

// Result is all that was measured, as JSON.
type Result struct {
	Version  int                `json:"version"`
	Date     time.Time          `json:"date"`
	Litehaul Program            `json:"litehaul"`
	Machine  Machine            `json:"machine"`
	Settings map[string]string  `json:"settings"` // of the server, where they are not its defaults
	Runs     int                `json:"runs"`     // laps of each contestant, at least
	Jobs     int                `json:"jobs"`
	Cases    []CaseResult       `json:"cases"`
	GoBench  map[string]float64 `json:"go_bench,omitempty"` // metrics of Go benchmarks, by name and unit
}

// Program says what was measured.
type Program struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
}

// Machine says where.
type Machine struct {
	machine.Machine
	Postgres string `json:"postgres"`
}

// CaseResult is what came out for one data set.
type CaseResult struct {
	Case    string   `json:"case"`
	Bytes   int64    `json:"bytes"` // of the SQLite file
	Rows    int64    `json:"rows"`  // carried over
	Tables  int      `json:"tables"`
	Tuning  []Trial  `json:"tuning"` // how the floor's way was chosen
	Entries []*Entry `json:"entries"`
}

// Trial is one way of the floor that was tried, with the seconds of its laps.
type Trial struct {
	Way     Way       `json:"way"`
	Jobs    int       `json:"jobs"`
	Seconds []float64 `json:"seconds"`
	Chosen  bool      `json:"chosen"`
}

// Entry is one contestant with its laps.
type Entry struct {
	Name  string `json:"name"`
	Jobs  int    `json:"jobs,omitempty"` // connections that load at once, where they can be chosen
	Laps  []Lap  `json:"laps"`
	Error string `json:"error,omitempty"` // why it was taken out of the contest
}

// Lap is one measured run.
type Lap struct {
	Seconds   float64 `json:"seconds"`
	Stages    []Stage `json:"stages,omitempty"`
	ClientCPU float64 `json:"client_cpu"` // seconds, user and system; 0 for the floor, which has no client
	ServerCPU float64 `json:"server_cpu"` // seconds of all of the server's processes
	Peak      int64   `json:"peak"`       // bytes of memory of the client's largest process
	Rows      int64   `json:"rows"`       // in the target when the lap was over
	Load      *Share  `json:"load,omitempty"`
	Archive   int64   `json:"archive,omitempty"` // bytes of the fixture that was written
}

// Share is the CPU time of both sides within the load stage.
type Share struct {
	ClientCPU float64 `json:"client_cpu"`
	ServerCPU float64 `json:"server_cpu"`
}

// Stage is a part of a lap. Stages may overlap.
type Stage struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// stage gives the seconds of a stage, 0 if the lap has none of that name.
func (l Lap) stage(name string) float64 {
	at := slices.IndexFunc(l.Stages, func(s Stage) bool { return s.Name == name })
	if at < 0 {
		return 0
	}
	return l.Stages[at].Seconds
}

// median gives the middle of what of yields over all laps: the mean of the two
// middle ones if their number is even, 0 if there are none.
func (e *Entry) median(of func(Lap) float64) float64 {
	if e == nil || len(e.Laps) == 0 {
		return 0
	}
	values := make([]float64, 0, len(e.Laps))
	for _, lap := range e.Laps {
		values = append(values, of(lap))
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

func (e *Entry) seconds() float64 { return e.median(func(l Lap) float64 { return l.Seconds }) }

func (e *Entry) stage(name string) float64 {
	return e.median(func(l Lap) float64 { return l.stage(name) })
}

// peak gives the largest peak of all laps, 0 if there are none.
func (e *Entry) peak() int64 {
	var largest int64
	if e == nil {
		return 0
	}
	for _, lap := range e.Laps {
		largest = max(largest, lap.Peak)
	}
	return largest
}

// entry finds a contestant by name and jobs; jobs of 0 mean any. It is nil if
// that one did not take part or did not finish a lap.
func (c *CaseResult) entry(name string, jobs int) *Entry {
	if c == nil {
		return nil
	}
	for _, e := range c.Entries {
		if e.Name == name && (jobs == 0 || e.Jobs == jobs) && len(e.Laps) > 0 && e.Error == "" {
			return e
		}
	}
	return nil
}
