#!/bin/sh
# `make install` puts every file in its place, and `make uninstall` takes every one away again.
# usage: install.sh [BINARY]   (default: the release build, made if it is not there)
set -eu
cd "$(dirname "$0")/../.."

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
# A space in the name finds the place where a quote is missing.
root="$room/a root"

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

make_quietly() {
  make -s PREFIX=/opt/coppice DESTDIR="$root" ${1:+"BINARY=$1"} "$2" >"$room/log" 2>&1 \
    || { cat "$room/log" >&2; fail "make $2 failed"; }
}

list() { (cd "$root" && find . ! -type d | LC_ALL=C sort); }

make_quietly "${1:-}" install
make_quietly "${1:-}" install

expected="./opt/coppice/bin/coppice
./opt/coppice/share/bash-completion/completions/coppice
./opt/coppice/share/coppice/csrm.py
./opt/coppice/share/fish/vendor_completions.d/coppice.fish
./opt/coppice/share/man/man1/coppice.1
./opt/coppice/share/man/man5/csrm.5
./opt/coppice/share/zsh/site-functions/_coppice"
[ "$(list)" = "$expected" ] || fail "installed other files than expected:
$(list)"

share="$root/opt/coppice/share"
[ -x "$root/opt/coppice/bin/coppice" ] || fail "the binary cannot be run"
"$root/opt/coppice/bin/coppice" --version | grep -Eq '^[0-9]+\.[0-9]+\.[0-9]+$' \
  || fail "the installed binary does not tell its version"
# The release build brings Swift's runtime with it; any other build is somebody's own choice.
if [ "$(realpath "${1:-.build/release/coppice}")" = "$(realpath .build/release/coppice)" ] \
  && command -v ldd >/dev/null; then
  ! ldd "$root/opt/coppice/bin/coppice" | grep -q libswift \
    || fail "the installed binary needs Swift's runtime"
fi

for word in inspect prune pack unpack convert verify diff; do
  for file in bash-completion/completions/coppice zsh/site-functions/_coppice \
    fish/vendor_completions.d/coppice.fish man/man1/coppice.1; do
    grep -q "$word" "$share/$file" || fail "$file does not know $word"
  done
done
bash -n "$share/bash-completion/completions/coppice"
head -n 1 "$share/zsh/site-functions/_coppice" | grep -q '^#compdef coppice' \
  || fail "zsh would not load the completion"
for shell in zsh fish; do
  if command -v "$shell" >/dev/null; then
    case $shell in
    zsh) zsh -n "$share/zsh/site-functions/_coppice" ;;
    fish) fish -n "$share/fish/vendor_completions.d/coppice.fish" ;;
    esac
  fi
done
for page in "$share/man/man1/coppice.1" "$share/man/man5/csrm.5"; do
  [ "$(stat -c %a "$page" 2>/dev/null || stat -f %Lp "$page")" = 644 ] || fail "$page: not 644"
  if command -v mandoc >/dev/null; then mandoc -T lint -W warning "$page"; fi
done

# Somebody else's file in the same folders stays.
: >"$share/man/man1/other.1"
make_quietly "${1:-}" uninstall
[ "$(list)" = ./opt/coppice/share/man/man1/other.1 ] || fail "left behind or took too much:
$(list)"
make_quietly "${1:-}" uninstall
echo "install.sh: ok"
