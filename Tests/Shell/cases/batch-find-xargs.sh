# A whole tree of models by find and xargs; a name with spaces, quotes and a newline is a name like any other.
mkdir -p tree/deep out
cp "$fixtures/mmsplice_intron3.h5" "tree/with space.h5"
cp "$fixtures/dsconv.keras" tree/deep/"quote's \"d\".keras"
cp "$fixtures/str_ww_ref_model.h5" tree/deep/$'new\nline.h5'
find tree -type f -print0 | xargs -0 coppice prune --sparsity 0.9 --to csrm --output-dir out --jobs 2
find out -name '*.csrm' -print0 | xargs -0 -n 1 coppice verify
[ "$(find out -type f -printf x | wc -c)" = 3 ] || fail "not three outputs"
