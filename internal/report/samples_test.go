package report_test

import (
	"github.com/layeron/rotate/internal/fake"
	"github.com/layeron/rotate/internal/forecast"
	"github.com/layeron/rotate/internal/plan/plantest"
	"github.com/layeron/rotate/internal/report"
	"github.com/layeron/rotate/internal/rotate"
	"github.com/layeron/rotate/internal/secret"
)

var (
	random   = fake.RandomSecret
	document = plantest.Document
	date     = fake.Date
	keep     = fake.KeepDays
	none     = fake.KeepNone
	forever  = fake.KeepForever
)

// checked returns the page of a check.
func checked(w *plantest.World) report.Page {
	return report.Page{
		Result: rotate.Result{Plan: w.Plan()}, Document: w.In.Document,
		Limits: forecast.Limits{ValueBytes: 65_536, Quota: 100, Usage: len(w.In.Store.Secrets)},
		Run:    report.Run{Name: "run 42", URL: "https://github.com/acme/billing/actions/runs/42", Commit: "3d3c42e5aac5ba805825da76410c181273ba90b1", Version: "1.2.0"},
	}
}

// billing returns declarations like those of examples/billing.
func billing() []secret.Declaration {
	link := random("billing/link-key", 7, none)
	link.Rotation.StartAt = secret.Instant{}
	payment := random("billing/payment-key", 30, none)
	payment.Kind, payment.Bytes, payment.Rotation = secret.Static, 0, nil
	bucket := random("storage/bucket-token", 90, none)
	bucket.Kind, bucket.Ownership = secret.Generated, &secret.Ownership{OwnerProduct: "r2", OwnerInstanceID: "invoices", Purpose: "presigned uploads"}
	seed := random("billing/number-seed", 30, none)
	seed.Kind, seed.Bytes, seed.Rotation = secret.Generated, 16, nil
	return []secret.Declaration{
		random("auth/session-key", 30, keep(14)), link, seed, payment, random("billing/webhook-secret", 60, keep(7)),
		bucket, random("storage/encryption-key", 90, forever),
	}
}
