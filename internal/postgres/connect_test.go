package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/litehaul/litehaul/internal/pgtest"
	"github.com/litehaul/litehaul/internal/postgres"
)

// secret must never be seen in an error. It has no letter that needs encoding.
const secret = "hush4711"

func noSecret(t *testing.T, err error) {
	t.Helper()
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, shown := range []string{e.Error(), fmt.Sprintf("%+v", e), fmt.Sprintf("%q", e)} {
			if strings.Contains(shown, secret) {
				t.Errorf("the password is in the error: %s", shown)
			}
		}
	}
}

func TestParseTargetRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"postgres://u:" + secret + "@h:port/db",
		"postgres://u:" + secret + "/x@h/db",
		"postgres://u:x/" + secret + "@h/db",
		"postgres://u:x@" + secret + "@h/db",
		"postgres://u:x#" + secret + "@h/db?sslmode=odd",
		"postgres://u:%" + secret + "@h/db",
		"postgres://u@h/db?sslmode=odd&password=" + secret,
		"postgres://u@h:x/db?pass%77ord=" + secret,
		"host=h password=" + secret + " port=x",
		"host=h PASSWORD = " + secret + " port=x",
		`host=h password='a\'` + secret + `' port=x`,
		"host=h password='" + secret,
		"host=h sslmode=odd password=" + secret,
		"mysql://u:" + secret + "@h/db",
		"postgresql+driver://u:" + secret + "@h/db?sslmode=require",
		"jdbc:postgresql://h/db?user=u&password=" + secret,
		"just some words",
		"host=h gssencmode=require",
		"host=h hostaddr=10.0.0.1",
		"host=h requirepeer=postgres",
		"host=h ssl_min_protocol_version=TLSv1.3",
		"postgres://h:99999/db",
		"host=h connect_timeout=soon",
		"service=there_is_no_such_service",
	} {
		_, err := postgres.ParseTarget(s)
		if err == nil {
			t.Errorf("%s: taken", s)
			continue
		}
		if !strings.HasPrefix(err.Error(), "target: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %q", s, err)
		}
		noSecret(t, err)
	}
}

func TestParseTargetTellsReason(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"host=h sslmode=odd":    "sslmode",
		"host=h port=x":         "port",
		"service=no_such_thing": "service",
		"host=h sslrootcert=/no sslmode=verify-full password=" + secret: "/no",
	} {
		_, err := postgres.ParseTarget(s)
		if err == nil {
			t.Errorf("%s: taken", s)
			continue
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want a word of %q", s, err, want)
		}
		noSecret(t, err)
	}
}

// TestLibpqsOwnParameters: what psql takes and the server does not know is not sent
// to it; what neither knows is told.
func TestLibpqsOwnParameters(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).Database(t)
	glue := "?"
	if strings.Contains(url, "?") {
		glue = "&"
	}
	for _, s := range []string{
		"keepalives=1&keepalives_idle=5&keepalives_interval=5&keepalives_count=3", "gssencmode=disable",
		"gssencmode=prefer&gssdelegation=0", "sslcompression=0&requiressl=0", "fallback_application_name=x",
		"load_balance_hosts=disable", "ssl_min_protocol_version=TLSv1.2", "channel_binding=prefer&sslsni=0", "search_path=other",
	} {
		if _, err := connect(t, url+glue+s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	_, err := connect(t, url+glue+"connection_limit=1")
	var ce *postgres.ConnectError
	if !errors.As(err, &ce) || !strings.Contains(err.Error(), `"connection_limit"`) || !strings.Contains(ce.Hint, "take that parameter out") {
		t.Errorf("%v", err)
	}
}

func TestTargetFields(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"postgres://me:" + secret + "@db.example:5433/shop",
		"postgresql://me@db.example:5433/shop?password=" + secret,
		"host=db.example port=5433 user=me password=" + secret + " dbname=shop",
	} {
		got, err := postgres.ParseTarget(s)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff("db.example:5433/shop as me", got.String()); diff != "" {
			t.Error(diff)
		}
		if got.Host() != "db.example" || got.Database() != "shop" || got.User() != "me" {
			t.Errorf("%s: %s, %s, %s", s, got.Host(), got.Database(), got.User())
		}
	}
}

// connect opens a target and asks who and where it is.
func connect(t *testing.T, s string) (who string, err error) {
	t.Helper()
	target, err := postgres.ParseTarget(s)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := target.Connect(t.Context())
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(context.Background()) }()
	err = conn.QueryRow(t.Context(), "select current_user || '@' || current_database() || ' ' || current_setting('application_name')").Scan(&who)
	return who, err
}

