# A report's "command" object fed back gives the same run.
coppice prune "$fixtures/dsconv.keras" --sparsity 0.77 --criterion lamp -o first.csrm --report report.json -q
jq .command report.json >command.json
jq -e 'has("sparsity") and has("criterion")' command.json >/dev/null
coppice prune "$fixtures/dsconv.keras" --config command.json -o second.csrm --force -q
cmp first.csrm second.csrm

# What is typed wins, over what it contradicts too; a report that is fed back stays as it is.
coppice prune "$fixtures/dsconv.keras" --config command.json --keep 10 -o fourth.csrm -q
coppice inspect fourth.csrm --json | jq -e '.prunable * (1 - .sparsity) | round == 10' >/dev/null || fail "not ten weights"
cp report.json before.json
coppice prune --config report.json --dry-run --force -q
cmp report.json before.json
