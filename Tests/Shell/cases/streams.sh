# `-` reads standard input, -o - writes standard output; both at once make a filter.
model=$fixtures/lenet_300_100.keras
coppice prune "$model" --sparsity 0.9 -o file.csrm -q
coppice prune - --sparsity 0.9 --to csrm -o - <"$model" >stream.csrm
coppice verify stream.csrm
coppice unpack file.csrm -o a.keras -q
coppice unpack stream.csrm -o b.keras -q
cmp a.keras b.keras
cat "$model" | coppice inspect --json - | jq -e '.parameters == 266610' >/dev/null
coppice pack - -o - <"$model" | coppice inspect --json - | jq -e '.container == "csrm" and .parameters == 266610' >/dev/null
exits 64 coppice pack "$model" -o - --json
exits 64 coppice convert "$model" --to keras-h5 -o -