// parts takes a server's URL apart.
func parts(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestConnectForms(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	db := strings.TrimPrefix(parts(t, srv.Database(t)).Path, "/")
	role := srv.Role(t)
	tcp := parts(t, role.URL(t, srv.TCPURL(db)))
	socket := parts(t, srv.URL(db)).Query().Get("host")
	want := role.Name + "@" + db + " litehaul"
	for name, s := range map[string]string{
		"url":         tcp.String(),
		"key=value":   fmt.Sprintf("host=%s port=%s dbname=%s user=%s password=%s", tcp.Hostname(), tcp.Port(), db, role.Name, role.Password),
		"unix socket": fmt.Sprintf("host=%s port=%s dbname=%s user=%s", socket, tcp.Port(), db, role.Name),
		"socket url":  role.URL(t, srv.URL(db)),
		"prefer TLS":  strings.Replace(tcp.String(), "sslmode=disable", "sslmode=prefer", 1),
		"two hosts": fmt.Sprintf("host=127.0.0.1,%s port=1,%s dbname=%s user=%s password=%s",
			tcp.Hostname(), tcp.Port(), db, role.Name, role.Password),
	} {
		who, err := connect(t, s)
		if err != nil || who != want {
			t.Errorf("%s: %q, %v, want %q", name, who, err, want)
		}
	}
}

//nolint:paralleltest // the environment belongs to the process
func TestConnectThroughEnvironment(t *testing.T) {
	srv := pgtest.Start(t)
	db := strings.TrimPrefix(parts(t, srv.Database(t)).Path, "/")
	role := srv.Role(t)
	tcp := parts(t, role.URL(t, srv.TCPURL(db)))
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	passfile := write("pgpass", fmt.Sprintf("*:%s:%s:%s:%s\n", tcp.Port(), db, role.Name, role.Password))
	services := write("services", fmt.Sprintf("[shop]\nhost=%s\nport=%s\ndbname=%s\nuser=%s\npassword=%s\n",
		tcp.Hostname(), tcp.Port(), db, role.Name, role.Password))
	base := map[string]string{"PGHOST": tcp.Hostname(), "PGPORT": tcp.Port(), "PGDATABASE": db, "PGUSER": role.Name}
	with := func(more map[string]string, without ...string) map[string]string {
		out := map[string]string{}
		for k, v := range base {
			out[k] = v
		}
		for k, v := range more {
			out[k] = v
		}
		for _, k := range without {
			delete(out, k)
		}
		return out
	}
	for _, test := range []struct {
		name, target, want string
		env                map[string]string
	}{
		{"PGPASSWORD", "", " litehaul", with(map[string]string{"PGPASSWORD": role.Password})},
		{"PGPASSFILE", "", " litehaul", with(map[string]string{"PGPASSFILE": passfile})},
		{"PGSERVICE", "", " litehaul", map[string]string{"PGSERVICE": "shop", "PGSERVICEFILE": services}},
		{"service=", "service=shop", " litehaul", map[string]string{"PGSERVICEFILE": services}},
		{"the string wins", "dbname=" + db, " litehaul", with(map[string]string{"PGPASSWORD": role.Password, "PGDATABASE": "no_such"})},
		{"PGAPPNAME", "", " mine", with(map[string]string{"PGPASSWORD": role.Password, "PGAPPNAME": "mine"})},
		{"PGOPTIONS", "", " fromoptions", with(map[string]string{"PGPASSWORD": role.Password, "PGOPTIONS": "-c client_encoding=latin1 -c standard_conforming_strings=off -c timezone=Asia/Tokyo", "PGAPPNAME": "fromoptions"})},
		{"PGSSLMODE", "", " litehaul", with(map[string]string{"PGPASSWORD": role.Password, "PGSSLMODE": "allow"})},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, k := range []string{"PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGPASSFILE", "PGSERVICE", "PGSERVICEFILE", "PGAPPNAME", "PGOPTIONS", "PGSSLMODE"} {
				t.Setenv(k, test.env[k])
				if test.env[k] == "" {
					_ = os.Unsetenv(k) // Setenv above puts it back
				}
			}
			who, err := connect(t, test.target)
			if want := role.Name + "@" + db + test.want; err != nil || who != want {
				t.Errorf("%q, %v, want %q", who, err, want)
			}
		})
	}
}

