package main

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"
)

// wire stands between litehaul and its server and sees each statement before
// the server does, so that a test can act at an exact step of a run.
type wire struct {
	listener net.Listener
	server   string // host:port
	group    errgroup.Group

	mu    sync.Mutex
	conns []net.Conn

	// seen is called with each statement, and with COPY DATA and COPY DONE, one
	// call at a time. If it returns false the statement is held back for ever.
	seen func(statement string) bool
	stop chan struct{}
}

// What the wire calls the messages of a COPY.
const (
	copyData = "COPY DATA"
	copyDone = "COPY DONE"
)

// newWire makes a wire to the server of a URL over TCP, and gives the URL that
// leads through it.
func newWire(t *testing.T, target string, seen func(string) bool) (through string, w *wire) {
	t.Helper()
	parsed, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at the end of the test
	if err != nil {
		t.Fatal(err)
	}
	w = &wire{listener: listener, server: parsed.Host, seen: seen, stop: make(chan struct{})}
	parsed.Host = listener.Addr().String()
	w.group.Go(w.accept)
	t.Cleanup(func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
	return parsed.String(), w
}

// close cuts all connections.
func (w *wire) close() error {
	close(w.stop)
	err := w.listener.Close()
	w.mu.Lock()
	for _, c := range w.conns {
		_ = c.Close() // the other side may have been first
	}
	w.mu.Unlock()
	return errors.Join(err, w.group.Wait())
}

func (w *wire) accept() error {
	for {
		client, err := w.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		server, err := net.Dial("tcp", w.server) //nolint:noctx // closed at the end of the test
		if err != nil {
			_ = client.Close() // litehaul sees a server that is gone
			continue
		}
		w.mu.Lock()
		w.conns = append(w.conns, client, server)
		w.mu.Unlock()
		w.group.Go(func() error { w.relay(client, server); return nil })
		w.group.Go(func() error {
			_, _ = io.Copy(client, server) // whoever closes first ends both
			_ = client.Close()
			return nil
		})
	}
}

// relay hands on what the client says, message by message: PostgreSQL
// documentation, "Message Formats". The first ones have no letter.
func (w *wire) relay(client, server net.Conn) {
	defer func() { _ = server.Close() }()
	for started := false; ; {
		head := 4
		if started {
			head = 5
		}
		msg := make([]byte, head)
		if _, err := io.ReadFull(client, msg); err != nil {
			return
		}
		size := int(binary.BigEndian.Uint32(msg[head-4:])) - 4
		msg = append(msg, make([]byte, size)...)
		if _, err := io.ReadFull(client, msg[head:]); err != nil {
			return
		}
		if started && !w.pass(msg[0], msg[5:]) {
			<-w.stop
			return
		}
		// Version 3 begins the session; other codes ask for TLS or a cancel.
		started = started || binary.BigEndian.Uint32(msg[4:])>>16 == 3
		if _, err := server.Write(msg); err != nil {
			return
		}
	}
}

// pass tells a message's statement to seen.
func (w *wire) pass(kind byte, body []byte) bool {
	statement := ""
	switch kind {
	case 'Q':
		statement = string(body[:len(body)-1])
	case 'P': // name, statement, types
		_, rest, _ := cutZero(body)
		text, _, _ := cutZero(rest)
		statement = string(text)
	case 'd':
		statement = copyData
	case 'c':
		statement = copyDone
	default:
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen(statement)
}

func cutZero(b []byte) (before, after []byte, found bool) {
	for i, c := range b {
		if c == 0 {
			return b[:i], b[i+1:], true
		}
	}
	return b, nil, false
}
