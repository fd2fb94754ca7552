// Package contract holds the suites that prove an implementation of a port right: porteiro's own, and those of other
// teams. It imports domain, application and the standard library, knows no adapter, and has no setting for what an
// implementation cannot do: what is not in it is not promised, and what is in it holds for all.
//
// # Which suite proves what
//
//	a store of users and sessions       Stores; SharedStores when nodes share it; Durable when it outlives its process
//	a store of signing keys             Keys
//	what counts attempts                Attempts
//	what remembers who came from        Imports
//	another service
//	a transport, server and client      Transports, with a scripted service; then Services, with a real one
//	a whole service in this process     Services
//	a running service, over HTTP        HTTP: porteiro itself, or a port of it in another language
//	a codec of tokens                   Tokens, and Strangers for what needs keys to be forged
//	a hasher of passwords               Passwords
//	what stands before Standings        Standing
//
// # A store
//
// One test in the store's own package, each function opening something empty that shares nothing with the others:
//
//	func TestStore(t *testing.T) {
//		contract.Stores(t, func(t *testing.T) application.Store {
//			s, err := mystore.Open(emptyDatabase(t))
//			if err != nil {
//				t.Fatal(err)
//			}
//			t.Cleanup(func() { s.Close() })
//			return s
//		})
//	}
//
//	func TestNodes(t *testing.T) {
//		contract.SharedStores(t, func(t *testing.T) (a, b application.Store) {
//			place := emptyDatabase(t)
//			return open(t, place), open(t, place)
//		})
//	}
//
// # A transport
//
// The near ports go in, the client's ports come out, and nobody can tell them apart:
//
//	func TestTransport(t *testing.T) {
//		contract.Transports(t, func(t *testing.T, near contract.Ports) contract.Ports {
//			address := serve(t, near.Gate, near.Accounts, near.Sessions)
//			far := dial(t, address)
//			return contract.Ports{Gate: far, Accounts: far, Sessions: far}
//		})
//	}
//
// Services runs whole stories over the same transport: it gives the core its clock, and takes the far side of it.
//
// # Tokens, passwords, standings
//
//	contract.Tokens(t, func(t *testing.T) application.Tokens { return codec(t, keys(t), "issuer", "audience") })
//	contract.Passwords(t, func(t *testing.T) application.Passwords { return hasher(t) })
//	contract.Standing(t, func(t *testing.T, store application.Standings) application.Standing { return before(store) })
//
// # A running service
//
//	contract.HTTP(t, contract.Target{URL: "http://127.0.0.1:8080"})
//
// # How a suite runs
//
// A suite is a list of rows. Each row carries the sentence of the contract that it proves, and a failure prints it. The
// function that opens is called once for each row, with the row's own t, by several rows at a time. A subject that
// panics, hangs or answers late fails its row and no other. When the suite returns, no row is running any more. No row
// measures time.
//
// That a row can fail is proved too: for each there is at least one broken implementation that it names.
//
//	go test -run TestEveryRowCanFail -v github.com/porteiro/porteiro/tests/contract
package contract
