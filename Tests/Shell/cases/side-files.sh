# Reports and figures replace earlier ones of their kind and nothing else, and never mix with other output.
cp "$fixtures/lenet_300_100.keras" model.keras
cp model.keras copy.keras
refused() { # CODE WORDS COMMAND…
  local code=$1 words=$2
  shift 2
  exits $code "$@"
  case $said in *"$words"*) ;; *) fail "$* said: $said" ;; esac
  cmp model.keras copy.keras || fail "$*: the model is another"
}

for option in --plot --report; do
  refused 73 'something else than an earlier' coppice prune model.keras -s 0.5 -o out.keras $option model.keras
  refused 64 'the same file' coppice prune model.keras -s 0.5 -o out.keras $option out.keras
done
[ ! -e out.keras ] || fail "something was written"
refused 64 'the same file' coppice prune model.keras -s 0.5 -o out.keras --plot x --report x
refused 73 'something else' coppice inspect model.keras --plot model.keras
for twice in 1 2; do
  coppice prune model.keras -s 0.5 -o out.keras --plot plot.svg --report report.json --force -q
done
coppice diff out.keras out.keras -q && jq -e '.schema' report.json >/dev/null && grep -q '^<svg' plot.svg || fail "$(head -c 80 plot.svg report.json)"

# By whatever way the place is spelt, and only what is a report: no other JSON.
exits 64 coppice prune model.keras -s 0.5 -o spelt.keras --report ./spelt.keras
[ ! -e spelt.keras ] || fail "$(ls)"
echo '{"class_name": "Sequential"}' >config.json
refused 73 'something else' coppice inspect model.keras --report config.json
grep -q Sequential config.json || fail "config.json: $(cat config.json)"
: >empty.json
exits 0 coppice inspect model.keras --report empty.json -q
jq -e .schema empty.json >/dev/null || fail "$(cat empty.json)"

# Masks never take the place of the output, of the input or of a figure, and their name is looked at before the work.
cp model.keras input.h5
for other in '-o x.h5 --mask-out x.h5' '-o x.h5 --mask-out ./x.h5' '-o x.h5 --mask-out ./x.h5.csrm --report ./x.h5.csrm' '-o x.h5 --mask-out m.h5 --plot m.h5'; do
  refused 64 'the same file' coppice prune model.keras -s 0.5 --to keras-h5 $other --force
done
refused 64 'the same file' coppice prune input.h5 -s 0.5 --to keras-h5 -o x.h5 --mask-out ./input.h5 --force
refused 64 'name a .h5, .hdf5 or .csrm file' coppice prune model.keras -s 0.5 -o x.keras --mask-out m.npz
refused 64 'name a .h5, .hdf5 or .csrm file' coppice prune model.keras -s 0.5 --dry-run --mask-out m.txt
cmp model.keras input.h5 && [ ! -e x.h5 ] && [ ! -e x.keras ] || fail "something was written"

# Standard output is one thing's.
for both in '-o - --to csrm --plot -' '-o - --to csrm --report -' '-o x.keras --plot - --json' '-o x.keras --plot - --csv' \
  '-o x.keras --plot - --report -' '-o x.keras --report - --json'; do
  refused 64 'would mix' coppice prune model.keras -s 0.5 $both
done
refused 64 'would mix' coppice inspect model.keras --plot - --json
coppice prune model.keras -s 0.5 -o x.keras --plot - >figure.svg 2>line
grep -q '^</svg>' figure.svg && [ "$(grep -c . line)" -ge 1 ] || fail "$(tail -n 3 figure.svg line)"
[ "$(tail -n 1 figure.svg)" = '</svg>' ] || fail "more than a figure: $(tail -n 3 figure.svg)"
