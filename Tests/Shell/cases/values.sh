# --values: fewer bits a weight, what that costs, and what cannot be meant.
cp "$fixtures"/lenet_300_100.keras model.keras
images=$fixtures/../data/fashion-mnist-t10k-500-images-idx3-ubyte.gz
on="--data $images --scale 1/255"

# Each precision packs smaller than the one before, verifies, and says what it did.
last=2000000
for values in exact f16 int8 codebook:16 rd:0.2; do
  coppice pack model.keras --values $values -o packed.csrm --force --json >report.json
  coppice verify packed.csrm -q
  bytes=$(stat -c %s packed.csrm)
  [ "$bytes" -lt "$last" ] || fail "$values: $bytes bytes"
  last=$bytes
  [ "$values" = exact ] && jq -e '.values == null' report.json >/dev/null && continue
  jq -e --arg v "$values" '.values | .asked == $v and (.tensors | length) == 3
    and ([.tensors[] | .largest_error > 0 and .mean_error > 0 and .mean_error < .largest_error] | all)
    and (.bits_per_weight | .mask + .values + .side - .all | fabs) < 1e-9' report.json >/dev/null ||
    fail "$values: $(jq -c .values report.json)"
  # What inspect says of the file is what the report said.
  coppice inspect packed.csrm --json >inspect.json
  [ "$(jq -c '[.tensors[] | select(.precision != "exact") | .bits_per_weight * 1e9 | round]' inspect.json)" = \
    "$(jq -c '[.values.tensors[].bits_per_weight.all * 1e9 | round]' report.json)" ] || fail "$values: inspect and pack differ"
  jq -e '[.tensors[] | select(.role == "bias") | .precision == "exact"] | all' inspect.json >/dev/null || fail "a bias is not exact"
done

# The same bytes on any number of threads.
for values in f16 codebook:16 rd:0.05; do
  coppice pack model.keras --values $values -o one.csrm --threads 1 -q
  coppice pack model.keras --values $values -o two.csrm --threads 2 -q
  cmp one.csrm two.csrm || fail "$values depends on threads"
  # Unpacked, it has the rounded values in the old types; packed again, the old levels.
  coppice unpack one.csrm -o back.keras -q
  exits 1 coppice diff model.keras back.keras --json
  jq -e '[.tensors[] | select(.status != "same") | .status == "values"] | all' printed >/dev/null || fail "$values: more than values differs"
  exits 0 coppice diff one.csrm back.keras
  coppice pack one.csrm -o again.csrm -q
  cmp one.csrm again.csrm || fail "$values: packing again loses the levels"
  coppice prune one.csrm --sparsity 0.5 -o pruned.csrm --json >report.json
  [ "$(stat -c %s pruned.csrm)" -lt "$(stat -c %s one.csrm)" ] || fail "$values: pruned levels are no levels any more"
  rm one.csrm two.csrm back.keras again.csrm pruned.csrm
done

# With data: before, and of what was written.
for command in "pack" "convert" "prune --sparsity 0.5"; do
  coppice $command model.keras --values int8 $on -o measured.csrm --force --json >report.json
  [ "$(coppice eval measured.csrm $on --json | jq -c .metrics)" = \
    "$(jq -c '.metrics | .output // .read_back' report.json)" ] || fail "$command: the output does something else"
done
coppice pack model.keras --values rd $on --score-samples 200 -o weighed.csrm --json | jq -e '.values.samples == 200' >/dev/null || fail "nothing was weighed"
coppice pack model.keras --values rd -o plain.csrm -q
! cmp -s weighed.csrm plain.csrm || fail "weighing changes nothing"
exits 1 coppice pack model.keras --values codebook:2 $on -o gated.csrm --require 'accuracy>=0.89'
[ ! -e gated.csrm ] || fail "an output that did not pass"

# The fewest bits that hold what is required.
coppice pack model.keras --values auto $on --require 'accuracy>=0.87' --score-samples 200 -o auto.csrm --json >report.json
jq -e '.metrics.output.accuracy >= 0.87 and .values.bits_per_weight.all < 4 and .values.search.trials > 3' report.json >/dev/null ||
  fail "auto: $(jq -c '[.metrics, .values.bits_per_weight]' report.json)"
coppice pack model.keras --values auto $on --require 'accuracy>=0.87' --score-samples 200 -o auto2.csrm --threads 1 -q
cmp auto.csrm auto2.csrm || fail "auto depends on threads"
exits 1 coppice pack model.keras --values auto $on --require 'accuracy>=0.95' -o none.csrm
case $said in *'cannot be held'*) ;; *) fail "says: $said" ;; esac

# What cannot be meant.
for wrong in nonsense f16:2 int4 codebook codebook:1 codebook:257 rd:-1 rd:x ""; do
  exits 64 coppice pack model.keras --values "$wrong" -o none.csrm
done
exits 64 coppice pack model.keras --values f16 --bytes-exact -o none.csrm
exits 64 coppice pack model.keras --values f16 --layout csr -o none.csrm
exits 64 coppice pack model.keras --values codebook:16 --saturate -o none.csrm
exits 64 coppice pack model.keras --saturate -o none.csrm
exits 64 coppice pack model.keras --values auto -o none.csrm
exits 64 coppice pack model.keras --values auto $on -o none.csrm
exits 64 coppice pack model.keras --values auto --require 'accuracy>=0.5' -o none.csrm
exits 64 coppice pack model.keras --values rd --score-samples 5 -o none.csrm
exits 64 coppice convert model.keras --values f16 -o none.h5
exits 64 coppice prune model.keras --sparsity 0.5 --values f16 -o none.keras
exits 64 coppice prune model.keras --target-size 50KB --values auto $on --require 'accuracy>=0.5' -o none.csrm
[ ! -e none.csrm ] && [ ! -e none.h5 ] && [ ! -e none.keras ] || fail "an output of a run that failed"

# Weights that halves do not hold.
[ -x "$python" ] || skip "no $python: run Tests/Ecosystem/setup"
"$python" - <<'PYTHON'
import h5py, numpy as np
with h5py.File("large.h5", "w") as f: f["w"] = np.array([[1e5, 1], [2, 1e-9], [0.3, 0]], "f4")
with h5py.File("nan.h5", "w") as f: f["w"] = np.array([[1, np.nan], [2, 3], [4, 5]], "f4")
PYTHON
exits 65 coppice pack large.h5 --values f16 -o large.csrm
case $said in *large.h5*100000*--saturate*) ;; *) fail "says: $said" ;; esac
coppice pack large.h5 --values f16 --saturate -o large.csrm --json |
  jq -e '.values.tensors[0] | .saturated == 1 and .zeroed == 1' >/dev/null || fail "what was cut is not counted"
exits 65 coppice pack nan.h5 --values int8 -o nan.csrm
[ ! -e nan.csrm ] || fail "an output of a run that failed"
