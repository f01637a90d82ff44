package secret

// Stored is what the store says about a secret. It never gives the value back.
type Stored struct {
	ID       string // 32 hex digits
	Name     string
	Comment  string
	Status   string // pending, active or deleted
	Created  Instant
	Modified Instant
}
