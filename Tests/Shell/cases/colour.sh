# Colour on a terminal only, and not where NO_COLOR is set or --color never given.
command -v script >/dev/null || skip "no script(1) to make a terminal with"
escape=$(printf '\033')
on_terminal() { script -qec "$1" /dev/null </dev/null; }
# Reads to the end: a reader that leaves early would end what writes to it.
see() { grep "$escape\[[0-9;]*m" >/dev/null; }
model=$fixtures/dsconv.keras
on_terminal "coppice inspect '$model'" | see || fail "no colour on a terminal"
! on_terminal "NO_COLOR=1 coppice inspect '$model'" | see || fail "NO_COLOR is not heeded"
! on_terminal "coppice inspect --color never '$model'" | see || fail "--color never is not heeded"
! coppice inspect "$model" | see || fail "colour into a pipe"
coppice inspect --color always "$model" | see || fail "--color always is not heeded"
on_terminal "stty cols 60; coppice inspect '$model'" | sed "s/$escape\[[0-9;]*m//g" | tr -d '\r' >narrow
[ "$(wc -L <narrow)" -le 60 ] || fail "the table does not fit a terminal of 60 columns"
