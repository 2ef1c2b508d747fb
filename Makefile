# coppice's targets:
#   make              a release binary, with Swift's runtime inside it
#   make demo         what is missing, the binary, and the main job on a real model
#   make test         every test
#   make bench        the measurements of the README
#   make install      binary, manual pages, completions, the Python reader; honours PREFIX and DESTDIR
#   make uninstall    takes them away again
#   make deps, make clean

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
SCRATCH ?= .build

bindir = $(PREFIX)/bin
man1dir = $(PREFIX)/share/man/man1
man5dir = $(PREFIX)/share/man/man5
sharedir = $(PREFIX)/share/coppice
bashdir = $(PREFIX)/share/bash-completion/completions
zshdir = $(PREFIX)/share/zsh/site-functions
fishdir = $(PREFIX)/share/fish/vendor_completions.d

RELEASE = $(SCRATCH)/release/coppice
# What is installed and shown; another build can be named.
BINARY ?= $(RELEASE)
COMPLETIONS = $(SCRATCH)/completions

SOURCES := Package.swift $(shell find Sources -type f -not -path 'Sources/Python/*')
PACKAGES = libhdf5-dev libopenblas-dev zlib1g-dev pkg-config

.PHONY: all deps demo test bench install uninstall clean

all: $(RELEASE)

# The linker leaves a binary alone that would not change: touch it, or it stays older than its sources.
$(RELEASE): $(SOURCES)
	$(SWIFT) build -c release --static-swift-stdlib --product coppice --scratch-path "$(SCRATCH)"
	@touch "$@"

deps:
	@command -v "$(SWIFT)" >/dev/null || { \
	  echo "Swift 6.3 is not here: https://www.swift.org/install" >&2; exit 1; }
	@if command -v dpkg-query >/dev/null; then \
	  missing=; \
	  for package in $(PACKAGES); do \
	    dpkg-query -W -f '$${Status}' "$$package" 2>/dev/null | grep -q 'ok installed' \
	      || missing="$$missing $$package"; \
	  done; \
	  if [ -n "$$missing" ]; then \
	    echo "installing$$missing"; \
	    root=; [ "$$(id -u)" -eq 0 ] || root=sudo; \
	    $$root apt-get update -qq && \
	    $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	  fi; \
	elif ! pkg-config --exists hdf5 zlib; then \
	  echo "Install HDF5, zlib and pkg-config (Homebrew: brew install hdf5 zlib pkg-config)." >&2; exit 1; \
	fi

# A whole tour in a folder of its own: fixtures/ is not touched.
MODEL ?= fixtures/models/lenet_300_100.keras
demo: deps
	@$(MAKE) --no-print-directory "$(RELEASE)"
	@Tests/Shell/demo.sh "$(BINARY)" "$(MODEL)" out/demo

test: deps
	Tests/run

bench: deps
	@$(MAKE) --no-print-directory "$(RELEASE)"
	Tests/Benchmarks/run

$(COMPLETIONS)/%: $(BINARY)
	@mkdir -p "$(COMPLETIONS)"
	"$(BINARY)" --generate-completion-script $* >"$@.new"
	@mv "$@.new" "$@"

install: $(BINARY) $(COMPLETIONS)/bash $(COMPLETIONS)/zsh $(COMPLETIONS)/fish
	install -d "$(DESTDIR)$(bindir)" "$(DESTDIR)$(man1dir)" "$(DESTDIR)$(man5dir)" "$(DESTDIR)$(sharedir)" \
	  "$(DESTDIR)$(bashdir)" "$(DESTDIR)$(zshdir)" "$(DESTDIR)$(fishdir)"
	install -m 755 "$(BINARY)" "$(DESTDIR)$(bindir)/coppice"
	strip "$(DESTDIR)$(bindir)/coppice"
	install -m 644 man/coppice.1 "$(DESTDIR)$(man1dir)/coppice.1"
	install -m 644 man/csrm.5 "$(DESTDIR)$(man5dir)/csrm.5"
	install -m 644 Sources/Python/csrm.py "$(DESTDIR)$(sharedir)/csrm.py"
	install -m 644 "$(COMPLETIONS)/bash" "$(DESTDIR)$(bashdir)/coppice"
	install -m 644 "$(COMPLETIONS)/zsh" "$(DESTDIR)$(zshdir)/_coppice"
	install -m 644 "$(COMPLETIONS)/fish" "$(DESTDIR)$(fishdir)/coppice.fish"

uninstall:
	rm -f "$(DESTDIR)$(bindir)/coppice" "$(DESTDIR)$(man1dir)/coppice.1" \
	  "$(DESTDIR)$(man5dir)/csrm.5" "$(DESTDIR)$(sharedir)/csrm.py" "$(DESTDIR)$(bashdir)/coppice" \
	  "$(DESTDIR)$(zshdir)/_coppice" "$(DESTDIR)$(fishdir)/coppice.fish"
	@rmdir "$(DESTDIR)$(sharedir)" 2>/dev/null || true

clean:
	$(SWIFT) package clean --scratch-path "$(SCRATCH)"
	rm -rf "$(COMPLETIONS)" out
