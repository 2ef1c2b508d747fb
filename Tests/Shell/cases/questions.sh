# The answer no is exit 1: verify of a damaged file, diff of two models, --require that does not hold.
cp "$fixtures/mmsplice_intron3.h5" model.h5
coppice prune model.h5 --sparsity 0.9 -o pruned.h5 -q
coppice pack pruned.h5 -o pruned.csrm -q
exits 0 coppice diff model.h5 model.h5
exits 1 coppice diff model.h5 pruned.h5
exits 0 coppice verify pruned.csrm pruned.h5
exits 1 coppice verify pruned.csrm model.h5
size=$(stat -c %s pruned.csrm)
cp pruned.csrm bad.csrm
printf '\377' | dd of=bad.csrm bs=1 seek=$((size / 2)) conv=notrunc status=none
cmp -s bad.csrm pruned.csrm && printf '\0' | dd of=bad.csrm bs=1 seek=$((size / 2)) conv=notrunc status=none
exits 1 coppice verify bad.csrm
exits 0 coppice inspect pruned.h5 --require 'sparsity>=0.8999'
exits 1 coppice inspect pruned.h5 --require 'sparsity>=0.95'
exits 1 coppice prune model.h5 --sparsity 0.5 --require 'ratio>=50' -o wanted.csrm
exits 1 coppice prune model.h5 --sparsity 0.5 --require 'bytes<=100' -o wanted.csrm
[ ! -e wanted.csrm ] || fail "an output that was not wanted is there"
