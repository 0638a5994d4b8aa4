//go:build !linux

package postgres

import "time"

// doze sleeps for less than a millisecond.
func doze(d time.Duration) { time.Sleep(d) }
