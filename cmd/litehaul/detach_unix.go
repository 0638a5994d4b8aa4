//go:build unix

package main

import (
	"fmt"
	"syscall"
)

// detached has a process live in a session of its own, out of reach of the
// terminal's Ctrl-C.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// stopCommand is what the user types to end the server.
func (k *keptServer) stopCommand() string { return fmt.Sprintf("kill %d", k.pid) }
