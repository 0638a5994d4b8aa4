package machine

import (
	"os"
	"runtime/debug"
	"time"
)

// Meter takes what this process spends from one moment on.
type Meter struct {
	begin time.Duration
	reset bool
}

// clearPeak, written to clear_refs, begins a process' record of its peak memory
// anew (proc(5)).
const clearPeak = "5"

// NewMeter gives memory that is free back to the system first, so that no
// measurement pays for the one before it.
func NewMeter() Meter {
	debug.FreeOSMemory()
	err := os.WriteFile("/proc/self/clear_refs", []byte(clearPeak), 0)
	return Meter{begin: cpuTime(), reset: err == nil}
}

// CPU gives the time, user and system, since the meter was made; 0 where the
// system does not tell.
func (m Meter) CPU() time.Duration { return cpuTime() - m.begin }

// Peak gives the most memory that this process had since the meter was made, in
// bytes; 0 where the system does not tell, or not for this stretch of time.
func (m Meter) Peak() int64 {
	if !m.reset {
		return 0
	}
	return Peak(os.Getpid())
}
