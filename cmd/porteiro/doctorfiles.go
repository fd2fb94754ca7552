package main

import (
	"errors"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// look is at settings that can be meant, and seldom are.
func (d *doctor) look() {
	for _, n := range d.proxies {
		p, err := netip.ParsePrefix(n)
		if err == nil && (p.Addr().Is4() && p.Bits() < 8 || p.Addr().Is6() && p.Bits() < 16) {
			d.say(warning, "trusted proxies", "%s is a large part of the internet: everybody in it can say to be anybody: name the network of the proxies", n)
		}
	}
	behind := strings.HasPrefix(d.issuer, "https://") && !d.tls.used() // something else speaks TLS
	switch {
	case len(d.proxies) == 0 && behind:
		d.say(warning, "trusted proxies", "the issuer is https and porteiro is not, so a proxy stands in front, and all requests count as that one's: guessing from "+
			"anywhere has one bound together: name it by --trusted-proxy")
	case len(d.proxies) == 0 && !d.tls.used():
		for _, address := range []string{d.listen, d.grpc.address} {
			if address != "" && !loopback(address) {
				d.say(warning, "listening", "passwords and tokens come to %s unencrypted: give it --tls-cert-file, or put a proxy in front and name it by --trusted-proxy", address)
			}
		}
	}
	d.say(fine, "configuration", "porteiro serve takes it")
}

// soon is how long before its end a certificate should be replaced.
const soon = 14 * 24 * time.Hour

func (d *doctor) certificate() {
	if !d.tls.used() {
		return
	}
	if err := d.tls.load(d.now); err != nil {
		d.say(problem, "certificate", "%w", err)
		return
	}
	leaf := d.tls.current.Load().Leaf
	if leaf.NotAfter.Before(d.now.Add(soon)) {
		d.say(warning, "certificate", "%s expires on %s: put another one there, and send SIGHUP", d.tls.certFile, moment(leaf.NotAfter))
	}
	if u, err := url.Parse(d.issuer); err == nil && u.Scheme == "https" && leaf.VerifyHostname(u.Hostname()) != nil {
		d.say(warning, "certificate", "%s is not of %s, the host of the issuer: take one that is, unless a proxy shows another one", d.tls.certFile, u.Hostname())
	}
	d.say(fine, "certificate", "it is the key's, and expires on %s", moment(leaf.NotAfter))
}

// place is about who else can read the file of SQLite: sessions and signing keys are in it.
func (d *doctor) place(location string) {
	path, found := sqlitePath(location)
	if !found || runtime.GOOS == "windows" {
		return
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		switch {
		case err != nil: // the latter two come and go
		case info.Mode().Perm()&0o007 != 0:
			d.say(problem, "database file", "everybody on this machine can read or write %s, which holds signing keys: chmod 600 it, and rotate the keys (porteiro key rotate, then retire the old ones with --now) if somebody may have", name)
		case info.Mode().Perm()&0o070 != 0:
			d.say(warning, "database file", "its group can read or write %s, which holds signing keys: chmod 600 it, unless that is meant", name)
		}
	}
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 {
		d.say(problem, "database file", "everybody on this machine can replace the database, because everybody can write to %s: chmod o-w it", dir)
	}
}
