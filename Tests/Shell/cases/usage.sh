# What cannot be meant is a usage error, said before any work: 64, and nothing is made.
model=$fixtures/mmsplice_intron3.h5
exits 64 coppice prune "$model" --sparsity 0.9 -o out.unknown
exits 64 coppice prune "$model" --sparsity 1.5 -o out.csrm
exits 64 coppice prune "$model" --sparsity 0.5 --keep 3 -o out.csrm
exits 64 coppice prune "$model" -o out.csrm
exits 64 coppice prune "$model" --sparsity 0.5
exits 64 coppice prune "$model" --sparsity 0.5 --include 'no_such_*' -o out.csrm
exits 64 coppice prune "$model" "$model" --sparsity 0.5 -o out.csrm
exits 64 coppice pack "$model" --bytes-exact --strip-optimizer -o out.csrm
exits 64 coppice prune "$model" --sparsity 0.5 --bytes-exact --strip-optimizer -o out.csrm
exits 64 coppice inspect --nonsense "$model"
exits 64 coppice frobnicate
exits 64 coppice inspect
exits 64 coppice inspect --json --csv "$model"
exits 66 coppice inspect missing.h5
exits 66 coppice inspect .
[ "$(ls -A | grep -v printed)" = "" ] || fail "left something"
