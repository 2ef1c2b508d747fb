# The manual pages are clean, and know every option that --help knows.
command -v mandoc >/dev/null || skip "no mandoc to check the manual with"
mandoc -T lint -W warning "$TOP/man/coppice.1" "$TOP/man/csrm.5"
for command in inspect prune pack unpack convert verify diff; do
  coppice "$command" --help | grep -oE -- '--[a-z][a-z0-9-]+' | sort -u | while read -r option; do
    case $option in --help | --version) continue ;; esac
    grep -q -- "$(printf '%s' "${option#-}" | sed 's/-/\\\\*-/g')" "$TOP/man/coppice.1" || echo "$command $option"
  done
done >missing
[ ! -s missing ] || fail "not in coppice.1: $(tr '\n' ' ' <missing)"
