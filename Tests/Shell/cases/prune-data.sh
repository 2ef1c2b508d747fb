# prune --data: what pruning costs, before and after and of the file itself; gates stand before the output.
cp "$fixtures"/lenet_300_100.keras model.keras
images=$fixtures/../data/fashion-mnist-t10k-500-images-idx3-ubyte.gz
on="--data $images --scale 1/255"

for output in out.csrm out.keras out.weights.h5; do
  coppice prune model.keras --sparsity 0.8 $on -o $output --json >report.json
  jq -e '.metrics.dense.correct == 445 and .metrics.pruned.total == 500
         and .metrics.pruned.correct < 445 and .metrics.read_back == .metrics.pruned' report.json >/dev/null ||
    fail "$output: $(jq -c .metrics report.json)"
done
# The file does what was said of it.
[ "$(coppice eval out.csrm $on --json | jq -c .metrics)" = "$(jq -c .metrics.read_back report.json)" ] ||
  fail "the output does something else"

# The same mask as without data, and the same file.
coppice prune model.keras --sparsity 0.8 -o plain.csrm -q
cmp out.csrm plain.csrm || fail "data changed what is pruned"
jq -e .metrics report.json >/dev/null
coppice prune model.keras --sparsity 0.8 -o plain2.csrm --json | jq -e '.metrics == null' >/dev/null || fail "metrics without data"

# Nothing to read back.
coppice prune model.keras --sparsity 0.8 $on --dry-run --json |
  jq -e '.metrics.pruned.correct > 0 and .metrics.read_back == null' >/dev/null || fail "a dry run reads back"

# Gates, before the output is in its place.
exits 1 coppice prune model.keras --sparsity 0.95 $on -o gated.csrm --require 'accuracy>=0.88'
[ ! -e gated.csrm ] || fail "an output that did not pass"
exits 1 coppice prune model.keras --sparsity 0.95 $on --dry-run --require 'loss<=0.4'
exits 0 coppice prune model.keras --sparsity 0.3 $on -o gated.csrm --require 'accuracy>=0.88' --require 'sparsity>=0.3'
[ -e gated.csrm ] || fail "an output that passed is not there"
exits 64 coppice prune model.keras --sparsity 0.3 -o other.csrm --require 'accuracy>=0.88'

# One line a file, and the table of one.
coppice prune model.keras --sparsity 0.5 $on -o line.csrm | grep -q '^accuracy  *89.00 %' || fail "no table of the data"
cp model.keras other.keras
mkdir several
coppice prune model.keras other.keras --sparsity 0.5 $on --output-dir several --to csrm | grep -c 'smaller), accuracy 89.00 % → ' | grep -qx 2 ||
  fail "accuracy is not in the line"

# Data without labels, or for another model.
cp "$images" alone.gz
exits 65 coppice prune model.keras --sparsity 0.5 --data alone.gz -o none.csrm
exits 65 coppice prune model.keras --sparsity 0.5 --data "$fixtures/../data/iris.h5" -o none.csrm
[ ! -e none.csrm ] || fail "an output of a run that failed"

# A tensor of which nothing is left is named.
exits 0 coppice prune model.keras --set 'predictions/kernel=100%' -o emptied.csrm --json
jq -e 'any(.notes[]; test("No weight is left in predictions/kernel.*--min-keep 1"))' printed >/dev/null || fail "$(jq -c .notes printed)"
exits 0 coppice prune model.keras --sparsity 0.9 --criterion taylor --taylor-form square $on --score-samples 128 -o square.csrm
exits 64 coppice prune model.keras --sparsity 0.9 --taylor-form square -o none.csrm
exits 64 coppice prune model.keras --sparsity 0.9 --criterion taylor --taylor-form sum $on -o none.csrm
exits 64 coppice prune model.keras --sparsity 0.9 --criterion grasp --grasp-temperature 0 $on -o none.csrm
