# eval: figures of real models on real images, in every form; gates, predictions, and what it refuses.
cp "$fixtures"/lenet_300_100.keras model.keras
images=$fixtures/../data/fashion-mnist-t10k-500-images-idx3-ubyte.gz
on="--data $images --scale 1/255"

# 445 of the first 500 (8,931 of all 10,000); the loss as Keras has it.
coppice eval model.keras $on --json >report.json
jq -e '.schema == "coppice.eval/1" and .metrics.correct == 445 and .metrics.total == 500
       and .metrics.accuracy == 0.89 and .metrics.top5 == 1 and (.metrics.loss - 0.315861 | fabs) < 1e-6
       and .samples_per_second > 0 and .data.part == "all" and .outputs[0].task == "classification"' report.json >/dev/null ||
  fail "not what the model does: $(jq -c .metrics report.json)"

# Packed, with weights and architecture apart, from a pipe, on other threads and in other batches: the same.
coppice pack model.keras -o model.csrm -q
coppice convert model.keras -o model.weights.h5 -q
wanted=$(jq -c .metrics report.json)
same() { [ "$(coppice eval "$@" $on --json | jq -c .metrics)" = "$wanted" ] || fail "other figures: eval $*"; }
same model.csrm
same model.weights.h5 --config-from model.keras
same - <model.keras
same model.keras --threads 1
same model.keras --batch-size 7

# Text, CSV, classes and confusion say one thing.
coppice eval model.keras $on --per-class --confusion --json >classes.json
jq -e '([.per_class[].correct] | add) == 445 and ([.confusion[][]] | add) == 500
       and ([range(10) as $i | .confusion[$i][$i]] == [.per_class[].correct])' classes.json >/dev/null ||
  fail "classes and confusion disagree"
coppice eval model.keras $on --csv | grep -q ',accuracy,0.89$' || fail "no accuracy in the table"
coppice eval model.keras $on | grep -q '89.00 %' || fail "no accuracy in the text"
[ "$(coppice eval model.keras model.csrm $on | grep -c 'accuracy 89.00 %')" = 2 ] || fail "not a line a file"
[ -z "$(coppice eval model.keras $on -q 2>&1)" ] || fail "--quiet is not quiet"
coppice eval model.keras $on --limit 100 --loss mse --json | jq -e '.metrics.total == 100 and .metrics.loss < 0.05' >/dev/null

# Gates.
exits 0 coppice eval model.keras $on --require 'accuracy>=89%' --require 'loss<=0.32'
exits 1 coppice eval model.keras $on --require 'accuracy>=0.9'
exits 1 coppice eval model.keras $on --require 'loss<=0.3'
exits 64 coppice eval model.keras $on --require 'ratio>=2'

# Predictions: a header of 128 bytes and 500 rows of ten floats, or a line a sample; never over a file that is there.
coppice eval model.keras $on --predictions out.npy -q
[ "$(stat -c %s out.npy)" = 20128 ] || fail "out.npy has $(stat -c %s out.npy) bytes"
exits 73 coppice eval model.keras $on --predictions out.npy
case $said in *skip-existing*) fail "advises an option that eval does not have: $said" ;; esac
coppice eval model.keras $on --predictions out.npy --force -q
coppice eval model.keras --data "$images" --y "$images.none" --predictions no.npy 2>/dev/null && fail "labels that are not there"
[ ! -e no.npy ] || fail "predictions of a run that failed"
coppice eval model.keras $on --predictions out.csv --limit 3 -q
[ "$(wc -l <out.csv)" = 4 ] || fail "out.csv has $(wc -l <out.csv) lines"
exits 1 coppice eval model.keras $on --predictions gated.npy --require 'accuracy>=0.99'
[ ! -e gated.npy ] || fail "predictions of a run that did not pass"
exits 64 coppice eval model.keras $on --predictions out.txt

# Images alone have no labels: predictions are all there is to have.
cp "$images" alone.gz
exits 65 coppice eval model.keras --data alone.gz
coppice eval model.keras --data alone.gz --scale 1/255 --predictions alone.npy --json | jq -e '.metrics == null' >/dev/null
cmp alone.npy out.npy || fail "other predictions without labels"
exits 64 coppice eval model.keras --data alone.gz --predictions again.npy --per-class
exits 64 coppice eval model.keras --data alone.gz --predictions again.npy --require 'accuracy>=0.1'

# Bytes that nobody scales are remarked on, unless they are said to be right: ResNet-8 of MLPerf Tiny takes them so.
coppice eval model.keras --data "$images" | grep -q 'is --scale 1/255' || fail "unscaled bytes go unnoticed"
coppice eval model.keras --data "$images" --scale 1 --json | jq -e '.notes | all(test("scale") | not)' >/dev/null ||
  fail "remarks on bytes that are right as they are"

# A line about the data names the data; of several models, the model too.
exits 65 coppice eval model.keras --data "$fixtures/../data/iris.h5"
case $said in "coppice: $fixtures/../data/iris.h5: "*) ;; *) fail "$said" ;; esac
coppice eval model.keras model.csrm --data "$fixtures/../data/iris.h5" 2>both && fail "data for another model"
[ "$(grep -c '^coppice: model.[a-z]*: .*iris.h5: ' both)" = 2 ] || fail "$(cat both)"

# 134 million images, of which none takes room: the first ten are run, and no batch is made of all.
printf '\0\0\10\3\10\0\0\0\0\0\0\34\0\0\0\34' >endless
truncate -s $((16 + 134217728 * 784)) endless
exits 0 coppice eval model.keras --data endless --limit 10 --predictions ten.npy -q
exits 64 coppice eval model.keras --data endless --batch-size 134217728 --predictions all.npy
[ ! -e all.npy ] || fail "predictions of a run that failed"

# Refused, each with its code.
exits 64 coppice eval model.keras
exits 64 coppice eval model.keras --limit 3
exits 64 coppice eval model.keras $on --loss nonsense
exits 64 coppice eval model.keras $on --top-k 11
exits 64 coppice eval model.keras $on --force
exits 64 coppice eval model.keras $on --split test
exits 66 coppice eval model.keras --data nowhere.npz
exits 65 coppice eval model.keras --data "$fixtures/../data/iris.h5"
exits 65 coppice eval model.weights.h5 $on
exits 65 coppice eval model.keras --data model.keras
exits 65 coppice eval model.keras --data model.weights.h5
case $said in *'not data'*) ;; *) fail "$said" ;; esac
head -c 50000 "$images" >cut.gz
exits 65 coppice eval model.keras --data cut.gz --predictions cut.npy
exits 64 coppice eval "$fixtures/mmsplice_intron3.h5" model.keras $on --predictions two.npy
