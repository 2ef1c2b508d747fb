# `bench size`: the rows of programs are what these programs make of the file, what is not installed is named and left
# out, and nothing stays behind but the report.
mkdir tmp
export TMPDIR=$PWD/tmp
model=$fixtures/mmsplice_intron3.h5
fields() { jq -r ".rows[] | select(.name == \"$1\") | $2" "$3"; }

# Programs that are here. Whatever the user set, the levels are those of the table's titles.
for program in gzip zstd xz; do command -v $program >/dev/null || skip "no $program"; done
GZIP=-1 XZ_OPT=-0 ZSTD_CLEVEL=1 coppice bench size "$model" --rounds 1 --only fast,default,max,hdf5,gzip,zstd,xz,planes --json >bench.json
[ "$(fields gzip .bytes bench.json)" = "$(gzip -9 -c <"$model" | wc -c)" ] || fail "gzip: $(cat bench.json)"
[ "$(fields zstd .bytes bench.json)" = "$(zstd -19 -q -c "$model" | wc -c)" ] || fail "zstd: $(cat bench.json)"
[ "$(fields xz .bytes bench.json)" = "$(xz -9e -T1 -c <"$model" | wc -c)" ] || fail "xz: $(cat bench.json)"
coppice pack "$model" --level fast -o packed.csrm -q
[ "$(fields fast .bytes bench.json)" = "$(wc -c <packed.csrm)" ] || fail "fast: $(cat bench.json)"
for level in default max; do
  coppice pack "$model" --level $level -o $level.csrm -q
  [ "$(fields $level .bytes bench.json)" = "$(wc -c <$level.csrm)" ] || fail "$level: $(cat bench.json)"
done
coppice convert "$model" --store deflate -o stored.h5 -q
[ "$(fields hdf5 .bytes bench.json)" = "$(wc -c <stored.h5)" ] || fail "hdf5: $(cat bench.json)"
jq -e --argjson bytes "$(wc -c <"$model")" '.schema == "coppice.bench-size/1" and .container == "keras-h5" and .sparsity == null and
  .bytes == $bytes and .plain_bytes == $bytes and .rounds == 1 and .left_out == [] and .limit_bytes > 0 and
  (.rows | length == 8) and all(.rows[]; .pack_bytes_per_second > 0 and .unpack_bytes_per_second > 0) and
  ([.rows[] | select(.read_bytes_per_second > 0).name] == ["fast", "default", "max", "hdf5"]) and
  (.decoded_bytes as $d | all(.rows[]; (.pack_bytes_per_second * .pack_seconds / $d - 1 | fabs) < 1e-9)) and
  (.limit_bytes as $l | all(.rows[]; (.ratio_to_limit * $l / .bytes - 1 | fabs) < 1e-9)) and
  ([.rows[] | select(.tensors_only).name] == ["planes"]) and (.rows[-1] | .tensor_bytes == .bytes) and
  (.rows[0] | .tensor_bytes + .document_bytes + .directory_bytes <= .bytes)' bench.json >/dev/null || fail "$(cat bench.json)"

# As if pruned: what `prune` writes, measured.
coppice prune "$model" --sparsity 0.9 -o pruned.h5 -q
coppice bench size "$model" --sparsity 90% --rounds 1 --only fast,gzip --json >pruned.json
[ "$(fields gzip .bytes pruned.json)" = "$(gzip -9 -c <pruned.h5 | wc -c)" ] || fail "pruned: $(cat pruned.json)"
jq -e '.sparsity.target == 0.9 and (.sparsity.achieved - 0.9 | fabs) < 1e-3' pruned.json >/dev/null || fail "$(cat pruned.json)"

# Rounded weights: as large as `pack --values` makes them, off by as much, and never the smallest of what is whole.
coppice bench size "$model" --rounds 1 --only default --values int8,codebook:16,rd:0.1 --json >values.json
for way in int8 codebook:16 rd:0.1; do
  coppice pack "$model" --values $way -o rounded.csrm --force --json >pack.json
  [ "$(fields $way .bytes values.json)" = "$(wc -c <rounded.csrm)" ] || fail "$way: $(cat values.json)"
  largest=$(jq '[.values.tensors[].largest_error] | max' pack.json)
  [ "$(fields $way .largest_error values.json)" = "$largest" ] || fail "$way: off by $largest: $(cat values.json)"
