package contest

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc: Linux reports them to programs in
// hundredths of a second on all machines (USER_HZ).
const tick = 10 * time.Millisecond

// Places of fields of /proc/PID/stat behind the process' name, which may hold
// blanks and brackets (proc(5): state is field 3).
const (
	statParent = 1  // field 4
	statUser   = 11 // field 14: utime, then stime, cutime, cstime
	statTimes  = 4
)

// stat gives the fields of /proc/PID/stat behind the name.
func stat(pid int) ([]string, error) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil, fmt.Errorf("state of process %d: %w", pid, err)
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < statUser+statTimes {
		return nil, fmt.Errorf("state of process %d: only %d fields", pid, len(fields))
	}
	return fields, nil
}

// parent gives the process that started pid.
func parent(pid int) (int, error) {
	fields, err := stat(pid)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(fields[statParent])
}

// treeCPU adds up the CPU time, user and system, of a process and all that it
// started. Those that have ended since are counted by their parent, which has
// waited for them: the postmaster does so for every backend.
func treeCPU(pid int) (time.Duration, error) {
	own, reaped, err := processCPU(pid)
	if err != nil {
		return 0, err
	}
	for {
		children := childrenCPU(pid)
		// A child that ended in between would be in neither sum, or in both.
		ownNow, reapedNow, err := processCPU(pid)
		if err != nil || reapedNow == reaped {
			return own + reaped + children, nil //nolint:nilerr // it has ended in between: what it was counts
		}
		own, reaped = ownNow, reapedNow
	}
}

// processCPU gives the CPU time of a process, and that of its children that
// have ended.
func processCPU(pid int) (own, reaped time.Duration, err error) {
	fields, err := stat(pid)
	if err != nil {
		return 0, 0, err
	}
	var times [statTimes]time.Duration
	for i, text := range fields[statUser : statUser+statTimes] {
		ticks, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("CPU time of process %d: %w", pid, err)
		}
		times[i] = time.Duration(ticks) * tick
	}
	return times[0] + times[1], times[2] + times[3], nil
}

// childrenCPU adds up the children that have not ended.
func childrenCPU(pid int) (total time.Duration) {
	// A process has as many lists of children as threads; the servers and
	// clients that are measured start all of theirs from their first thread, or
	// have none.
	id := strconv.Itoa(pid)
	children, err := os.ReadFile("/proc/" + id + "/task/" + id + "/children")
	if err != nil {
		return 0 // it has ended, and with it its children
	}
	for _, text := range strings.Fields(string(children)) {
		if child, err := strconv.Atoi(text); err == nil {
			spent, _ := treeCPU(child) // 0 if it has ended
			total += spent
		}
	}
	return total
}
