//go:build unix

package pgserver

import (
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
)

// guardScript waits on a pipe whose other end only this process holds, and
// reads words from it: "reaped" says that the postmaster has ended (its pid may
// then belong to somebody else), "dismissed" that the guard is not needed any
// longer. When the pipe ends without that word, we have died. The shell has no
// means to wait for a process that is not its child, so it looks for the lock
// file, which the postmaster removes at its end.
//
// The kernel's own means, Pdeathsig, is no replacement: it fires when the
// *thread* that started the server ends, which Go may do at any time, it exists
// on Linux only, and it would leave the folder behind.
const guardScript = `
pid=$1 lock=$2 work=$3
while read -r word; do
	case $word in
	reaped) pid= ;;
	dismissed) exit 0 ;;
	esac
done
if [ -n "$pid" ]; then
	kill -INT "$pid" 2>/dev/null
	tries=0
	while [ -e "$lock" ] && [ "$tries" -lt 10 ]; do
		sleep 1
		tries=$((tries + 1))
	done
	kill -KILL "$pid" 2>/dev/null
fi
rm -rf "$work"
`

// guard ends the server and removes its folder if this process dies.
type guard struct {
	cmd  *exec.Cmd
	pipe io.WriteCloser
}

// startGuard sets a guard on the postmaster with the given pid. The guard runs
// as the server's user: it needs no other rights.
func (s *Server) startGuard(pid int) (*guard, error) {
	lock := filepath.Join(s.work, fmt.Sprintf(".s.PGSQL.%d.lock", s.port))
	cmd := exec.Command("/bin/sh", "-c", guardScript, "guard", strconv.Itoa(pid), lock, s.work) //nolint:gosec // G204: a constant script
	cmd.Dir = "/"                                                                               // not the folder that the script removes
	s.account.apply(cmd)
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("set a guard on postgres: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("set a guard on postgres: %w", err)
	}
	return &guard{cmd: cmd, pipe: pipe}, nil
}

// tell writes a word to the guard. One that somebody killed needs no telling,
// so the error of a broken pipe says nothing.
func (g *guard) tell(word string) {
	if g != nil {
		_, _ = io.WriteString(g.pipe, word+"\n")
	}
}

// reaped tells the guard to leave the postmaster's pid alone.
func (g *guard) reaped() { g.tell("reaped") }

// dismiss ends the guard.
func (g *guard) dismiss() {
	if g == nil {
		return
	}
	g.tell("dismissed")
	_ = g.cmd.Wait() // closes the pipe; how the guard ended does not matter
}
