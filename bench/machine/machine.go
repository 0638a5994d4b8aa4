// Package machine says what the machine is that something was measured on, and
// what this process has spent on it. Linux tells all of it; elsewhere, what
// cannot be had is empty. It changes nothing but this process' own record of its
// peak memory.
package machine

import (
	"bufio"
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// Machine is a machine, as far as it decides how fast a program is on it.
type Machine struct {
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	Memory int64  `json:"memory"` // bytes
	OS     string `json:"os"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
}

// This describes the machine, as far as Linux tells; elsewhere, what Go knows.
func This() Machine {
	m := Machine{CPU: runtime.GOARCH, Cores: runtime.NumCPU(), OS: runtime.GOOS, Go: runtime.Version()}
	if model := Field("/proc/cpuinfo", "model name", ":"); model != "" {
		m.CPU = model
	}
	if name := Field("/etc/os-release", "PRETTY_NAME", "="); name != "" {
		m.OS = strings.Trim(name, `"`)
	}
	m.Memory = kilobytes(Field("/proc/meminfo", "MemTotal", ":"))
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(release))
	}
	return m
}

// Peak gives the most memory that a process had, in bytes, 0 if it has ended or
// if this system does not tell. It is not rusage's ru_maxrss: that of a child
// begins at the size of the process that started it.
func Peak(pid int) int64 {
	return kilobytes(Field("/proc/"+strconv.Itoa(pid)+"/status", "VmHWM", ":"))
}

// kilobytes reads "123 kB", as in proc(5); what it cannot read is 0.
func kilobytes(text string) int64 {
	kb, _, _ := strings.Cut(text, " ")
	n, err := strconv.ParseInt(kb, 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}

// Field gives the first value of a key in a file of lines "key separator
// value". It is empty if there is none.
func Field(path, key, separator string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return "" // not this kind of system
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		name, value, found := strings.Cut(lines.Text(), separator)
		if found && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
