# Outputs that exist: refused, passed over, replaced; the input as output only when meant.
cp "$fixtures/mmsplice_intron3.h5" model.h5
echo precious >out.csrm
exits 73 coppice prune model.h5 --sparsity 0.9 -o out.csrm
[ "$(cat out.csrm)" = precious ] || fail "the old output was touched"
exits 0 coppice prune model.h5 --sparsity 0.9 -o out.csrm --skip-existing
[ "$(cat out.csrm)" = precious ] || fail "the old output was touched"
exits 0 coppice prune model.h5 --sparsity 0.9 -o out.csrm --force
coppice verify out.csrm

exits 73 coppice prune model.h5 --sparsity 0.9 -o model.h5
cmp model.h5 "$fixtures/mmsplice_intron3.h5"
exits 0 coppice prune model.h5 --sparsity 0.9 -o model.h5 --force
exits 0 coppice inspect model.h5 --require 'sparsity>=0.8999'
exits 0 coppice pack out.csrm -o out.csrm --force
coppice verify out.csrm

mkdir many
cp "$fixtures/dsconv.keras" .
exits 0 coppice pack model.h5 dsconv.keras --output-dir many
echo mine >many/dsconv.csrm
exits 0 coppice pack model.h5 dsconv.keras --output-dir many --skip-existing
[ "$(cat many/dsconv.csrm)" = mine ] || fail "--skip-existing replaced a file"
# One of three fails: the others are still made, the exit code is the worst.
rm many/*
code=0
coppice pack model.h5 missing.h5 dsconv.keras --output-dir many 2>complaint >printed || code=$?
[ "$code" = 66 ] || fail "exit $code"
[ "$(ls many | tr '\n' ' ')" = 'dsconv.csrm model.csrm ' ] || fail "the good ones were not made"
[ "$(wc -l <complaint)" = 1 ] || fail "not one line: $(cat complaint)"

# The container that unpack restores is known when the file is open; what is there is passed over all the same.
echo mine >many/dsconv.keras
exits 0 coppice unpack many/dsconv.csrm --output-dir many --skip-existing
[ "$(cat many/dsconv.keras)" = mine ] || fail "--skip-existing replaced a file"
