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
# What an option takes is said, and where that is written.
says() { case $said in *"$1"*) ;; *) fail "$said" ;; esac; }
exits 64 coppice prune "$model" -s 90 -o out.csrm
says '0.9 or 90%'
says "See 'coppice prune --help'"
exits 64 coppice prune "$model" -s -0.5 -o out.csrm
says negative
exits 64 coppice convert "$model" --to foo -o out.csrm
says 'keras-h5, keras-weights-h5'
exits 64 coppice
says inspect
exits 64 coppice "$model"
says 'no command'
# A name with a dash in front is not taken for options, of which h would end a whole batch with success.
cp "$model" ./-dash.h5
exits 64 coppice pack -dash.h5 "$model" --output-dir .
says ./-dash.h5
exits 0 coppice inspect ./-dash.h5
rm ./-dash.h5
for estimate in --estimate=90 --estimate=abc '--estimate 90'; do exits 64 coppice inspect "$model" $estimate; done
exits 0 coppice inspect --estimate "$model"
# Conditions that nothing could come of, and those that have no figure to hold for.
exits 64 coppice verify "$model" --require 'sparsity>=0.5'
exits 64 coppice diff "$model" "$model" --require 'sparsity>=0.5'
exits 64 coppice pack "$model" --values auto --data "$model" --require 'accuracy<=0.9' -o out.csrm
exits 1 coppice inspect "$model" --require 'sparsity>=0.5' --json
jq -e '.sparsity < 0.5' printed >/dev/null || fail "what was found is not printed"
# Options for packed files, where none is written.
for option in '--level max' --canonical-zero --bytes-exact '--block-rows 4' '--layout csr'; do
  exits 64 coppice prune "$model" -s 0.5 $option -o out.h5
done
exits 66 coppice inspect missing.h5
exits 66 coppice inspect .
[ "$(ls -A | grep -v printed)" = "" ] || fail "left something"
