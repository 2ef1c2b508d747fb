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
code=0
coppice inspect "$fixtures/dsconv.keras" >/dev/full 2>complaint || code=$?
[ "$code" = 74 ] || fail "a full standard output: exit $code"
