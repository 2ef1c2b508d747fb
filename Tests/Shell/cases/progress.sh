# Progress of one large file: a line on a terminal that is gone at the end, whatever the end is; nothing in a pipe, in
# a file, with -q, on a dumb terminal, or for small files.
command -v script >/dev/null || skip "no script(1) to make a terminal with"
large_model big.h5 1200
export COLUMNS=100 TERM=xterm
escape=$(printf '\033')
# on_terminal COMMAND: what it writes to the terminal, in `seen`; its exit code.
on_terminal() { script -qec "$1" /dev/null </dev/null >seen; }
# The terminal holds no line of progress: behind the last one there is the code that takes it away.
erased() { ! sed -z "s/.*$escape\[K//" seen | grep -aq ' left'; }
shown() { grep -aqE "$1 .* [0-9]+ %  .*[MG]B of .*[MG]B  .*/s  .* left" seen; }

# One thread, so that every pass takes longer than the quarter of a second in which nothing is said.
on_terminal 'coppice pack big.h5 -o big.csrm --threads 1' || fail "pack: $(cat seen)"
shown packing || fail "no progress: $(cat -v seen)"
erased || fail "the line is still there: $(cat -v seen)"
grep -aq 'big.csrm' seen || fail "no report: $(cat -v seen)"
on_terminal 'coppice prune big.h5 --sparsity 0.9 -o pruned.h5 --threads 1' || fail "prune: $(cat seen)"
shown writing || fail "no progress: $(cat -v seen)"
erased || fail "the line is still there: $(cat -v seen)"
on_terminal 'coppice unpack big.csrm -o back.h5 --threads 1' || fail "unpack: $(cat seen)"
shown writing || fail "no progress: $(cat -v seen)"
cmp back.h5 pruned.h5 >/dev/null && fail "unpack gave the pruned one"

# An interruption takes the line away too.
code=0
on_terminal "coppice pack big.h5 -o other.csrm --threads 1 & sleep 0.6; kill -s TERM \$!; wait \$!" || code=$?
[ "$code" = 143 ] || fail "exit $code: $(cat -v seen)"
erased || fail "the line is still there: $(cat -v seen)"
# So does an error.
cp big.csrm bad.csrm
printf 'xxxx' | dd of=bad.csrm bs=1 seek=$(($(stat -c %s bad.csrm) - 400000)) conv=notrunc status=none
code=0
on_terminal "coppice unpack bad.csrm -o other.h5 --threads 1" || code=$?
[ "$code" = 65 ] || fail "exit $code: $(cat -v seen)"
erased || fail "the line is still there: $(cat -v seen)"
[ ! -e other.csrm ] && [ ! -e other.h5 ] || fail "a part of an output is left"

silent() { ! grep -aqE '%|/s' "$1" || fail "$2: $(cat -v "$1")"; }
on_terminal 'coppice pack big.h5 -o big.csrm --force --threads 1 -q'
silent seen 'progress with -q'
[ ! -s seen ] || fail "not quiet: $(cat -v seen)"
on_terminal 'TERM=dumb coppice verify big.csrm --threads 1'
silent seen 'progress on a dumb terminal'
on_terminal 'coppice verify big.csrm --threads 1 2>complaint'
silent seen 'progress beside a file'
[ ! -s complaint ] || fail "in a file: $(cat complaint)"
coppice pack big.h5 -o big.csrm --force --threads 1 2>complaint | cat >printed
[ ! -s complaint ] || fail "in a file: $(cat complaint)"
grep -aq "$escape" printed && fail "codes in a pipe"
on_terminal "coppice pack '$fixtures/lenet_300_100.keras' -o small.csrm"
if grep -aqE '[0-9] left' seen; then fail "progress of a small file: $(cat -v seen)"; fi
