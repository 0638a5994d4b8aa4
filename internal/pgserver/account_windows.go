package pgserver

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
)

// Postgres knows Unix sockets on Windows, pgx and libpq of all ages do not.
const hasUnixSockets = false

// account is always nil here: on Windows the server drops its rights by itself.
type account struct{}

func serverAccount() (*account, error) { return nil, nil }

func (*account) apply(*exec.Cmd) {}

func (*account) own(string) error { return nil }

func tempParent(*account) string { return os.TempDir() }

// interrupt asks for a fast shutdown. Windows has no signals; the server
// listens on a pipe instead, which pg_ctl knows how to reach.
func interrupt(p *os.Process, in install) error {
	cmd := exec.Command(in.program("pg_ctl"), "kill", "INT", strconv.Itoa(p.Pid)) //nolint:gosec // G204: running the server's programs is the purpose
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("interrupt postgres: %w%s", err, quoted(out))
	}
	return nil
}

// guard does not exist on Windows: without job objects nothing there outlives
// us that could wait for our end.
type guard struct{}

func (*Server) startGuard(int) (*guard, error) { return nil, nil }

func (*guard) reaped() {}

func (*guard) dismiss() {}
