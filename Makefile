# `make test` is what CI runs. Everything it needs comes from the Go module
# proxy and the npm registry.

GO ?= go
# The linters have a module of their own, so that their dependencies are none
# of the program's.
tool = $(GO) tool -modfile=tools/go.mod

.PHONY: all build test lint worker soak bench fuzz

all: build

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o layer .

test: lint worker
	$(GO) test -race -shuffle=on -timeout 40m $$($(GO) list ./... | grep -v /internal/sim$$)
	$(GO) test -timeout 40m ./internal/sim

# The same stories of two years as `make test` tells, and as many others as one
# likes: make soak SEEDS=5000. One goroutine at a time, so no race detector.
SEEDS ?= 2000
soak:
	$(GO) test -timeout 0 -run '^TestSim$$' ./internal/sim -seeds $(SEEDS) -from 501

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

# Each parser for a while: make fuzz FUZZTIME=1m. Making inputs smaller, which
# go does for a minute each unless told otherwise, would take all of it.
FUZZTIME ?= 20s
fuzz:
	@set -e; for pkg in $$($(GO) list ./internal/...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg; \
		done; \
	done
