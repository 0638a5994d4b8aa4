package machine

import (
	"syscall"
	"time"
)

// cpuTime is what this process has spent so far, user and system.
func cpuTime() time.Duration {
	process, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0
	}
	var made, ended, system, user syscall.Filetime
	if err := syscall.GetProcessTimes(process, &made, &ended, &system, &user); err != nil {
		return 0
	}
	return ticks(system) + ticks(user)
}

// ticks gives a length of time, which a Filetime holds in units of 100 ns.
func ticks(f syscall.Filetime) time.Duration {
	return 100 * time.Duration(int64(f.HighDateTime)<<32|int64(f.LowDateTime))
}
