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

# Two runs on one file of predictions.
on="--data $fixtures/../data/fashion-mnist-t10k-500-images-idx3-ubyte.gz --scale 1/255"
coppice eval "$fixtures/lenet_300_100.keras" $on --predictions alone.npy -q
for round in 1 2 3; do
  coppice eval "$fixtures/lenet_300_100.keras" $on --predictions p.npy -q 2>first &
  one=$!
  a=0 b=0
  coppice eval "$fixtures/lenet_300_100.keras" $on --predictions p.npy -q 2>second || b=$?
  wait $one || a=$?
  case "$a $b" in '0 73' | '73 0') ;; *) fail "exits $a and $b: $(cat first second)" ;; esac
  cmp p.npy alone.npy
  rm p.npy first second
done
holds alone.npy big.h5 out.csrm
