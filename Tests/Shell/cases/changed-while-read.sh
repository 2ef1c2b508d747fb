# A file cut short or grown under the reader's hands: an answer, and never a crash or a half-written output.
large_model good.h5 200
hit=0
for change in 'truncate -s 1000' 'truncate -s 100M' 'truncate -s +1M'; do
  for wait in 0.01 0.03 0.06 0.1 0.2; do
    cp good.h5 big.h5
    code=0
    coppice prune big.h5 --sparsity 0.9 --threads 1 -o out.csrm -q 2>complaint >printed &
    pid=$!
    sleep "$wait"
    $change big.h5
    wait $pid || code=$?
    case $code in
    0) coppice verify out.csrm >/dev/null; rm out.csrm ;;
    65 | 74)
      hit=1
      [ "$(wc -l <complaint)" = 1 ] || fail "not one line: $(cat complaint)" ;;
    *) fail "$change after $wait s: exit $code: $(cat complaint)" ;;
    esac
    rm -f complaint printed big.h5
    holds good.h5
  done
done
[ "$hit" = 1 ] || fail "no change came in time to be noticed"
