# A reader that has had enough ends the writer quietly: 141, as shells see SIGPIPE.
for i in 1 2 3 4 5 6 7 8; do
  code=0
  { coppice inspect --csv "$fixtures"/*.h5 "$fixtures"/*.keras "$fixtures"/*.h5 2>complaint; echo $? >code; } | head -n 1 >/dev/null || code=$?
  [ ! -s complaint ] || fail "said: $(cat complaint)"
  case $(cat code) in 0 | 141) ;; *) fail "exit $(cat code)" ;; esac
done
# With nobody left to read at the first byte it must be 141.
{ (sleep 0.3; coppice pack "$fixtures/lenet_300_100.keras" -o - 2>complaint; echo $? >code) | true; } || true
for i in $(seq 50); do [ ! -s code ] || break; sleep 0.1; done
[ "$(cat code)" = 141 ] || fail "exit $(cat code)"
[ ! -s complaint ] || fail "said: $(cat complaint)"

# eval with nobody left to read: the predictions are whole all the same, and nothing else is there.
cp "$fixtures"/lenet_300_100.keras model.keras
on="--data $fixtures/../data/fashion-mnist-t10k-500-images-idx3-ubyte.gz --scale 1/255"
rm -f code
{ (sleep 0.3; coppice eval model.keras model.keras $on --per-class --csv 2>complaint; echo $? >code) | true; } || true
for i in $(seq 50); do [ ! -s code ] || break; sleep 0.1; done
[ "$(cat code)" = 141 ] && [ ! -s complaint ] || fail "exit $(cat code), said: $(cat complaint)"
rm code
{ (sleep 0.3; coppice eval model.keras $on --predictions p.npy 2>complaint; echo $? >code) | true; } || true
for i in $(seq 50); do [ ! -s code ] || break; sleep 0.1; done
[ "$(cat code)" = 141 ] && [ "$(stat -c %s p.npy)" = 20128 ] || fail "exit $(cat code), p.npy of $(stat -c %s p.npy) bytes"
holds code model.keras p.npy
