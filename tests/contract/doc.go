// Package contract holds the suites that prove an adapter right, for porteiro's own and for those of other teams; it
// knows no adapter, and what is not in it is not promised.
//
// A store of your own is proved by one test in its package:
//
//	func TestStore(t *testing.T) {
//		contract.Stores(t, func(t *testing.T) application.Store {
//			s, err := mystore.Open(freshDatabase(t))
//			if err != nil {
//				t.Fatal(err)
//			}
//			t.Cleanup(func() { s.Close() })
//			return s
//		})
//	}
//
// A suite is a list of rows. Each row carries the sentence of the contract that it proves, and a failure prints it. The
// function that opens is called once for each row, with the row's own t, by several rows at a time; each time it gives
// something empty that shares nothing with the others. When the suite returns, no row is running any more.
//
// [Stores] is for every store; [SharedStores] for one that several nodes share; [Durable] for one that outlives its
// process; [Keys] for one that keeps signing keys too, [Attempts] for one that counts attempts, and [Imports] for one that
// remembers who came from another service.
package contract
