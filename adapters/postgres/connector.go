package postgres

import (
	"context"
	"database/sql/driver"
	"net"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
)

// connector makes connections whose calls end.
type connector struct {
	cfg     pq.Config
	timeout time.Duration // of one exchange
	stale   *atomic.Int64 // shared by connections that keep prepared statements, nil for those that keep none
	now     func() time.Time
}

var _ driver.Connector = (*connector)(nil)

// durable makes good for a server, or a role, that would acknowledge a commit which a crash then loses.
// Only Count does without it.
const durable = `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`

// Connect is driver.Connector's. The context bounds the handshake too, which lib/pq alone would not do.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	d := &dialer{ctx: ctx, hosts: 1 + len(c.cfg.Multi), timeout: c.timeout, now: c.now}
	defer d.release()
	p, err := pq.NewConnectorConfig(c.cfg)
	if err != nil {
		return nil, err
	}
	p.Dialer(d)
	inner, err := p.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn := newConnection(inner.(lib), d.wire, c.stale)
	if !given(c.cfg, "synchronous_commit") {
		if _, err := conn.ExecContext(ctx, durable, nil); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

// Driver is driver.Connector's.
func (c *connector) Driver() driver.Driver { return &pq.Driver{} }

// dialer dials for one Connect: lib/pq asks it for one host after the other, and for one host twice when sslmode
// leaves TLS open.
type dialer struct {
	ctx     context.Context // Connect's; lib/pq's own ends when the socket is open
	hosts   int             // that are left, the one that is asked with them
	timeout time.Duration
	now     func() time.Time

	last string // the address that was asked
	wire *wire  // to it
	done func() bool
}

var (
	_ pq.Dialer        = (*dialer)(nil)
	_ pq.DialerContext = (*dialer)(nil)
)

// DialContext gives each host an equal share of the time that is left for it and those after it: otherwise the first one,
// when it is frozen, eats the whole context, each time, and the second is never asked. What one leaves is the others'.
func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d.release()
	if d.last != "" && d.last != address && d.hosts > 1 {
		d.hosts--
	}
	d.last = address
	if d.wire != nil {
		_ = d.wire.Close() // lib/pq leaves it open when it tries a host again
	}
	var end time.Time
	if deadline, bounded := ctx.Deadline(); bounded {
		now := d.now()
		end = now.Add(deadline.Sub(now) / time.Duration(d.hosts))
		limited, cancel := context.WithDeadline(ctx, end)
		defer cancel()
		ctx = limited
	}
	var dial net.Dialer
	socket, err := dial.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	d.wire = &wire{Conn: socket, timeout: d.timeout, now: d.now}
	d.done = d.wire.during(d.ctx)
	d.wire.hurry(d.wire.call, end)
	return d.wire, nil
}

// Dial is pq.Dialer's; lib/pq asks DialContext instead.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(d.ctx, network, address)
}

// DialTimeout is pq.Dialer's; lib/pq asks DialContext instead.
func (d *dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(d.ctx, timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

func (d *dialer) release() {
	if d.done != nil {
		d.done()
	}
}
