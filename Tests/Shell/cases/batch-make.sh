# A makefile with pattern rules: done once, then nothing is left to do; a changed input is done again.
cp "$fixtures/mmsplice_intron3.h5" one.h5
cp "$fixtures/str_ww_ref_model.h5" two.h5
printf 'all: one.csrm two.csrm\n%%.csrm: %%.h5\n\tcoppice prune $< --sparsity 0.9 --force -q -o $@\n' >Makefile
make
make -q || fail "make sees work left"
sleep 1.1
touch one.h5
! make -q || fail "make does not see the changed input"
make
coppice verify one.csrm
