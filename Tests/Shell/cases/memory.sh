# -M: what reads a packed file takes no more threads than the memory is enough for, and says so; what cannot be
# is a usage error.
large_model large.h5 40
coppice prune large.h5 --sparsity 0.9 -o small-blocks.csrm -q
coppice prune large.h5 --sparsity 0.9 --block-rows 512 -o large-blocks.csrm -q
exits 64 coppice inspect -M 1MB small-blocks.csrm
exits 64 coppice pack -M 1MB large.h5 -o out.csrm
for command in inspect verify 'diff large.h5' 'unpack -o out.h5 --force'; do
  code=0
  coppice $command -v --threads 8 -M 16MB small-blocks.csrm >/dev/null 2>told || code=$?
  [ "$code" -le 1 ] || fail "$command: exit $code: $(cat told)"
  [ "${command%% *}" = verify ] || grep -q 'memory: 1 thread at once' told || fail "$command: $(cat told)"
  exits 64 coppice $command -M 16MB large-blocks.csrm
  case $said in *'-M '[0-9]*' or more'*) ;; *) fail "$command does not say what it takes: $said" ;; esac
done
# What it says is enough is enough.
exits 0 coppice verify -M "$(sed 's/.*Give -M \([0-9]*\).*/\1/' <<<"$said")" large-blocks.csrm
