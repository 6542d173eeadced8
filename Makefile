# mktpipe. `make demo` and `make test` do everything from a fresh clone on Debian 12.

SWIFT   ?= swift
PREFIX  ?= /usr/local
DESTDIR ?=
PYTHON  ?= /usr/bin/python3
TOOLS    = pm-feed kalshi-feed mkt-merge mkt-decide mkt-sink
BIN      = .build/release

# One release build serves the demo, the process tests, the benchmarks and the installation.
RELEASE_FLAGS = -c release --static-swift-stdlib --explicit-target-dependency-import-check error
DEBUG_FLAGS   = --explicit-target-dependency-import-check error

.PHONY: all build demo test test-unit test-programs test-autobahn bench bench-peers bench-growth bench-live bench-storage bench-micro bench-gate build-bench fuzz chaos lint format live install uninstall clean packages packages-demo packages-test

all: build

packages:
	@packaging/install-packages.sh build

packages-demo:
	@packaging/install-packages.sh demo

packages-test:
	@packaging/install-packages.sh test

build: packages
	$(SWIFT) build $(RELEASE_FLAGS)

demo: packages-demo build
	@pipelines/demo.sh

live: packages-demo build
	@pipelines/live.sh $(MARKETS)

test: packages-test test-unit test-autobahn test-programs

test-unit: packages-test
	$(SWIFT) build --build-tests $(DEBUG_FLAGS)
	$(SWIFT) test --skip-build

# The WebSocket client against the Autobahn suite, which pip brings into .build once.
test-autobahn: packages-test
	$(SWIFT) build --product ws-echo $(DEBUG_FLAGS)
	$(PYTHON) Tests/Autobahn/run.py $(AUTOBAHN)

test-programs: packages-test build
	MKT_BIN=$(BIN) MKT_BIN_DYNAMIC=.build/debug $(PYTHON) Tests/Programs/run.py

bench: packages-test build
	MKT_BIN=$(BIN) $(PYTHON) Tests/Benchmarks/bench.py

# Python's clients, which `bench` puts beside the tools.
bench-peers:
	$(PYTHON) Tests/Benchmarks/peers_install.py

bench-growth: packages-test build
	MKT_BIN=$(BIN) $(PYTHON) Tests/Benchmarks/growth.py

bench-live: packages-test build
	MKT_BIN=$(BIN) $(PYTHON) Tests/Benchmarks/live.py --seconds 3000

bench-storage: packages-test build
	MKT_BIN=$(BIN) $(PYTHON) Tests/Benchmarks/storage.py

# mkt-bench: the tools' sources once more, as libraries beside what is built already.
build-bench: build
	MKTPIPE_BENCH=1 $(SWIFT) build $(RELEASE_FLAGS) --product mkt-bench

bench-micro: packages-test build-bench
	MKT_BIN=$(BIN) $(PYTHON) Tests/Benchmarks/micro.py

# `make bench-gate UPDATE=1` accepts what is counted now.
bench-gate: packages-test build-bench
	MKT_BIN=$(BIN) $(PYTHON) Tests/Benchmarks/gate.py $(if $(UPDATE),--update)

# Each subject so long, one after the other.
SECONDS ?= 600
fuzz: packages-test
	Tests/Fuzz/run.sh $(SECONDS)

# Both venues, a hundred faults each: some half an hour.
FAULTS ?= 100
CHAOS_SEED ?= 1
chaos: packages-test build
	MKT_BIN=$(BIN) $(PYTHON) Tests/Programs/chaos.py polymarket --faults $(FAULTS) --seed $(CHAOS_SEED)
	MKT_BIN=$(BIN) $(PYTHON) Tests/Programs/chaos.py kalshi --faults $(FAULTS) --seed $(CHAOS_SEED)

lint: packages-test
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	shellcheck pipelines/*.sh packaging/*.sh Tests/Fuzz/*.sh .ci/run .ci/check-libraries

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	for tool in $(TOOLS); do \
		install -s -m 755 $(BIN)/$$tool $(DESTDIR)$(PREFIX)/bin/$$tool && \
		$(BIN)/$$tool --generate-completion-script bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$tool || exit 1; \
	done

uninstall:
	for tool in $(TOOLS); do \
		rm -f $(DESTDIR)$(PREFIX)/bin/$$tool $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$tool; \
	done

clean:
	rm -rf .build .build-fuzz demo-output
