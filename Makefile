# Aliases, for hands that type make. Everything they do is in ./handrail.
.DEFAULT_GOAL := help
.PHONY: help run test check bench

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

run: ## Start the demo desk and print its address
	@./handrail run

test: ## Run everything, on both databases, with a mail server and a browser
	@./handrail test

check: ## Format, lint, types, import contracts and the quick tests: before each push
	@./handrail test tests/house tests/models tests/desk

bench: ## Measure against the floor, a million rows
	@./handrail bench --rows 1000000 --database sqlite
