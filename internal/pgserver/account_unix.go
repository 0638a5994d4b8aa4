//go:build unix

package pgserver

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

const hasUnixSockets = true

// UserEnv names the environment variable that chooses the user as which root
// runs the server.
const UserEnv = "LITEHAUL_PG_USER"

// account is the user that the server runs as when we are root, because
// postgres and initdb refuse to be root. It is nil when we are anybody else.
type account struct {
	uid, gid uint32
}

func serverAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil // nil is the account of a process that needs no other
	}
	names := []string{"postgres", "nobody"}
	if name := os.Getenv(UserEnv); name != "" {
		names = []string{name}
	}
	for _, name := range names {
		found, err := user.Lookup(name)
		var unknown user.UnknownUserError
		switch {
		case errors.As(err, &unknown):
			continue
		case err != nil:
			return nil, fmt.Errorf("look up user %s: %w", name, err)
		}
		return newAccount(found)
	}
	return nil, fmt.Errorf("postgres refuses to run as root, and there is none of these users: %v (set %s to one that exists)", names, UserEnv)
}

func newAccount(u *user.User) (*account, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %s: uid: %w", u.Username, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %s: gid: %w", u.Username, err)
	}
	if uid == 0 {
		return nil, fmt.Errorf("user %s is root, which postgres refuses", u.Username)
	}
	return &account{uid: uint32(uid), gid: uint32(gid)}, nil
}

// apply has cmd run as the account, in a session of its own: a Ctrl-C in the
// terminal is ours to handle, not the server's.
func (a *account) apply(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
}

// own makes the account the owner of path.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}

// tempParent is where the server's folder goes: the usual place, unless the
// account may not enter it or a socket's path there would be too long for
// sockaddr_un (104 bytes on BSD and macOS, 108 on Linux, the final NUL included).
func tempParent(a *account) string {
	const (
		maxSocketPath = 103
		longest       = "/litehaul-pg-4294967295/.s.PGSQL.65535"
	)
	dir := os.TempDir()
	if len(dir)+len(longest) > maxSocketPath || (a != nil && !open(dir)) {
		return "/tmp"
	}
	return dir
}

// open reports whether anybody may pass through dir and all folders above it.
func open(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}

// interrupt asks for a fast shutdown.
func interrupt(p *os.Process, _ install) error {
	if err := p.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("interrupt postgres: %w", err)
	}
	return nil
}
