export CGO_ENABLED ?= 0
GO ?= go
TOOL = $(GO) tool -modfile=$(CURDIR)/.ci/tools.mod
GENERATE = $(GO) run -modfile=.ci/tools.mod .ci/generate/main.go

help: ## show this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

run: build ## start porteiro here, on SQLite, with registration open
	@echo "then try, in another terminal:"
	@echo "  curl -i http://127.0.0.1:8080/register -H 'Content-Type: application/json' -d '{\"email\":\"ana@example.com\",\"password\":\"correct horse battery\"}'"
	@exec ./bin/porteiro serve --registration=open

build: ## build bin/porteiro
	$(GO) build -trimpath -buildvcs=auto -o bin/porteiro ./cmd/porteiro

test: ## run every test; PostgreSQL is found or started (README, Testing)
	$(GO) test -timeout 10m ./...
	cd tests/outside && $(GO) test -timeout 10m ./...

generate: ## make the Go code of the .proto files again
	$(GENERATE)

check: ## formatting, vet, staticcheck, go.mod, generated code, dead code, the exported API, and the tests that race
	@test -z "$$(gofmt -l .)" || { gofmt -l . ; echo "run gofmt -w on these"; exit 1; }
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	$(GO) mod tidy -diff
	@.ci/list-api | diff -u .ci/api.txt - || { echo "the exported API has changed; if it should: make api, and a line in CHANGELOG.md"; exit 1; }
	$(GENERATE) -diff
	CGO_ENABLED=1 $(GO) test -race -shuffle=on -short -timeout 10m ./...
	cd tests/outside && $(GO) vet ./... && $(TOOL) staticcheck ./... && $(GO) mod tidy -diff && \
	  CGO_ENABLED=1 $(GO) test -race -shuffle=on -short -timeout 10m ./...

api: ## accept the exported API as it is now, for the reviewer of .ci/api.txt to see
	@list=$$(.ci/list-api) && echo "$$list" > .ci/api.txt

bench: ## measure porteiro beside what it is compared with; takes half an hour, needs wrk
	$(GO) test -count=1 -timeout 2h -v ./tests/bench -args -full -results $(CURDIR)/tests/bench/results

clean: ## remove what was built
	rm -rf bin

.PHONY: help run build test generate check api bench clean
