# Every shell block of the README runs as it stands, in a folder with the files it speaks of. Blocks of make
# targets of this very repository (test, bench, demo, install) are left to their own tests.
cp "$fixtures/str_ww_ref_model.h5" model.h5
cp "$fixtures/lenet_300_100.keras" model.keras
cp model.h5 a.h5
cp model.h5 b.h5
mkdir -p models/deeper
cp "$fixtures/mmsplice_intron3.h5" models/one.h5
cp "$fixtures/deepxplore_mnist_model3.h5" models/deeper/two.h5
cp "$fixtures/dsconv.keras" models/three.keras
for kind in images-idx3 labels-idx1; do
  for part in train test; do cp "$TOP/fixtures/data/fashion-mnist-t10k-500-$kind-ubyte.gz" "$part-$kind-ubyte.gz"; done
done
[ ! -d "$TOP/examples" ] || cp -r "$TOP/examples/." .

awk '/^```sh$/ { n++; inside = 1; file = sprintf("block-%02d", n); next }
     /^```/    { inside = 0 }
     inside    { print > file }' "$TOP/README.md"
count=0
for block in block-*; do
  if grep -qE '^ *make (demo|test|bench|install|uninstall|deps)' "$block"; then continue; fi
  bash -eu -o pipefail "./$block" >block.log 2>&1 || { cat "$block" block.log; fail "this block of the README fails"; }
  count=$((count + 1))
done
[ "$count" -ge 1 ] || fail "no block was run"
