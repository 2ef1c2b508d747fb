# One tensor, or some rows of it (of its matrix: all axes but the last folded), out of a packed file; as bytes or for NumPy.
[ -x "$python" ] || skip "no $python: run Tests/Ecosystem/setup"
model=$fixtures/mmsplice_intron3.h5
coppice prune "$model" --sparsity 0.8 -o out.csrm -q
coppice prune "$model" --sparsity 0.8 -o out.h5 -q
path=$(coppice inspect --json out.csrm | jq -r '[.tensors[] | select(.prunable)] | max_by(.count) | .path')
coppice unpack out.csrm --tensor "$path" -o whole.raw
coppice unpack out.csrm --tensor "$path" --rows 1:3 --format npy -o rows.npy
"$python" - "$path" <<'PYTHON'
import sys, h5py, numpy as np
a = h5py.File("out.h5")[sys.argv[1]][()]
assert open("whole.raw", "rb").read() == a.tobytes()
rows = np.load("rows.npy")
assert rows.dtype == a.dtype and np.array_equal(rows, a.reshape(-1, a.shape[-1])[1:3])
PYTHON
exits 64 coppice unpack out.csrm --tensor no/such -o never.raw
# By the name that inspect lists, too.
coppice pack "$fixtures/dsconv.keras" -o named.csrm -q
read -r name place <<<"$(coppice inspect --json named.csrm | jq -r '[.tensors[] | select(.prunable)][0] | "\(.name) \(.path)"')"
[ "$name" != "$place" ] || fail "$name"
coppice unpack named.csrm --tensor "$name" -o by-name.raw
coppice unpack named.csrm --tensor "$place" -o by-path.raw
cmp by-name.raw by-path.raw
exits 73 coppice unpack named.csrm --tensor "$name" -o by-name.raw --dry-run
# A dry run writes nothing, and there is no report.
exits 0 coppice unpack out.csrm --tensor "$path" -o never.raw --dry-run
for report in --json --csv '--report never.raw' '--require bytes<=1'; do
  exits 64 coppice unpack out.csrm --tensor "$path" -o never.raw $report
done
# The very bytes are of the container that was packed.
coppice pack "$model" --bytes-exact -o exact.csrm -q
exits 64 coppice unpack exact.csrm --bytes-exact -o never.keras
[ ! -e never.raw ] && [ ! -e never.keras ] || fail "something was written"
