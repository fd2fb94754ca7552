package postgrestest

import "net/url"

// openLocal is the rung of the binaries on this machine. The server listens on a socket in a folder that only its
// user may enter, and asks for no password. Nothing stops it but its watchdog and the kernel's parent-death signal.
func openLocal() (*server, error) {
	bin, err := newFinder().find()
	if err != nil {
		return nil, err
	}
	c, err := newCluster(bin, memory(), "")
	if err != nil {
		return nil, err
	}
	c.args = append(hastySettings(), flags("listen_addresses=", "unix_socket_directories="+c.folder)...)
	address := url.URL{
		Scheme: "postgres",
		User:   url.User(superuser),
		Path:   "/postgres",
		RawQuery: url.Values{
			"host":    {c.folder},
			"port":    {"5432"},
			"sslmode": {"disable"},
		}.Encode(),
	}
	c.url = address.String()
	if err := c.start(); err != nil {
		c.remove()
		return nil, err
	}
	s, err := newServer("the binaries in "+bin, c.url)
	if err != nil {
		c.remove()
		return nil, err
	}
	s.guard = c.guard
	return s, nil
}
