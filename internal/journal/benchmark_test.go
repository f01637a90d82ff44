package journal_test

import (
	"testing"

	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/journal"
)

func BenchmarkParse(b *testing.B) {
	data := goldenFile(b)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := journal.Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFormat(b *testing.B) {
	j := sample(b)
	b.SetBytes(int64(len(format(b, j))))
	for b.Loop() {
		if _, err := journal.Format(j); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	j, keys := sample(b), fake.RootKeys(b, 'a')
	for b.Loop() {
		if len(j.Tampered(keys)) > 0 {
			b.Fatal("tampered")
		}
	}
}
