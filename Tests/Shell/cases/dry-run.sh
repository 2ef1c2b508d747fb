# --dry-run says what would be done, and writes nothing; its figures are those of the run.
cp "$fixtures/dsconv.keras" .
coppice prune dsconv.keras --sparsity 0.9 --dry-run --to csrm --json >plan.json
rm -f printed
holds dsconv.keras plan.json
coppice prune dsconv.keras --sparsity 0.9 -o out.csrm --json >done.json
[ "$(jq -c .sparsity plan.json)" = "$(jq -c .sparsity done.json)" ] || fail "another mask than foretold"
[ "$(jq .sizes.output plan.json)" = "$(stat -c %s out.csrm)" ] || fail "another size than foretold"

# It refuses what the run would: an output that is there, a folder that is not.
rm done.json
exits 73 coppice prune dsconv.keras --sparsity 0.9 -o out.csrm --dry-run
exits 73 coppice prune dsconv.keras --sparsity 0.9 -o nowhere/out.csrm --dry-run
exits 0 coppice prune dsconv.keras --sparsity 0.9 -o out.csrm --dry-run --force
exits 0 coppice unpack out.csrm -o new.keras --dry-run
exits 73 coppice unpack out.csrm -o dsconv.keras --dry-run
exits 0 coppice unpack out.csrm -o dsconv.keras --dry-run --skip-existing
cmp dsconv.keras "$fixtures/dsconv.keras"
rm -f printed
holds dsconv.keras out.csrm plan.json
