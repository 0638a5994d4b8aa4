package postgres

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// SQLSTATEs that callers branch on (PostgreSQL documentation, appendix A).
const (
	CodeDiskFull          = "53100"
	CodeLockTimeout       = "55P03"
	CodeDeadlock          = "40P01"
	CodeCanceled          = "57014" // statement_timeout, among others
	CodeDuplicateSchema   = "42P06"
	CodeTooManyConns      = "53300"
	CodeLimitExceeded     = "54000" // index row too large, among others
	CodeCheckViolation    = "23514"
	CodeForeignKey        = "23503"
	CodeUniqueViolation   = "23505"
	CodePrivilege         = "42501"
	CodeUndefinedTable    = "42P01"
	CodeUndefinedSchema   = "3F000"
	codeWrongPassword     = "28P01"
	codeNotAuthorized     = "28000"
	codeNoDatabase        = "3D000"
	codeReadOnly          = "25006"
	codeUnknownParam      = "42704"
	connectTimeoutDefault = 15 * time.Second
)

// ConnectError is a target that could not be reached or entered, with advice.
// It never holds a password.
type ConnectError struct {
	Err        error
	Where      string // host, port, database and user
	Hint       string
	Code       string // SQLSTATE of the server's answer, or ""
	Credential bool   // the server was reached and refused the role or database
}

// Error names the target and the reason.
func (e *ConnectError) Error() string {
	return fmt.Sprintf("connect to %s: %v", e.Where, e.Err)
}

// Unwrap gives the cause.
func (e *ConnectError) Unwrap() error { return e.Err }

// Target is where to connect to: a parsed URL, key=value string, or the
// environment.
type Target struct{ config *pgx.ConnConfig }

// ParseTarget reads whatever libpq takes: a URL, a key=value string, or "" for
// PGHOST, PGSERVICE, .pgpass and friends.
func ParseTarget(s string) (*Target, error) {
	cfg, err := pgx.ParseConfig(s)
	if err != nil {
		return nil, parseError(s, err)
	}
	if strings.ContainsAny(cfg.Host, "@?#") {
		// The tail of a password with such a letter in it: not to be shown.
		return nil, errors.New("target: the host's name holds one of @ ? #, as if a password were not encoded")
	}
	if err := settleParams(cfg.RuntimeParams); err != nil {
		return nil, err
	}
	// Statements are sent unnamed: nothing is left in the session, so that a
	// pooler between us and the server may change it under us.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	for name, value := range sessionParams {
		cfg.RuntimeParams[name] = value
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "litehaul"
	}
	cfg.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		return pgproto3.NewFrontend(bufio.NewReaderSize(&pacedReader{r: r}, readBytes), w)
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeoutDefault
	}
	return &Target{cfg}, nil
}

// readBytes is how much is read from a connection at once, at most. pgproto3
// itself reads 8 KB, and COPY TO brings hundreds of megabytes.
const readBytes = 256 << 10

// sessionParams win over what the role, the database or PGOPTIONS set, so that
// statements mean the same for everybody. Poolers know these four and keep
// them apart between their clients; all else is set per transaction.
var sessionParams = map[string]string{
	"client_encoding":             "UTF8",
	"standard_conforming_strings": "on",
	"datestyle":                   "ISO, YMD",
	"timezone":                    "UTC",
}

// parseError says why a target string cannot be read, without any part of it
// that may be a password: one that is not encoded falls apart at its / or @,
// and its pieces then look like a host, a port or a parameter.
func parseError(s string, err error) error {
	if strings.Contains(s, "@") || strings.Contains(strings.ToLower(s), "password") {
		err = errors.Unwrap(err)
		var bad *os.PathError
		if errors.As(err, &bad) {
			return fmt.Errorf("target: %w", bad)
		}
		return errors.New("target: not a Postgres URL or key=value string")
	}
	msg := err.Error()
	if i := strings.LastIndex(msg, "`: "); i >= 0 {
		msg = msg[i+len("`: "):]
	}
	return fmt.Errorf("target: %s", msg)
}

