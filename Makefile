# make run    set up, build, answer a question with a real model; at a terminal go on as a chat
# make test   set up, build, pass every test
# make build  build/release/r1        make install   program, completions, man page (PREFIX=/usr/local)
# make fuzz   parsers under libFuzzer (FUZZ_SECONDS=60 each)     make tidy   clang-format and clang-tidy
# make asan | tsan   the tests under sanitizers

# Folder with goldens, models and tokenizers; tests that need it say aloud when it is absent.
R1_SHARED ?= ../shared
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
shared := $(abspath $(R1_SHARED))

.PHONY: run test build install fuzz tidy asan tsan packages clean

packages:
	@scripts/install-packages.sh

build: packages
	@cmake --preset release -DR1_SHARED=$(shared) >/dev/null
	@cmake --build build/release

run: build
	@R1_SHARED=$(shared) scripts/first-answer.sh

test: build
	@R1_SHARED=$(shared) scripts/run-tests.sh build/release

asan tsan: packages
	@cmake --preset $@ -DR1_SHARED=$(shared) >/dev/null
	@cmake --build build/$@
	@R1_SHARED=$(shared) scripts/run-tests.sh build/$@

tidy: packages
	@scripts/tidy.sh

fuzz: packages
	@scripts/fuzz.sh $(FUZZ_SECONDS)

install: build
	@scripts/install.sh $(DESTDIR)$(PREFIX)

clean:
	rm -rf build
