package fetch

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	// redirects is how many a request follows.
	redirects = 10
	// dialTimeout and headerTimeout bound what comes before the first byte.
	dialTimeout   = 15 * time.Second
	headerTimeout = 60 * time.Second
)

// newClient makes a client that keeps what is secret to the host it is for. It
// heeds HTTPS_PROXY and its like.
func newClient() *http.Client {
	dialer := &net.Dialer{Timeout: dialTimeout}
	return &http.Client{
		CheckRedirect: follow,
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           dialer.DialContext,
			TLSHandshakeTimeout:   dialTimeout,
			ResponseHeaderTimeout: headerTimeout,
			ForceAttemptHTTP2:     true,
			DisableCompression:    true,
		},
	}
}

// follow decides about a redirect. The URL that was left goes to nobody: its
// query may be a signature. Package http itself would also hand Authorization on
// to subdomains.
func follow(req *http.Request, via []*http.Request) error {
	last := via[len(via)-1].URL
	switch {
	case len(via) > redirects:
		return finalError{fmt.Errorf("the server redirects more than %d times", redirects), ""}
	case req.URL.Scheme != "http" && req.URL.Scheme != "https":
		return finalError{fmt.Errorf("the server redirects to something else than http: %.20q", req.URL.Scheme), ""}
	case last.Scheme == "https" && req.URL.Scheme == "http":
		return finalError{errors.New("the server redirects from https to http, where anybody could change it on the way"), ""}
	}
	req.Header.Del("Referer")
	req.Header.Del("Authorization")
	if req.URL.User == nil && req.URL.Host == via[0].URL.Host && req.URL.Scheme == via[0].URL.Scheme {
		req.URL.User = via[0].URL.User
	}
	return nil
}

// lasting marks the errors of a request that would come again.
func lasting(err error) error {
	err = plain(err)
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return finalError{fmt.Errorf("host %q is not known", dns.Name), "check the URL"}
	case errors.As(err, &cert):
		return finalError{fmt.Errorf("its certificate does not hold: %w", cert.Err), "SSL_CERT_FILE names a file of certificates to trust"}
	case errors.As(err, &record):
		return finalError{errors.New("the server does not speak TLS there"), "http:// instead of https://, if you trust the way"}
	}
	return err
}