// Host is the host name, address or socket folder.
func (t *Target) Host() string { return t.config.Host }

// Database is the name of the database.
func (t *Target) Database() string { return t.config.Database }

// User is the role.
func (t *Target) User() string { return t.config.User }

// String names the target without its password.
func (t *Target) String() string {
	return fmt.Sprintf("%s:%d/%s as %s", t.config.Host, t.config.Port, t.config.Database, t.config.User)
}

// Connect opens one connection.
func (t *Target) Connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, t.config.Copy())
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, t.explain(err)
	}
	if local, ok := conn.PgConn().Conn().(*net.UnixConn); ok {
		_ = local.SetWriteBuffer(unixWriteBytes) // as much as the kernel allows; slower without
	}
	return conn, nil
}

// unixWriteBytes is the write buffer of a unix socket. The kernel's own holds
// some messages of COPY only, and each write that fills it is a switch to the
// server's process and back. (TCP sizes its buffers by itself.)
const unixWriteBytes = 1 << 20

// explain turns a failed connection into one line and a hint.
func (t *Target) explain(err error) error {
	out := &ConnectError{Err: err, Where: t.String()}
	var pg *pgconn.PgError
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &pg):
		out.Err = errors.New(pg.Message)
		out.Code, out.Credential = pg.Code, true
		out.Hint = hintFor(pg.Code, t)
	case errors.As(err, &dns):
		out.Err = fmt.Errorf("host %q is not known", dns.Name)
		out.Hint = "check the host's name"
	case errors.As(err, &op) && op.Op == "dial":
		out.Err = op.Err
		out.Hint = "check that the server runs and listens there, and that a firewall lets you in"
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		out.Err = fmt.Errorf("no answer within %s", t.config.ConnectTimeout)
		out.Hint = "check host, port and firewall; connect_timeout in the URL waits longer"
	default:
		out.Err = errors.New(lastCause(err))
		out.Hint = "is that PostgreSQL, and not another service or something between that cuts the line?"
		if tlsFault(err) {
			out.Hint = "the server and sslmode do not agree on TLS: see sslmode and sslrootcert, or how the server is set up"
		}
	}
	return out
}

// lastCause gives what pgconn says of the last of the addresses that it tried,
// without the address.
func lastCause(err error) string {
	msg := err.Error()
	msg = msg[strings.LastIndex(msg, "\n")+1:]
	if i := strings.LastIndex(msg, "): "); i >= 0 {
		msg = msg[i+len("): "):]
	}
	return msg
}

// tlsFault tells a connection that failed over TLS from others.
func tlsFault(err error) bool {
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	// pgconn has no type for a server that refuses TLS.
	return errors.As(err, &cert) || errors.As(err, &record) || strings.Contains(err.Error(), "tls error")
}

func hintFor(code string, t *Target) string {
	switch code {
	case codeWrongPassword:
		return "check the password in the URL, PGPASSWORD or ~/.pgpass"
	case codeNotAuthorized:
		return "check the user's name; or the server's pg_hba.conf does not let this role in from here, or wants TLS (sslmode=require)"
	case codeUnknownParam:
		return "take that parameter out of the target: neither psql nor the server knows it (the schema is named by --schema)"
	case codeNoDatabase:
		return fmt.Sprintf("make it first: createdb %s", t.Database())
	case CodeTooManyConns:
		return "the server has no free connections: wait, or use fewer --jobs"
	}
	return ""
}

// Code gives the SQLSTATE of a server error, or "".
func Code(err error) string {
	var ce *ConnectError
	if errors.As(err, &ce) {
		return ce.Code
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

// Message gives a server error in one line, with its detail, or err's own text.
func Message(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err.Error()
	}
	if pg.Detail != "" {
		return pg.Message + " (" + pg.Detail + ")"
	}
	return pg.Message
}
