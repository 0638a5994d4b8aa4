package pgserver

import (
	"fmt"
	"net"
	"strconv"
)

// freePort asks the system for a port on 127.0.0.1. Another process may take it
// before the server does, hence the tries in start.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("listen on 127.0.0.1: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port //nolint:errcheck // a TCP listener has a TCP address
	return port, listener.Close()
}

// portTaken reports whether somebody else holds the port. Asking the system is
// better evidence than the text of the server's log.
func portTaken(port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return true
	}
	return listener.Close() != nil
}
