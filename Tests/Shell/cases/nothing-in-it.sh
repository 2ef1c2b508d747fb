# Models with nothing in them, or with something in them that is no weight: an answer each, and what can be packed
# comes back.
[ -x "$python" ] || skip "no $python: run Tests/Ecosystem/setup"
"$python" - <<'PYTHON'
import io, json, zipfile
import h5py, numpy as np
def keras(path, layers):
    with h5py.File(path, "w") as f:
        f.attrs["keras_version"], f.attrs["backend"] = "2.15.0", "tensorflow"
        f.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"name": "m", "layers": layers}})
        g = f.create_group("model_weights")
        g.attrs["keras_version"], g.attrs["backend"] = np.bytes_("2.15.0"), np.bytes_("tensorflow")
        g.attrs["layer_names"] = np.array([l["config"]["name"].encode() for l in layers])
        for layer in layers:
            g.create_group(layer["config"]["name"]).attrs["weight_names"] = np.array([])
keras("no-layers.h5", [])
keras("no-weights.h5", [{"class_name": "Flatten", "config": {
    "name": "f", "batch_input_shape": [None, 2, 2], "dtype": "float32", "trainable": True, "data_format": "channels_last"}}])
inner = io.BytesIO()
h5py.File(inner, "w").close()
with zipfile.ZipFile("no-layers.keras", "w") as z:
    z.writestr("metadata.json", json.dumps({"keras_version": "3.3.3", "date_saved": "x"}))
    z.writestr("config.json", json.dumps({"module": "keras", "class_name": "Sequential", "registered_name": None, "config": {
        "name": "sequential", "trainable": True, "dtype": "float32", "layers": []}}))
    z.writestr("model.weights.h5", inner.getvalue())
with h5py.File("zero-size.h5", "w") as f:
    f["a"], f["b"] = np.zeros((0, 5), "f4"), np.zeros((3, 0), "f4")
h5py.File("empty.h5", "w").close()
with h5py.File("groups.h5", "w", libver="latest") as f:
    f.create_group("a/b")
zipfile.ZipFile("other.zip", "w").writestr("a.txt", "a")
with h5py.File("mixed.h5", "w") as f:
    f["w"] = np.arange(1, 201, dtype="f4").reshape(20, 10)
    f["names"], f["bytes"], f["nothing"] = ["a", "bc"], np.array([b"ab", b"c"]), h5py.Empty("f4")
    f["pairs"], f["complex"], f["flags"] = np.zeros(3, [("a", "f4"), ("b", "i4")]), np.ones(3, "c8"), np.array([True, False])
    f["lists"] = f.create_dataset("l", (2,), dtype=h5py.vlen_dtype(np.int32))
    f.create_dataset("refs", data=np.array([f["w"].ref], dtype=h5py.ref_dtype), dtype=h5py.ref_dtype)
PYTHON

for model in no-layers.h5 no-weights.h5 no-layers.keras zero-size.h5; do
  exits 0 coppice inspect $model
  exits 0 coppice verify $model
  exits 65 coppice prune $model --sparsity 0.5 -o x.csrm
  exits 65 coppice prune $model --nm 2:4 -o x.csrm
  exits 65 coppice prune $model --keep 0 -o x.csrm
  exits 0 coppice pack $model --bytes-exact -o x.csrm
  exits 0 coppice verify x.csrm
  exits 0 coppice verify x.csrm $model
  exits 0 coppice unpack x.csrm -o "back-$model"
  cmp $model "back-$model"
  exits 0 coppice convert $model --to csrm -o x.csrm --force
  rm x.csrm "back-$model"
done

# Nothing at all in it is no damage either: there is no model to give an answer for.
for file in empty.h5 groups.h5 other.zip; do
  for command in inspect verify 'pack -o x.csrm' 'prune --sparsity 0.5 -o x.csrm'; do exits 65 coppice $command $file; done
done

# Arrays of a plain HDF5 file that are no numbers are left alone.
exits 0 coppice verify mixed.h5
exits 0 coppice prune mixed.h5 --sparsity 0.5 -o pruned.h5
exits 0 coppice inspect pruned.h5 --require 'sparsity>=0.5'
exits 0 coppice prune mixed.h5 --sparsity 0.5 -o pruned.csrm
exits 0 coppice unpack pruned.csrm -o back.h5
exits 0 coppice verify pruned.csrm back.h5
exits 0 coppice diff pruned.h5 back.h5
coppice diff mixed.h5 pruned.h5 --json >printed || true
jq -e '[.tensors[] | select(.status != "same") | .name] == ["w"]' printed >/dev/null || fail "$(cat printed)"
