# A trap inside coppice: one line, 70, no stack trace, nothing left behind.
mkdir out tmp
export TMPDIR=$PWD/tmp
mkfifo never
exec 9<>never                 # a standard input that brings nothing and does not end
coppice pack - -o out/x.csrm <never 2>complaint &
pid=$!
until [ -n "$(ls -A tmp)" ]; do sleep 0.02; done    # it has begun to read
kill -s ILL "$pid"
code=0
wait "$pid" || code=$?
[ "$code" = 70 ] || fail "exit $code: $(cat complaint)"
[ "$(wc -l <complaint)" = 1 ] || fail "not one line: $(cat complaint)"
grep -q '^coppice: a fault of coppice itself' complaint || fail "says: $(cat complaint)"
[ -z "$(find out tmp -mindepth 1)" ] || fail "left: $(find out tmp -mindepth 1)"
