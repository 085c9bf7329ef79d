# What a person types: `make demo`, `make test`, `make bench`, `make install`. Each says what it is doing.
PREFIX ?= /usr/local
SWIFT ?= swift
# The Swift runtime is linked in, so that the program runs where no Swift is.
RELEASE := -c release --static-swift-stdlib
PEERS := $(CURDIR)/.build/peers/bin
export MESHDECK_ENVOY ?= $(PEERS)/envoy
export MESHDECK_KUBECTL ?= $(PEERS)/kubectl
# The Swift runtime's own backtracer would hold up every test that ends a program by a crash.
test bench: export SWIFT_BACKTRACE = enable=no

.PHONY: demo test lint bench install build clean help

help:
	@echo "make demo      open the console on a small real mesh, made on this machine"
	@echo "make test      run every test, against real Envoy and kubectl"
	@echo "make bench     measure what the program promises"
	@echo "make install   build, and install to PREFIX ($(PREFIX))"

build:
	@.ci/setup build
	@echo "== building (release)"
	@$(SWIFT) build $(RELEASE) --product meshdeck
	@$(SWIFT) build $(RELEASE) --product meshdeck-sandbox

demo:
	@.ci/setup demo
	@$(MAKE) --no-print-directory build
	@.build/release/meshdeck demo $(ARGS)

lint:
	@echo "== checking the format"
	@$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

test:
	@.ci/setup test
	@$(MAKE) --no-print-directory lint
	@echo "== building the tests"
	@$(SWIFT) build --build-tests
	@echo "== running the tests"
	@$(SWIFT) test --skip-build --skip MeshdeckTests
	@echo "== running the built program beside real peers, one test at a time"
	@$(SWIFT) test --skip-build --no-parallel --filter MeshdeckTests

bench:
	@.ci/setup test
	@$(MAKE) --no-print-directory build
	@$(SWIFT) build $(RELEASE) --product meshdeck-bench
	@echo "== measuring"
	@.build/release/meshdeck-bench $(ARGS)

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/meshdeck/themes
	install -m 755 .build/release/meshdeck .build/release/meshdeck-sandbox $(DESTDIR)$(PREFIX)/bin
	install -m 644 themes/*.toml $(DESTDIR)$(PREFIX)/share/meshdeck/themes

clean:
	rm -rf .build
