# make run      set up, build, answer a question with a real model; at a terminal go on as a chat
# make test     set up, build, pass every test
# make test-node the page in a real browser, clients from npm (make test does so too if Node is there)
# make build    the program: build/release/r1
# make install  program, completions and manual page under $(DESTDIR)$(PREFIX)
# make fuzz     what reads untrusted bytes under libFuzzer, FUZZ_SECONDS each
# make soak     a server under all kinds of requests for SOAK_SECONDS: answers right, memory flat
# make eval-smoke  a 135M model on 100 questions of GSM8K, r1-tiny on the tasks, killed and resumed
# make tidy     clang-format and clang-tidy over all sources
# make asan | tsan   the tests under AddressSanitizer and UBSan | ThreadSanitizer
# make clean    remove build/

# Folder with goldens, models and tokenizers; tests that need it say aloud when it is absent.
R1_SHARED ?= ../shared
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
SOAK_SECONDS ?= 600
JOBS ?= $(shell nproc)
export R1_SHARED := $(abspath $(R1_SHARED))
export JOBS

.DEFAULT_GOAL := help
.PHONY: help run test test-node build install fuzz soak eval-smoke tidy asan tsan clean

help:
	@sed -n 's/^# make/make/p' Makefile

build:
	@scripts/install-packages.sh build
	@scripts/build.sh release r1

run: build
	@scripts/first-answer.sh

test:
	@scripts/install-packages.sh build test
	@scripts/build.sh release
	@scripts/run-tests.sh build/release node

test-node: build
	@scripts/install-packages.sh build node
	@scripts/test-node.sh build/release/r1

asan tsan:
	@scripts/install-packages.sh build test tools
	@scripts/build.sh $@
	@scripts/run-tests.sh build/$@

tidy:
	@scripts/install-packages.sh build tools
	@scripts/tidy.sh

fuzz:
	@scripts/install-packages.sh build tools
	@scripts/build.sh fuzz fuzzers
	@scripts/fuzz.sh $(FUZZ_SECONDS)

soak:
	@scripts/install-packages.sh build
	@scripts/build.sh release r1 load
	@scripts/soak.sh build/release $(SOAK_SECONDS) "$(R1_SHARED)/models/SmolLM2-135M-Instruct.Q4_1.gguf"

eval-smoke: build
	@scripts/eval-smoke.sh

install: build
	@scripts/install.sh "$(DESTDIR)$(PREFIX)"

clean:
	rm -rf build
