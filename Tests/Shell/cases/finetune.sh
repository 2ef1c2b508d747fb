# finetune, and training in prune: what cannot be is said in one line before the work, a loss that is no number
# keeps the weights, and checkpoints are whole whatever happens.
cp "$fixtures"/lenet_300_100.keras model.keras
images=$fixtures/../data/fashion-mnist-t10k-500-images-idx3-ubyte.gz
on="--data $images --scale 1/255"

coppice prune model.keras --sparsity 0.9 -o pruned.keras -q
exits 0 coppice finetune pruned.keras $on --epochs 2 --json -o tuned.csrm
jq -e '.sparsity.pruned == 239580 and .sparsity.before == 239580 and .steps[0].epochs == 2
       and .metrics.pruned == .metrics.read_back and .metrics.pruned.correct > .metrics.dense.correct' printed >/dev/null ||
  fail "$(jq -c '[.sparsity, .steps, .metrics]' printed)"
# A packed model goes on, and comes out as what it was packed from.
exits 0 coppice finetune tuned.csrm $on --epochs 1 -o again.keras -q
exits 0 coppice inspect again.keras --json
jq -e '.zeros == 239580' printed >/dev/null || fail "zeros did not stay: $(jq .zeros printed)"

# Classes that nothing is trained on are named.
exits 0 coppice finetune pruned.keras $on --limit 5 --validation 0 --batch-size 5 --epochs 1 --dry-run --json
exits 0 coppice finetune pruned.keras $on --limit 5 --validation 0 --batch-size 5 --epochs 1 --json -o few.keras
jq -e 'any(.notes[]; test("No row to train on is of class [0-9, ]+:"))' printed >/dev/null || fail "$(jq -c .notes printed)"

# Several files, and a report that gives the run again.
cp pruned.keras other.keras
mkdir several
coppice finetune pruned.keras other.keras $on --epochs 1 --output-dir several -q
cmp several/pruned.keras several/other.keras || fail "two names of one model train apart"
coppice finetune pruned.keras $on --epochs 1 --no-respect-zeros --no-shuffle -o one.keras --report run.json -q
coppice finetune --config run.json -o two.keras -q
cmp one.keras two.keras || fail "the report's command gives another run"
exits 0 coppice finetune pruned.keras $on --dry-run --json
jq -e '.output == null and .plan[0].epochs_max == 100 and .metrics.pruned == null' printed >/dev/null || fail "a dry run"

# Gates stand before the output.
exits 1 coppice finetune pruned.keras $on --epochs 1 --require 'accuracy>=0.99' -q -o gated.keras
[ ! -e gated.keras ] || fail "an output that did not pass"

# What cannot be.
for bad in '--batch-size 1000' '--epochs 1 --max-epochs 3' '--patience 3 --validation 0' '--monitor speed' '--loss none' \
  '--class-weight 10=2' '--class-weight 0=x' '--class-weight 0=1,0=2' '--monitor loss --validation 0 --epochs 1' '--no-respect-zeros --skip-first' '--loss mse --label-smoothing 0.1' '--epochs 0' '--lr -1' '--resume' '--respect-zeros --no-respect-zeros'; do
  exits 64 coppice finetune model.keras $on -q -o bad.keras $bad
done
exits 64 coppice finetune model.keras $on -q -o bad.keras --optimizer '{"class_name": "SGD", "config": {"momentun": 0.9}}'
exits 64 coppice prune model.keras --sparsity 0.9 --schedule one-shot --patience 3,2 $on -q -o bad.keras
exits 69 coppice prune model.keras --sparsity 0.9 --epochs 1 --loss mae --criterion obd $on -q -o bad.keras
exits 64 coppice sensitivity model.keras $on --validation 0
exits 64 coppice sensitivity model.keras $on --criterion synflow --synflow-rounds 5
exits 64 coppice finetune model.keras -o bad.keras
# A dry run says so as well, makes nothing, and does not judge what only training can tell.
for bad in '--batch-size 1000' '--monitor speed' '--validation 0.0001' '--lr-schedule cosine:9'; do
  exits 64 coppice finetune model.keras $on -q --dry-run $bad
  exits 64 coppice prune model.keras --sparsity 0.9 --epochs 1 $on -q --dry-run $bad
done
exits 0 coppice prune model.keras --sparsity 0.9 --epochs 1 $on --dry-run --require 'accuracy>=0.999' --checkpoint none --json
jq -e '.metrics.pruned == null and .training.batch_size == 128 and .plan[0].epochs_max == 1
       and any(.notes[]; test("accuracy>=0.999"))' printed >/dev/null || fail "$(jq -c '[.metrics, .training, .notes]' printed)"
[ ! -e none ] || fail "a dry run made a folder"
exits 64 coppice prune model.keras --sparsity 0.99 --schedule geometric --total-epochs 5 $on -q -o bad.keras
# Limits that no schedule can keep are seen before the first epoch.
exits 64 coppice prune model.keras --sparsity 0.9 --max-layer-sparsity 0.5 --epochs 1 $on -o bad.keras
exits 65 coppice finetune "$fixtures/mnist_mlp_98.15.h5" $on -q -o bad.h5
exits 65 coppice finetune model.keras --data "$fixtures/../data/iris.h5" -q -o bad.keras
[ ! -e bad.keras ] && [ ! -e bad.h5 ] || fail "an output of a run that failed"

# A loss that is not finite: the weights stay, and the report says where. Also where only the last update went too far.
for odd in '--epochs 3' '--epochs 1 --validation 0 --batch-size 500'; do
  exits 0 coppice finetune pruned.keras $on --lr 1e39 $odd --json -q -o odd.keras --force
  jq -e '.metrics.pruned == .metrics.dense and any(.notes[]; test("not finite \\(epoch 1, batch [0-9]+\\).*--lr"))' printed >/dev/null ||
    fail "$odd: $(jq -c '[.metrics, .notes]' printed)"
