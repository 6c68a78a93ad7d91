# Every target is one command of tools/; python3 may be any Python from 3.10 on.
PYTHON ?= python3
export CONTACTS DATA LIMIT PORT ONLY SIZE SCENARIO

.PHONY: bench chaos demo replay screenshots test lint translations upstream setup shell stop reset

bench chaos demo replay screenshots test lint translations upstream setup shell stop reset:
	@$(PYTHON) -m tools $@