// TestSessionParams: what the role and PGOPTIONS set does not change what
// statements mean.
func TestSessionParams(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	role := srv.Role(t)
	for _, set := range []string{"client_encoding = latin1", "standard_conforming_strings = off", "datestyle = 'SQL, DMY'", "timezone = 'Asia/Tokyo'"} {
		if err := srv.Exec(t.Context(), "ALTER ROLE "+role.Name+" SET "+set); err != nil {
			t.Fatal(err)
		}
	}
	target, err := postgres.ParseTarget(role.URL(t, srv.Database(t)) + "&options=-c%20datestyle%3DGerman")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := target.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	got := map[string]string{}
	for _, name := range []string{"client_encoding", "standard_conforming_strings", "datestyle", "timezone"} {
		var v string
		if err := conn.QueryRow(t.Context(), "select current_setting($1)", name).Scan(&v); err != nil {
			t.Fatal(err)
		}
		got[name] = v
	}
	want := map[string]string{"client_encoding": "UTF8", "standard_conforming_strings": "on", "datestyle": "ISO, YMD", "timezone": "UTC"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestConnectErrors(t *testing.T) {
	t.Parallel()
	srv := pgtest.Start(t)
	tcp := parts(t, srv.TCPURL("postgres"))
	tcp.User = url.UserPassword("postgres", secret)
	silent := listen(t, func(net.Conn) {}) // takes connections and says nothing
	garbage := listen(t, func(c net.Conn) {
		_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
		_ = c.Close()
	})
	closed := listen(t, func(c net.Conn) { _ = c.Close() })
	at := func(host string) string {
		return "postgres://u:" + secret + "@" + host + "/db?sslmode=disable&connect_timeout=1"
	}
	for _, test := range []struct {
		name, target string
		say, hint    string
		credential   bool
	}{
		{"wrong password", tcp.String(), "password authentication failed", ".pgpass", true},
		{"no password", strings.Replace(srv.TCPURL("postgres"), ":"+srv.Password()+"@", "@", 1), "password", ".pgpass", true},
		{"unknown database", srv.URL("no_such_database"), "does not exist", "createdb no_such_database", true},
		{"unknown role", strings.Replace(srv.URL("postgres"), "user=postgres", "user=nobody_here", 1), "nobody_here", "", true},
		{"unknown host", at("no-such-host.invalid"), "no-such-host.invalid", "host", false},
		{"nothing listens", at("127.0.0.1:1"), "refused", "listens", false},
		{"no socket", "host=/no/such/folder user=u dbname=db", "no such file", "listens", false},
		{"no answer", at(silent), "no answer within 1s", "connect_timeout", false},
		{"not Postgres", at(garbage), "", "PostgreSQL", false},
		{"hangs up", at(closed), "", "PostgreSQL", false},
		{"TLS demanded", strings.Replace(srv.TCPURL("postgres"), "disable", "require", 1), "refused TLS", "sslmode", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			_, err := connect(t, test.target)
			var ce *postgres.ConnectError
			if !errors.As(err, &ce) {
				t.Fatalf("got %v, want a ConnectError", err)
			}
			if !strings.Contains(err.Error(), test.say) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q, want one line with %q", err, test.say)
			}
			if !strings.Contains(ce.Hint, test.hint) || ce.Hint == "" && test.hint != "" {
				t.Errorf("hint %q, want a word of %q", ce.Hint, test.hint)
			}
			if ce.Credential != test.credential {
				t.Errorf("credential %v", ce.Credential)
			}
			noSecret(t, err)
			if strings.Contains(err.Error(), srv.Password()) {
				t.Error("the server's password is in the error")
			}
			if time.Since(start) > 5*time.Second {
				t.Errorf("took %s", time.Since(start))
			}
		})
	}
}

func TestConnectIsCancelled(t *testing.T) {
	t.Parallel()
	target, err := postgres.ParseTarget("postgres://u:" + secret + "@" + listen(t, func(net.Conn) {}) + "/db?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := target.Connect(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if time.Since(start) > time.Second {
		t.Errorf("took %s", time.Since(start))
	}
}

// listen serves TCP connections until the test ends.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var open []net.Conn
		for {
			c, err := l.Accept()
			if err != nil {
				for _, c := range open {
					_ = c.Close()
				}
				return
			}
			open = append(open, c)
			serve(c)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}
