# What the shell tests share. Sourced before each of cases/*.sh, in its empty folder, with -eu and pipefail.
fixtures=$TOP/fixtures/models
python=$TOP/.venv-k3/bin/python

fail() { echo "$*" >&2; exit 1; }

# A test that cannot be made here: 77, which is red in CI.
skip() { echo "$*"; exit 77; }

# exits CODE COMMAND…: the command must end with CODE and, unless that is 0, say one line that begins with
# `coppice: `. What it said is left in $said, what it printed in ./printed.
exits() {
  local wanted=$1 code=0
  shift
  "$@" >printed 2>complaint || code=$?
  said=$(cat complaint)
  [ "$code" = "$wanted" ] || fail "exit $code, not $wanted: $* : $said"
  if [ "$wanted" -ge 64 ] && [ "$wanted" -lt 128 ]; then
    [ "$(wc -l <complaint)" = 1 ] || fail "not one line: $said"
    case $said in 'coppice: '*) ;; *) fail "does not begin with 'coppice: ': $said" ;; esac
  fi
  rm -f complaint
}

# holds NAME…: the folder holds these files and no others, hidden ones included.
holds() {
  local there
  there=$(find . -mindepth 1 ! -name printed ! -name complaint -printf '%P\n' | LC_ALL=C sort)
  [ "$there" = "$(printf '%s\n' "$@" | LC_ALL=C sort)" ] || fail "the folder holds: $there"
}

# A whole Keras model of about $2 MB in file $1, so that work on it takes a while.
large_model() {
  [ -x "$python" ] || skip "no $python: run Tests/Ecosystem/setup"
  "$python" - "$1" "$2" <<'PYTHON'
import json, sys
import h5py, numpy as np
path, megabytes = sys.argv[1], int(sys.argv[2])
rows, rng = 1024, np.random.default_rng(1)
columns = megabytes * 1_000_000 // 4 // rows
layer = {"class_name": "Dense", "config": {"name": "d", "units": columns, "use_bias": False, "activation": "linear",
         "batch_input_shape": [None, rows], "dtype": "float32", "trainable": True}}
with h5py.File(path, "w") as f:
    f.attrs["keras_version"] = "2.15.0"
    f.attrs["backend"] = "tensorflow"
    f.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"name": "m", "layers": [layer]}})
    g = f.create_group("model_weights")
    g.attrs["keras_version"], g.attrs["backend"] = np.bytes_("2.15.0"), np.bytes_("tensorflow")
    g.attrs["layer_names"] = np.array([b"d"])
    g.create_group("d").attrs["weight_names"] = np.array([b"d/kernel:0"])
    g["d"].create_dataset("d/kernel:0", data=rng.standard_normal((rows, columns), dtype="f4"))
PYTHON
}
