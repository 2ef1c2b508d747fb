# SIGINT and SIGTERM in the middle: 130 and 143, no temporary file, and no output unless it is whole: a signal may come
# after the output is put in place and before the process ends.
large_model big.h5 400
mkdir -p out tmp
export TMPDIR=$PWD/tmp
for signal in INT TERM; do
  case $signal in INT) wanted=130 ;; TERM) wanted=143 ;; esac
  hit=0
  for wait in 0.02 0.05 0.1 0.2 0.3 0.5; do
    code=0
    # bash starts background jobs with SIGINT ignored: `env --default-signal` gives it back.
    env --default-signal=INT coppice prune big.h5 --sparsity 0.9 --threads 1 -o out/big.csrm -q 2>complaint &
    pid=$!
    sleep "$wait"
    kill -s "$signal" "$pid" 2>/dev/null || true
    wait "$pid" || code=$?
    # Too late; or too early, before `env` had given the signal back.
    if [ "$code" = 0 ]; then
      rm out/big.csrm
      continue
    fi
    [ "$code" = "$wanted" ] || fail "SIG$signal after $wait s: exit $code: $(cat complaint)"
    hit=1
    if [ -e out/big.csrm ]; then
      coppice verify -q out/big.csrm || fail "SIG$signal after $wait s left a part of an output"
      rm out/big.csrm
    fi
    [ -z "$(find out tmp -mindepth 1)" ] || fail "SIG$signal after $wait s left: $(find out tmp -mindepth 1)"
  done
  [ "$hit" = 1 ] || fail "no run was long enough to be interrupted"
done

# The same in the middle of predictions: nothing of them is left.
{ printf '\0\0\10\3\0\1\376\50\0\0\0\34\0\0\0\34'; head -c 102390400 /dev/zero; } >many-images
for signal in INT TERM; do
  case $signal in INT) wanted=130 ;; TERM) wanted=143 ;; esac
  hit=0
  for wait in 0.02 0.05 0.1 0.2 0.3; do
    code=0
    env --default-signal=INT coppice eval "$fixtures/lenet_300_100.keras" --data many-images --threads 1 --predictions out/p.csv -q 2>complaint &
    pid=$!
    sleep "$wait"
    kill -s "$signal" "$pid" 2>/dev/null || true
    wait "$pid" || code=$?
    if [ "$code" = 0 ]; then
      rm out/p.csv
      continue
    fi
    [ "$code" = "$wanted" ] || fail "SIG$signal after $wait s of eval: exit $code: $(cat complaint)"
    hit=1
    [ -z "$(find out tmp -mindepth 1)" ] || fail "SIG$signal after $wait s of eval left: $(find out tmp -mindepth 1)"
  done
  [ "$hit" = 1 ] || fail "no run of eval was long enough to be interrupted"
done
