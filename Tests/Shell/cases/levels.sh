# The levels of packing: the same container comes back from each, more work never makes a larger file, what is
# estimated is what is written, whatever the number of threads; and a layout that is mapped takes no coder.
model=$fixtures/mmsplice_intron3.h5
coppice prune "$model" --sparsity 0.9 -o pruned.h5 -q
for level in fast default max; do
  coppice pack pruned.h5 --level $level -o $level.csrm -q
  coppice verify $level.csrm
  coppice verify $level.csrm pruned.h5
  coppice pack pruned.h5 --level $level --threads 1 -o - >one-thread.csrm
  cmp $level.csrm one-thread.csrm
  [ "$(coppice pack pruned.h5 --level $level --dry-run --json | jq .bytes)" = "$(stat -c %s $level.csrm)" ] ||
    fail "$level: a dry run says another size"
done
coppice pack pruned.h5 -o plain.csrm -q
cmp plain.csrm default.csrm
size() { stat -c %s "$1"; }
[ "$(size default.csrm)" -le "$(size fast.csrm)" ] || fail "default is larger than fast"
[ "$(size max.csrm)" -le "$(size default.csrm)" ] || fail "max is larger than default"
coppice inspect pruned.h5 --estimate --json >estimate.json
[ "$(jq -c '[.estimate | .levels.fast, .bytes, .levels.max]' estimate.json)" = \
  "[$(size fast.csrm),$(size default.csrm),$(size max.csrm)]" ] || fail "estimated: $(jq -c .estimate estimate.json)"
coppice inspect default.csrm --json >report.json
jq -e '[.tensors[] | select(.count >= 512 and .zeros < .count)] | length > 0 and
  all(.bits_per_weight < 32 and .bits_per_nonzero > 0 and .ratio_to_limit < 1.6)' report.json >/dev/null ||
  fail "$(jq -c '[.tensors[] | {name, encoding, bits_per_weight, ratio_to_limit}]' report.json)"
exits 64 coppice pack pruned.h5 --layout csr --level max -o never.csrm
exits 0 coppice pack pruned.h5 --layout csr -o rows.csrm
exits 0 coppice pack pruned.h5 --layout csr --level fast -o rows.csrm --force
exits 64 coppice pack pruned.h5 --level most -o never.csrm
[ ! -e never.csrm ]