done
jq -e '.rows[0] | .largest_error == null and .mean_error == null' values.json >/dev/null || fail "$(cat values.json)"
coppice bench size "$model" --rounds 1 --only default --values int8 | grep -q 'rounded weights are off: int8 by' || fail "no word of rounding"
for wrong in int7 '' int8, int8,int8 exact auto; do exits 64 coppice bench size "$model" --values "$wrong"; done

# A packed file and standard input are the same model again.
coppice bench size packed.csrm --rounds 1 --only fast --csv >packed.csv
coppice bench size - --rounds 1 --only fast --csv <"$model" >stdin.csv
for csv in packed.csv stdin.csv; do
  [ "$(wc -l <$csv)" = 2 ] || fail "$csv: $(cat $csv)"
  [ "$(tail -n 1 $csv | cut -d , -f 7)" = "$(wc -c <packed.csrm)" ] || fail "$csv: $(cat $csv)"
done

# The table, several files, -q.
coppice bench size "$model" --rounds 2 --only fast,gzip >table
grep -q 'zeroth-order limit' table && grep -q 'medians of 2 rounds' table || fail "$(cat table)"
[ "$(coppice bench size "$model" packed.csrm --rounds 1 --only fast | wc -l)" = 2 ] || fail "not a line a file"
[ -z "$(coppice bench size "$model" --rounds 1 --only fast -q 2>&1)" ] || fail "-q says something"

# SciPy, where the tests' own Python has it; every bit of the tensors comes back, or there would be no row.
mkdir tools
if [ -x "$python" ] && "$python" -c 'import scipy' 2>/dev/null; then
  ln -s "$python" tools/python3
  PATH="$PWD/tools:$PATH" coppice bench size "$model" --rounds 1 --only scipy --json >scipy.json
  jq -e '.rows[0].bytes > 1000 and .rows[0].pack_seconds > 0' scipy.json >/dev/null || fail "$(cat scipy.json)"
  rm tools/python3
fi

# Programs that are not here, that fail, that lie.
ln -s "$(command -v coppice)" tools/coppice
printf '#!/bin/sh\nexit 5\n' >tools/gzip
printf '#!/bin/sh\necho nonsense\n' >tools/xz
chmod +x tools/gzip tools/xz
PATH=$PWD/tools coppice bench size "$model" --rounds 1 --json >few.json
jq -e '[.rows[].name] == ["fast", "default", "max", "csr", "hdf5"] and (.left_out | map({(.name): .reason}) | add) == {
  gzip: "gzip: failed with exit code 5", xz: "xz: did not give back the bytes that it was given", zstd: "not installed",
  planes: "xz: did not give back the bytes that it was given", scipy: "python3 is not installed"}' few.json >/dev/null || fail "$(cat few.json)"
exits 69 env "PATH=$PWD/tools" coppice bench size "$model" --only zstd,scipy
case $said in *zstd*'not installed'*) ;; *) fail "$said" ;; esac

# What cannot be.
exits 64 coppice bench size
exits 64 coppice bench size "$model" --only fast,brotli
exits 64 coppice bench size "$model" --rounds 0
exits 64 coppice bench size "$model" --sparsity 2
exits 64 coppice bench size "$model" --require 'bytes<=1'
exits 64 coppice bench speed "$model"
exits 66 coppice bench size missing.h5
exits 65 coppice bench size "$TOP/README.md"
head -c 30000 packed.csrm >cut.csrm
exits 65 coppice bench size cut.csrm
exits 65 coppice bench size "$model" --max-size 1KB

# Interrupted while a program runs: the program goes too, and every file.
printf '#!/bin/sh\necho $$ >"$MARK"\nsleep 100\n' >tools/xz
for signal in INT TERM; do
  case $signal in INT) wanted=130 ;; TERM) wanted=143 ;; esac
  code=0
  rm -f mark
  MARK=$PWD/mark PATH="$PWD/tools:$PATH" env --default-signal=INT coppice bench size "$model" --only fast,xz &
  pid=$!
  for _ in $(seq 100); do [ -s mark ] && break; sleep 0.1; done
  [ -s mark ] || fail "the program was not started"
  kill -s $signal $pid
  wait $pid || code=$?
  [ "$code" = "$wanted" ] || fail "SIG$signal: exit $code"
  for _ in $(seq 50); do kill -0 "-$(cat mark)" 2>/dev/null || break; sleep 0.1; done
  ! kill -0 "-$(cat mark)" 2>/dev/null || fail "SIG$signal: the program still runs"
done
[ -z "$(find tmp -mindepth 1)" ] || fail "left: $(find tmp -mindepth 1)"
