# What is no regular file, as input and as output: told in one line, and never replaced, though root may and though
# --force says so. Links are followed and kept.
cp "$fixtures/mmsplice_intron3.h5" model.h5
coppice pack model.h5 -o model.csrm -q
tensor=$(coppice inspect model.h5 --json | jq -r '.tensors[0].path')
mkdir folder
mkfifo fifo
ln -s fifo tofifo
ln -s loop loop
for input in folder fifo tofifo /dev/null /dev/zero loop missing.h5; do
  for command in inspect verify 'pack -o x.csrm' 'unpack -o x.h5' 'convert -o x.h5' 'prune --sparsity 0.5 -o x.csrm' 'diff model.h5'; do
    exits 66 timeout 10 coppice $command "$input"
  done
done
exits 64 coppice inspect ''
exits 64 coppice diff model.h5 ''
exits 64 coppice pack model.h5 -o ''
exits 64 coppice pack model.h5 --output-dir ''

outputs=(folder fifo tofifo loop)
if [ "$(id -u)" = 0 ]; then mknod null c 1 3 && outputs+=(null); fi
for output in "${outputs[@]}"; do
  before=$(stat -c '%F %i' "$output")
  for option in '' --force --skip-existing; do
    exits 73 timeout 10 coppice pack model.h5 --to csrm -o "$output" $option
  done
  for option in --report --plot; do exits 73 timeout 10 coppice prune model.h5 --sparsity 0.5 -o x.csrm $option "$output"; done
  exits 73 timeout 10 coppice unpack model.csrm --tensor "$tensor" -o "$output" --force
  [ "$(stat -c '%F %i' "$output")" = "$before" ] || fail "$output was replaced"
done
rm -f null

# A link to a file, and one to a file that is not there yet.
mkdir store
ln -s store/real.csrm link.csrm
exits 73 coppice pack model.h5 -o link.csrm
exits 0 coppice pack model.h5 -o link.csrm --force
[ "$(readlink link.csrm)" = store/real.csrm ] || fail "the link was replaced"
exits 0 coppice verify store/real.csrm
exits 0 coppice prune model.h5 --sparsity 0.5 -o link.csrm --force
cmp link.csrm store/real.csrm
exits 0 coppice inspect link.csrm --require 'sparsity>=0.5'
exits 0 coppice pack model.h5 -o link.csrm --skip-existing
holds fifo folder link.csrm loop model.csrm model.h5 store store/real.csrm tofifo
