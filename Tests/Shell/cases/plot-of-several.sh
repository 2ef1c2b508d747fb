# One plot of several files: a bar each, what could be read even if another could not, and nothing else on `-`.
coppice prune "$fixtures/lenet_300_100.keras" --sparsity 0.9 -o pruned.csrm -q
coppice inspect "$fixtures/lenet_300_100.keras" pruned.csrm --plot both.svg --report both.json >table
grep -q 'pruned.csrm: 90' both.svg || fail "the second file is not in the plot"
grep -q 'lenet_300_100.keras: ' both.svg || fail "the first file is not in the plot"
grep -q 'pruned.csrm' table || fail "no table: $(cat table)"
[ "$(jq -s length both.json)" = 2 ] || fail "the report: $(cat both.json)"
coppice inspect "$fixtures/lenet_300_100.keras" pruned.csrm --plot - >piped.svg
cmp both.svg piped.svg
exits 66 coppice inspect pruned.csrm missing.h5 --plot one.svg
grep -q '<svg' one.svg || fail "no plot of what could be read"
