package main

import (
	"fmt"
	"syscall"
)

// detachedProcess keeps a process off our console (DETACHED_PROCESS of the
// Windows API).
const detachedProcess = 0x00000008

// detached has a process live apart from our console and its Ctrl-C.
func detached() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: detachedProcess | syscall.CREATE_NEW_PROCESS_GROUP}
}

// stopCommand is what the user types to end the server.
func (k *keptServer) stopCommand() string { return fmt.Sprintf("taskkill /T /F /PID %d", k.pid) }
