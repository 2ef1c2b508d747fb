# A report's "command" object fed back gives the same run.
coppice prune "$fixtures/dsconv.keras" --sparsity 0.77 --criterion lamp -o first.csrm --report report.json -q
jq .command report.json >command.json
jq -e 'has("sparsity") and has("criterion")' command.json >/dev/null
coppice prune "$fixtures/dsconv.keras" --config command.json -o second.csrm --force -q
cmp first.csrm second.csrm
