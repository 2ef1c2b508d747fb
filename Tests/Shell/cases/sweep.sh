# sweep: every run a file as it ends; cut short, gone on with, shared out, merged. sensitivity beside it.
cp "$fixtures"/lenet_300_100.keras model.keras
for kind in images-idx3 labels-idx1; do
  for part in train test; do cp "$TOP/fixtures/data/fashion-mnist-t10k-500-$kind-ubyte.gz" "$part-$kind-ubyte.gz"; done
done
on="--data train-images-idx3-ubyte.gz --test-data test-images-idx3-ubyte.gz --scale 1/255"
sweep="coppice sweep model.keras $on --ratios 0.8,0.9 --schedules one-shot,hybrid --seeds 2 --fair equal-budget:5 -q"

exits 0 $sweep --out whole --json
cp printed whole.json
jq -e '.schema == "coppice.sweep/1" and .missing == [] and (.rows | length) == 6 and .dense == 0.89
       and all(.rows[]; .result.n == 2 and .epochs.mean == (if .schedule then 5 else 0 end))
       and ([.rows[] | select(.ratio == 0.9).zeros] | unique) == [239580]' whole.json >/dev/null || fail "$(jq -c .rows whole.json)"
# A run's file holds what prune says of it.
for point in whole/pruned-*.json whole/untrained-*.json; do
  jq -e '.prune.schema == "coppice.prune/1" and .prune.sparsity.pruned == .zeros and .prune.sparsity.of == .of
         and ([.prune.tensors[] | .count - .kept] | add) == .zeros and (.prune.steps | length) == .steps
         and .prune.metrics.pruned == .test and .prune.sizes.output == .bytes' "$point" >/dev/null || fail "$point: $(jq -c .prune "$point")"
done
jq -e 'has("prune") and .prune == null' whole/dense-s0.json >/dev/null || fail "the dense model was not pruned"

# The control is what prune does without training.
coppice prune model.keras --sparsity 0.9 $on --json -o pruned.keras | jq .metrics.pruned.accuracy >prune.txt
jq '[.rows[] | select(.schedule == null and .ratio == 0.9)][0].result.mean' whole.json | cmp - prune.txt || fail "another control"

# The same again is refused, another plan too.
exits 73 $sweep --out whole
exits 64 $sweep --out whole --resume --seeds 3
exits 0 $sweep --out whole --resume --csv
[ "$(wc -l <printed)" = 13 ] || fail "not a record a run: $(cat printed)"

# Cut short, and gone on with: the same figures, in the same files, but for the time that it took.
env --default-signal=INT $sweep --out parts & pid=$!
while [ "$(find parts -name 'pruned-*' 2>/dev/null | wc -l)" -lt 2 ]; do sleep 0.02; done
code=0
kill -s INT "$pid"
wait "$pid" || code=$?
[ "$code" = 130 ] || fail "SIGINT: exit $code"
[ -z "$(find parts -name '.*')" ] || fail "left: $(ls -A parts)"
coppice sweep report parts --json | jq -e '(.missing | length) > 0 and any(.notes[]; test("missing"))' >/dev/null || fail "nothing is missing"
exits 0 $sweep --out parts --resume
timeless() { coppice sweep report "$@" --json | jq -S 'del(.rows[].seconds)'; }
[ "$(timeless whole)" = "$(timeless parts)" ] || fail "a sweep that was cut short has other figures"

# Shards: by number and by a job array, in folders of their own and in one.
exits 0 $sweep --out shards/1 --shard 1/2
SLURM_ARRAY_TASK_ID=6 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_COUNT=2 $sweep --out shards/2
[ "$(timeless whole)" = "$(timeless shards/1 shards/2)" ] || fail "shards have other figures"
SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_COUNT=2 exits 64 $sweep --out shards/3
[ ! -e shards/3 ] || fail "a folder of a part that is none"
exits 64 coppice sweep report whole --data train-images-idx3-ubyte.gz
exits 64 coppice sweep report whole --ratios 0.5
exits 64 coppice sweep report whole --schedules hybrid
exits 64 coppice sweep report whole --seed 0
# A report never takes the place of a plan or a point.
for own in sweep.json dense-s0.json; do
  exits 73 coppice sweep report whole --report whole/$own
done
# What a run would be without its training is the control of its seed.
coppice sweep report whole --json | jq -e '[.rows[] | select(.schedule != null)] | length > 0 and all(.untrained.n == 2)' >/dev/null ||
  fail "$(coppice sweep report whole --json | jq -c '[.rows[].untrained]')"
exits 66 coppice sweep report nowhere
echo '{}' >whole/dense-s0.json
exits 65 coppice sweep report whole
rm whole/dense-s0.json

# Plots.
coppice sweep report parts --plot plots -q
(cd plots && ls) | tr '\n' ' ' | grep -qx 'epochs-0.8.svg epochs-0.9.svg ratios.svg steps-0.8.svg steps-0.9.svg ' || fail "plots: $(ls plots)"

# What cannot be, before the work.
exits 64 coppice sweep model.keras --data train-images-idx3-ubyte.gz --out none
exits 64 coppice sweep model.keras $on --out none --fair equal-budget:10 --ratios 0.9
exits 64 coppice sweep model.keras $on --out none --ratios 0.9,0.9
exits 64 coppice sweep model.keras $on --out none --schedules one-shot,all
exits 64 coppice sweep model.keras $on --out none --max-epochs 3
exits 64 coppice sweep model.keras $on --out none --max-epochs 5 --fair best-of-grid --ratios 0.8 --schedules constant
exits 64 coppice sweep model.keras $on --out none --ratios 0.9 --batch-size 100000
exits 64 coppice sweep model.keras $on --out none --ratios 0.9 --split train
exits 64 coppice sweep model.keras $on
exits 64 coppice sweep report
[ ! -e none ] || fail "a folder of a sweep that cannot be"
# A run that fails is said, and the others are done.
exits 0 $sweep --out failing --shard 1/17
cp model.keras first.keras
mkdir failing/untrained-0.8-magnitude-s0.json
code=0
$sweep --out failing --resume 2>complaint || code=$?
[ "$code" -ge 64 ] || fail "a run that failed is not in the exit code"
rm complaint
rmdir failing/untrained-0.8-magnitude-s0.json

exits 64 coppice sensitivity model.keras $on --ratios 0.5,0.9,0.5
exits 0 coppice sensitivity model.keras $on --ratios 0.5,0.9 --json --plot map.svg
jq -e '.part == "validation" and .dense.total == 50 and (.tensors | length) == 3
       and all(.tensors[]; .cells[1].zeros == (.count * 0.9 | floor))' printed >/dev/null || fail "$(cat printed)"
grep -q '<svg' map.svg || fail "no heat map"
exits 0 coppice sensitivity model.keras $on --split test --json
jq -e '.part == "test" and .dense.correct == 445' printed >/dev/null || fail "not on the test part"
exits 64 coppice sensitivity model.keras $on --require 'accuracy>=0.5'
exits 64 coppice sensitivity model.keras

# What no run could do without is said once.
exits 64 $sweep --out none --batch-size 100000
case $said in *'rows to train on'*) ;; *) fail "$said" ;; esac
exits 66 coppice sweep report nowhere
