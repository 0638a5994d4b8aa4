# `make` or `make help` says what can be done.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c

GO       ?= go
# How long `make fuzz` runs each target.
FUZZTIME ?= 10s
# Where `make fuzz` looks for targets.
DIR      ?= .
# The packages of `make test`, `race` and `lint`, and further flags of go test.
PKG      ?= ./...
FLAGS    ?=

VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
COMMIT   := $(shell git rev-parse HEAD 2>/dev/null)
BUILDINFO := github.com/litehaul/litehaul/internal/buildinfo
LDFLAGS   := -s -w -X $(BUILDINFO).version=$(VERSION) -X $(BUILDINFO).commit=$(COMMIT)
BUILD    := CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)'

PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64

GOLANGCI_VERSION := v2.15.0
GOLANGCI         := bin/golangci-lint

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-8s %s\n", $$1, $$2 }'

.PHONY: build
build: ## Build bin/litehaul
	$(BUILD) -o bin/litehaul ./cmd/litehaul

.PHONY: demo
demo: build ## Migrate a sample into a throw-away Postgres (DB=app.db: your file; KEEP=1: leave the server up)
	bin/litehaul demo $(if $(DB),--db '$(DB)') $(if $(KEEP),--keep)

.PHONY: test
test: ## Run all tests (PKG=./copy FLAGS='-run Numeric -v': some)
	$(GO) test -timeout 30m $(FLAGS) $(PKG)

.PHONY: race
race: ## Run the tests under the race detector, the longest ones shortened (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short -timeout 40m $(FLAGS) $(PKG)

.PHONY: corpus
corpus: ## Migrate every database of the shared corpus and compare with the oracle
	$(GO) test -count=1 -v -timeout 30m -run Corpus $(FLAGS) ./pipeline

.PHONY: fuzz
fuzz: ## Run each fuzz target for a while (FUZZTIME=10s, DIR=./internal/sqlite/page: only those below)
	@grep -rlE '^func Fuzz' --include='*_test.go' $(DIR) | xargs -r -n1 dirname | sort -u | while read -r dir; do \
		for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]*' "$$dir"/*_test.go | cut -d' ' -f2); do \
			./.ci/fuzz "./$$dir" "$$target" $(FUZZTIME); \
		done; \
	done

# What `make bench` measures: cases (all of them, if empty), laps of each
# contestant, connections, and tools that are left out, as in SKIP=ogr2ogr.
# The results go into DOCS, unless that is empty.
DATA ?=
RUNS ?= 3
JOBS ?= 2
SKIP ?=
DOCS ?= docs

.PHONY: bench
bench: build ## Measure litehaul beside a floor and other tools (DATA=tpch-0.5,small RUNS=3 JOBS=2 DOCS=)
	$(GO) run ./bench/run --litehaul bin/litehaul --runs $(RUNS) --jobs $(JOBS) --go-bench tpch-0.1 \
		$(if $(DATA),--data '$(DATA)') $(if $(SKIP),--skip '$(SKIP)') $(if $(DOCS),--docs '$(DOCS)') $(FLAGS)

.PHONY: gobench
gobench: ## Run the Go benchmarks of the packages
	$(GO) test -run '^$$' -bench . -benchmem $(FLAGS) $(PKG)

.PHONY: cross
cross: ## Build static programs for six platforms into dist/
	@for platform in $(PLATFORMS); do \
		os=$${platform%/*} arch=$${platform#*/} suffix=; \
		if [ "$$os" = windows ]; then suffix=.exe; fi; \
		echo "dist/litehaul-$$os-$$arch$$suffix"; \
		GOOS=$$os GOARCH=$$arch $(BUILD) -o "dist/litehaul-$$os-$$arch$$suffix" ./cmd/litehaul; \
	done

.PHONY: tools
tools: ## Install the linter into bin/, unless it is there
	@if ! $(GOLANGCI) --version 2>/dev/null | grep -qF 'version $(GOLANGCI_VERSION:v%=%) '; then \
		GOBIN='$(CURDIR)/bin' $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION); \
	fi

.PHONY: lint
lint: tools ## Check the code and its format
	$(GOLANGCI) run --allow-serial-runners $(PKG)

.PHONY: fmt
fmt: tools ## Format the code
	$(GOLANGCI) fmt $(PKG)

.PHONY: clean
clean: ## Remove what the other targets built
	rm -rf bin dist
