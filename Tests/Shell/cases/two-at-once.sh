# Two runs on one output: it is whole whoever wins, the loser says that it exists, nothing else is left.
large_model big.h5 60
for round in 1 2 3; do
  coppice prune big.h5 --sparsity 0.9 -o out.csrm -q 2>first &
  one=$!
  coppice prune big.h5 --sparsity 0.8 -o out.csrm -q 2>second &
  two=$!
  a=0 b=0
  wait $one || a=$?
  wait $two || b=$?
  case "$a $b" in '0 73' | '73 0') ;; *) fail "exits $a and $b: $(cat first second)" ;; esac
  coppice verify out.csrm
  rm out.csrm first second
  holds big.h5
done
# With --force both succeed, and the file is one of the two.
coppice prune big.h5 --sparsity 0.9 -o out.csrm -q --force &
one=$!
coppice prune big.h5 --sparsity 0.8 -o out.csrm -q --force
wait $one
coppice verify out.csrm
holds big.h5 out.csrm
