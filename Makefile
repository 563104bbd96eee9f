# The ways in. Each target installs what it needs (Debian 12, root or sudo) and says how far it is; CMake's presets do
# the building: `cmake --workflow --preset dev` is all that an everyday change needs.

.DEFAULT_GOAL := help
.PHONY: help run test e2e image cluster bench bench-cluster lint format tidy fuzz coverage docs clean

help: ## this list
	@echo "Plimsoll: operational readiness for Kubernetes releases"
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: ## build, start the webhook on loopback, judge three reviews, leave it running
	@hack/run

test: ## build with warnings as errors and run every test
	@hack/test

e2e: ## test on a real Kubernetes node, which is started for it and ended
	@hack/e2e

image: ## the container image, build/plimsoll-image.tar
	@hack/image

cluster: ## start a Kubernetes node of its own; hack/cluster uses and ends it
	@hack/cluster up

bench: ## measure; writes build/bench.json and a table
	@hack/bench

bench-cluster: ## measure on a real Kubernetes node; writes build/bench-cluster.json and a table
	@hack/e2e --bench

lint: ## formatting, layers, shell scripts, clang-tidy
	@hack/lint

format: ## format the C++ in place
	@hack/format

tidy: ## clang-tidy on what differs from HEAD
	@hack/setup lint
	@hack/tidy --changed

fuzz: ## run each fuzz target for a minute (FUZZ_SECONDS=60)
	@hack/fuzz

coverage: ## line coverage, build/coverage/index.html
	@hack/coverage

docs: ## write what is generated: pages of rules, commands and dashboards
	@hack/docs

clean: ## remove everything built
	rm -rf build compile_commands.json
