# prune --reconstruct, --bn-recalibrate and --criterion wanda: data without labels, the same zeros, better figures.
cp "$fixtures"/lenet_300_100.keras "$fixtures"/dsconv.keras .
images=$fixtures/../data/fashion-mnist-t10k-500-images-idx3-ubyte.gz
on="--data $images --scale 1/255"
correct() { jq .metrics.pruned.correct "$1"; }

coppice prune lenet_300_100.keras --sparsity 0.9 $on -o plain.csrm --json >plain.json
coppice prune lenet_300_100.keras --sparsity 0.9 $on --reconstruct -o refitted.csrm --json >refitted.json
jq -e '.sparsity.achieved == 0.9 and .metrics.read_back == .metrics.pruned and .calibration.samples == 500
       and .calibration.refitted == 3 and .calibration.part == "all"' refitted.json >/dev/null ||
  fail "$(jq -c '[.sparsity, .metrics, .calibration]' refitted.json)"
jq -e '.calibration == null' plain.json >/dev/null || fail "a calibration that was not asked for"
[ "$(correct refitted.json)" -gt $(($(correct plain.json) + 50)) ] ||
  fail "$(correct plain.json) right, $(correct refitted.json) reconstructed"
jq -e '.notes | any(test("no test part"))' refitted.json >/dev/null || fail "nothing said of measuring on the same rows"
# The zeros are those of the plain run, and the report gives the same file again on any number of threads.
coppice diff plain.csrm refitted.csrm --json >diff.json || true
jq -e '[.tensors[] | select(.zeros_a != null and .zeros_a != .zeros_b)] == []' diff.json >/dev/null || fail "other zeros"
jq .command refitted.json | sed 's/refitted.csrm/again.csrm/' >run.json
coppice prune --config run.json --threads 1 -q
cmp refitted.csrm again.csrm || fail "another file on one thread"

# Statistics alone: nothing but moving means and variances, even where nothing is pruned.
coppice prune dsconv.keras --sparsity 0 $on --bn-recalibrate --calibration-samples 100 -o recalibrated.keras --json >bn.json
jq -e '.calibration.samples == 100 and .calibration.normalisations == 9 and .calibration.refitted == null
       and .sparsity.pruned == 0' bn.json >/dev/null || fail "$(jq -c .calibration bn.json)"
coppice diff dsconv.keras recalibrated.keras --json >diff.json || true
[ "$(jq -c '[.tensors[] | select(.status == "values")] | length' diff.json)" = 18 ] || fail "other tensors changed"
coppice prune dsconv.keras --sparsity 0.7 $on -o p.csrm --json >plain.json
coppice prune dsconv.keras --sparsity 0.7 $on --bn-recalibrate --reconstruct -o b.csrm --json >both.json
[ "$(correct both.json)" -gt "$(correct plain.json)" ] || fail "$(correct plain.json), then $(correct both.json)"

# Wanda: the same share of every output; labels are not needed, and then nothing is measured.
cp "$images" alone.gz
coppice prune lenet_300_100.keras --sparsity 0.5 --criterion wanda --data alone.gz --scale 1/255 -o w.keras --json >w.json
jq -e '.metrics == null and .calibration.refitted == null and (.notes | any(test("no labels")))
       and [.tensors[].sparsity] == [0.5, 0.5, 0.5]' w.json >/dev/null || fail "$(jq -c '[.notes, .tensors]' w.json)"
coppice prune lenet_300_100.keras --sparsity 0.5 --criterion wanda --scope global $on -o g.keras --json |
  jq -e '[.tensors[].sparsity] | .[0] > 0.5 and .[2] < 0.5' >/dev/null || fail "global is not over all tensors"
coppice prune lenet_300_100.keras --sparsity 0.5 --data alone.gz --scale 1/255 --reconstruct -o u.csrm -q
exits 64 coppice prune lenet_300_100.keras --sparsity 0.5 --data alone.gz --reconstruct -o n.csrm --require 'accuracy>=0.1'

# What does not go together, before anything is read.
exits 64 coppice prune lenet_300_100.keras --sparsity 0.5 --reconstruct -o n.csrm
exits 64 coppice prune lenet_300_100.keras --sparsity 0.5 --bn-recalibrate -o n.csrm
exits 64 coppice prune lenet_300_100.keras --sparsity 0.5 --criterion wanda -o n.csrm
exits 64 coppice prune lenet_300_100.keras --sparsity 0.5 --criterion 'wanda*0.5+lamp*0.5' -o n.csrm
exits 64 coppice prune lenet_300_100.keras --sparsity 0.5 $on --calibration-samples 10 -o n.csrm
exits 64 coppice prune lenet_300_100.keras --sparsity 0.5 $on --reconstruct --calibration-samples 0 -o n.csrm
exits 64 coppice prune lenet_300_100.keras --target-size 50KB $on --reconstruct -o n.csrm
exits 65 coppice prune lenet_300_100.keras --sparsity 0.5 --data "$fixtures/../data/iris.h5" --reconstruct -o n.csrm
[ ! -e n.csrm ] || fail "an output of a run that failed"
