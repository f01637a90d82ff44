# `make test` is what CI runs. Everything it needs comes from the Go module
# proxy and the npm registry.

GO ?= go
# The linters have their own module, so that their dependencies are not the
# program's.
tool = $(GO) tool -modfile=tools/go.mod

.PHONY: all build check test lint worker soak bench fuzz

all: build

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o layer .

# What to run before every commit: format, vet, lint and the fast tests. The rest
# of cli runs the real program, and sim simulates years.
check: lint
	$(GO) test $$($(GO) list ./... | grep -vE '/internal/(cli|sim)$$')
	$(GO) test -run '^TestScripts$$' ./internal/cli

test: lint worker
	$(GO) test -race -shuffle=on -timeout 40m $$($(GO) list ./... | grep -v /internal/sim$$)
	$(GO) test -timeout 40m ./internal/sim

# More seeds of the simulation than `make test` runs, in ranges:
# make soak FROM=501 SEEDS=5000. Each seed is one goroutine at a time, so the
# race detector would find nothing.
FROM ?= 501
SEEDS ?= 2000
soak:
	$(GO) test -timeout 0 -run '^TestSim$$' ./internal/sim -seeds $(SEEDS) -from $(FROM)

lint:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; fi
	$(GO) mod tidy -diff
	$(GO) vet ./...
	$(tool) staticcheck ./...
	$(tool) actionlint

# The Worker library, on the real runtime, with values that the program wrote.
worker: build
	npm --prefix worker ci --no-audit --no-fund
	LAYER=$(CURDIR)/layer npm --prefix worker test

# Figures in docs/performance.md.
bench:
	$(GO) test -run '^$$' -bench . -benchmem -timeout 30m ./...

# Each parser for a while: make fuzz FUZZTIME=1m. Unless it is limited, go spends
# a minute on making each interesting input smaller.
FUZZTIME ?= 20s
fuzz:
	@set -e; for pkg in $$($(GO) list ./internal/...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg; \
		done; \
	done
