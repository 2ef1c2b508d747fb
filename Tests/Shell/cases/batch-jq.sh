# Reports are for programs: one object a line with several files.
coppice inspect --json "$fixtures"/*.h5 >all.jsonl
[ "$(wc -l <all.jsonl)" = "$(ls "$fixtures"/*.h5 | wc -l)" ] || fail "not one line a file"
jq -e '.schema == "coppice.inspect/1" and .parameters > 0 and .sparsity >= 0 and .sparsity <= 1' all.jsonl >/dev/null
[ "$(jq -s 'map(.parameters) | add' all.jsonl)" -gt 300000 ] || fail "parameters do not add up"
coppice inspect --json "$fixtures/dsconv.keras" | jq -e '.tensors | length == 48 or length == 49' >/dev/null
coppice prune "$fixtures/dsconv.keras" --sparsity 0.9 -o out.csrm --report report.json -q
jq -e '.schema == "coppice.prune/1" and .sparsity.pruned + .sparsity.kept == .sparsity.of' report.json >/dev/null
[ "$(jq -r .output.sha256 report.json)" = "$(sha256sum out.csrm | cut -d' ' -f1)" ] || fail "another SHA-256"
[ "$(jq -r .input.sha256 report.json)" = "$(sha256sum "$fixtures/dsconv.keras" | cut -d' ' -f1)" ] || fail "another SHA-256"
