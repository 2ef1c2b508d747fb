# --dry-run says what would be done, and writes nothing; its figures are those of the run.
cp "$fixtures/dsconv.keras" .
coppice prune dsconv.keras --sparsity 0.9 --dry-run --to csrm --json >plan.json
rm -f printed
holds dsconv.keras plan.json
coppice prune dsconv.keras --sparsity 0.9 -o out.csrm --json >done.json
[ "$(jq -c .sparsity plan.json)" = "$(jq -c .sparsity done.json)" ] || fail "another mask than foretold"
[ "$(jq .sizes.output plan.json)" = "$(stat -c %s out.csrm)" ] || fail "another size than foretold"
