# A thin front of Meson. `make help` lists the targets.

BUILD ?= build
PREFIX ?= /usr/local
ENTRIES ?= 2000
PROGRAMS = $(BUILD)/src/main/nspid $(BUILD)/src/cli/nspictl $(BUILD)/src/cli/nspi

.PHONY: all help packages demo run check conformance bench fuzz soak format install clean

all: packages $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet

help:
	@echo 'make            build (installs the Debian packages that are missing)'
	@echo 'make demo       a guided tour on a scratch state directory; KEEP=1 leaves the server running'
	@echo 'make run        serve the sample book in the foreground'
	@echo 'make check      all tests'
	@echo 'make conformance  the tests that docs/conformance.md names, and its totals'
	@echo 'make bench      figures with their peers beside them (twenty-five minutes); ENTRIES=10000 for a book of that size only'
	@echo 'make fuzz       every fuzz target for FUZZ_SECONDS (60) each'
	@echo 'make soak       what takes hours: long random sequences, long fuzzing, default timeouts'
	@echo 'make format     clang-format over the tree'
	@echo 'make install    programs, man pages, unit and sample configuration under PREFIX (/usr/local)'

packages:
	@tools/install-packages build

$(BUILD)/build.ninja:
	@meson setup $(BUILD) --prefix $(PREFIX) >$(BUILD).log 2>&1 || { cat $(BUILD).log; exit 1; }
	@rm -f $(BUILD).log

demo: all
	@tools/demo --build $(BUILD) --entries $(ENTRIES) $(if $(KEEP),--keep)

run: all
	@tools/demo --build $(BUILD) --entries $(ENTRIES) --serve

check:
	@tools/install-packages test
	@tests/run

conformance:
	@tools/install-packages test
	@tests/run conformance

bench: all
	@tools/install-packages test
	@tests/bench/run --build $(BUILD) $(if $(filter command%,$(origin ENTRIES)),--entries $(ENTRIES))

fuzz:
	@tools/install-packages test
	@tests/run fuzz --fuzz-seconds $(or $(FUZZ_SECONDS),60)

soak:
	@tools/install-packages test
	@NSPID_SOAK=1 NSPID_DIFFERENTIAL_STEPS=20000 tests/run blackbox --pytest=-k --pytest='differential or lost_power'
	@tests/run fuzz --fuzz-seconds 600

format:
	@tools/format

install: all
	@meson install -C $(BUILD)

clean:
	rm -rf build build-*
