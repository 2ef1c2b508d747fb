# No such folder, no permission, a read-only file system: 73 before any work is done.
cp "$fixtures/mmsplice_intron3.h5" model.h5
exits 73 coppice prune model.h5 --sparsity 0.9 -o no/such/folder/out.csrm
exits 73 coppice pack model.h5 --output-dir nowhere
mkdir folder
exits 73 coppice pack model.h5 -o folder --to csrm
if [ "$(id -u)" = 0 ]; then
  mkdir locked
  mount -t tmpfs -o ro tmpfs locked 2>/dev/null || skip "no tmpfs can be mounted here"
  trap 'umount locked' EXIT
else
  mkdir -m 555 locked
fi
exits 73 coppice prune model.h5 --sparsity 0.9 -o locked/out.csrm
rm -r folder
holds locked model.h5
