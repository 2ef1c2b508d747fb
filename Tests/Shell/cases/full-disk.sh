# A disk that fills up half-way: 74, and nothing is left.
[ "$(id -u)" = 0 ] || skip "mounting a small file system takes root"
mkdir small
mount -t tmpfs -o size=256k tmpfs small 2>/dev/null || skip "no tmpfs can be mounted here"
trap 'umount small' EXIT
for target in small/out.csrm small/out.keras; do
  exits 74 coppice prune "$fixtures/lenet_300_100.keras" --sparsity 0.1 -o "$target"
  [ -z "$(ls -A small)" ] || fail "left: $(ls -A small)"
done
coppice pack "$fixtures/lenet_300_100.keras" -o packed.csrm -q
exits 74 coppice unpack packed.csrm -o small/out.keras
[ -z "$(ls -A small)" ] || fail "left: $(ls -A small)"
on="--data $fixtures/../data/fashion-mnist-t10k-500-images-idx3-ubyte.gz --scale 1/255"
for target in small/out.keras small/out.h5; do
  exits 74 coppice finetune "$fixtures/lenet_300_100.keras" $on --epochs 1 -q -o "$target"
  case $said in *"$target: "*) ;; *) fail "does not name the output: $said" ;; esac
  [ -z "$(ls -A small)" ] || fail "left: $(ls -A small)"
done
# Predictions where 8 KB are left, and data that unpack to more than 64 MB, which go to TMPDIR.
head -c 250000 /dev/zero >small/filler
for ending in npy csv; do
  exits 74 coppice eval "$fixtures/lenet_300_100.keras" $on --predictions small/out.$ending
  [ "$(ls -A small)" = filler ] || fail "left: $(ls -A small)"
done
rm small/filler
# What is only measured, by us and by a program.
for ways in fast,max hdf5 gzip; do
  TMPDIR=$PWD/small exits 74 coppice bench size "$fixtures/lenet_300_100.keras" --only $ways
  case $said in *lenet_300_100.keras:*small:*TMPDIR*) ;; *) fail "$said" ;; esac
  [ -z "$(ls -A small)" ] || fail "left: $(ls -A small)"
done
TMPDIR=$PWD/small exits 74 coppice bench size "$fixtures/lenet_300_100.keras" --sparsity 0.1 --only csr
[ -z "$(ls -A small)" ] || fail "left: $(ls -A small)"
{ printf '\0\0\10\3\0\1\376\50\0\0\0\34\0\0\0\34'; head -c 102390400 /dev/zero; } | gzip -1 >many.gz
TMPDIR=$PWD/small exits 74 coppice eval "$fixtures/lenet_300_100.keras" --data many.gz --predictions none.npy
case $said in *many.gz:*small:*TMPDIR*) ;; *) fail "$said" ;; esac
[ -z "$(ls -A small)" ] && [ ! -e none.npy ] || fail "left: $(ls -A small)"
code=0
coppice inspect "$fixtures/dsconv.keras" >/dev/full 2>complaint || code=$?
[ "$code" = 74 ] || fail "a full standard output: exit $code"

# A bound on the size of files is like a full disk: said, and nothing stays.
mkdir bound
(cd bound; ulimit -f 20; exits 74 coppice pack "$fixtures/lenet_300_100.keras" -o out.csrm; rm -f printed; holds)