done

# Where no size of a batch is asked for, there may be fewer rows than the usual one takes.
exits 0 coppice finetune pruned.keras $on --limit 20 --epochs 1 -q -o few.keras --force

# Checkpoints: another run's, a damaged one, no folder, a full disk.
run="coppice finetune pruned.keras $on --epochs 2 --checkpoint state -q --force -o kept.keras"
$run
cp kept.keras first.keras
$run --resume
cmp kept.keras first.keras || fail "a finished run that is resumed gives something else"
exits 64 $run --resume --lr 0.5
head -c 5000 state/pruned.keras.state >cut
cp cut state/pruned.keras.state
exits 65 $run --resume
cmp cut state/pruned.keras.state || fail "a damaged checkpoint was written over"
: >file
# Before the first epoch, so that nothing else is said.
exits 73 coppice finetune pruned.keras $on --epochs 1 --checkpoint file -o none.keras
rm -r state

# Two at once into one checkpoint folder: each ends, and what is left is whole.
$run --force & one=$!
coppice finetune pruned.keras $on --epochs 2 --checkpoint state -q -o second.keras
wait "$one"
cmp kept.keras first.keras && cmp second.keras first.keras || fail "two at once spoil each other"
$run --resume
cmp kept.keras first.keras || fail "the checkpoint of two at once is of neither"
[ "$(ls -A state)" = pruned.keras.state ] || fail "left: $(ls -A state)"

# SIGINT in an epoch: 130, no output, no temporary file, the checkpoint whole.
long="coppice finetune pruned.keras $on --epochs 100000 --checkpoint long -q -o long.keras"
for round in 1 2; do
  code=0
  env --default-signal=INT $long --resume & pid=$!
  while [ ! -e long/pruned.keras.state ]; do sleep 0.02; done
  sleep 0.3
  kill -s INT "$pid"
  wait "$pid" || code=$?
  [ "$code" = 130 ] || fail "SIGINT: exit $code"
  [ "$(ls -A long)" = pruned.keras.state ] && [ ! -e long.keras ] || fail "left: $(ls -A . long)"
done
exits 64 coppice finetune pruned.keras $on --epochs 5 --checkpoint long --resume -q -o long.keras

# Other rows under the same name are other data.
gzip -dc "$images" >images-idx3-ubyte
gzip -dc "$fixtures"/../data/fashion-mnist-t10k-500-labels-idx1-ubyte.gz >labels-idx1-ubyte
same="coppice finetune pruned.keras --data images-idx3-ubyte --epochs 1 --checkpoint rows -q --force -o rows.keras"
exits 0 $same
exits 0 $same --resume
printf '\001' | dd of=images-idx3-ubyte bs=1 seek=5000 conv=notrunc 2>dd.said
exits 64 $same --resume

[ "$(id -u)" = 0 ] || skip "mounting a small file system takes root"
mkdir small
mount -t tmpfs -o size=256k tmpfs small 2>/dev/null || skip "no tmpfs can be mounted here"
trap 'umount small' EXIT
# With the state of an epoch before: it stays, and is what one goes on from.
umount small
mount -t tmpfs -o size=3m tmpfs small
exits 74 coppice finetune pruned.keras $on --epochs 5 --checkpoint small -q -o none.keras
case $said in *'No space left'*--resume*) ;; *) fail "$said" ;; esac
[ "$(ls -A small)" = pruned.keras.state ] && [ ! -e none.keras ] || fail "left: $(ls -A small)"
cp small/pruned.keras.state . && mkdir large && mv pruned.keras.state large/
exits 0 coppice finetune pruned.keras $on --epochs 5 --checkpoint large --resume -q -o resumed.keras
exits 0 coppice finetune pruned.keras $on --epochs 5 -q -o whole.keras
cmp resumed.keras whole.keras || fail "the state that was left is not whole"
umount small
mount -t tmpfs -o size=256k tmpfs small
exits 74 coppice finetune pruned.keras $on --epochs 1 --checkpoint small -q -o none.keras
[ -z "$(ls -A small)" ] && [ ! -e none.keras ] || fail "left: $(ls -A small)"

# A state that is there is gone on from or begun anew, and never lost without a word; so is what the data cannot be for.
exits 0 coppice finetune pruned.keras $on --epochs 1 --checkpoint anew -q -o anew.keras
cp anew/pruned.keras.state before
exits 73 coppice finetune pruned.keras $on --epochs 2 --checkpoint anew -q -o later.keras
case $said in *--resume*) ;; *) fail "$said" ;; esac
cmp before anew/pruned.keras.state || fail "the state was written over"
exits 0 coppice finetune pruned.keras $on --epochs 2 --checkpoint anew --force -q -o later.keras
exits 64 coppice finetune pruned.keras $on --epochs 9223372036854775807 -o none.keras
exits 64 coppice finetune pruned.keras $on --lr-schedule warmup:9223372036854775807+cosine -o none.keras
exits 64 coppice finetune pruned.keras $on --lr 0.01 --lr-schedule cosine:0.5 -o none.keras
[ ! -e none.keras ] || fail "none.keras is there"
exits 0 coppice finetune pruned.keras $on --epochs 1 --optimizer '{"class_name":"SGD","config":{"learning_rate":0.05}}' -q -o rate.keras --report rate.json
jq -e '.training | .optimizer == "SGD" and .learning_rate == 0.05 and .batch_size > 0' rate.json >/dev/null || fail "$(jq -c .training rate.json)"
exits 64 coppice finetune pruned.keras $on --lr 0.01 --optimizer nonsense -o none.keras
[ ! -e none.keras ] || fail "none.keras is there"
