package passwords_test

import (
	"testing"

	"golang.org/x/crypto/bcrypt"
)

func BenchmarkHash(b *testing.B) {
	h := recommended(b)
	b.ReportAllocs()
	for b.Loop() {
		hash(b, h, "correct horse")
	}
}

// BenchmarkVerify shows what a stranger can tell by the clock: nobody, right, wrong and unreadable are one price.
func BenchmarkVerify(b *testing.B) {
	h := recommended(b)
	current := hash(b, h, "right")
	weak, err := bcrypt.GenerateFromPassword([]byte("right"), bcrypt.MinCost)
	if err != nil {
		b.Fatal(err)
	}
	rows := []fixture{
		{"nobody", "", "right"}, {"right", current, "right"}, {"wrong", current, "wrong"}, {"unreadable", "x", "right"},
		{"bcrypt 4", string(weak), "right"},
	}
	for _, row := range append(rows, fixtures(b)[:5]...) {
		b.Run(row.Email, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				verify(b, h, row.Password, row.Hash)
			}
		})
	}
}
