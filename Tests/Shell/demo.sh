#!/bin/sh
# The main job on one model: inspect, prune to 90 %, pack, verify, unpack, and what it did to the size.
# usage: demo.sh COPPICE MODEL FOLDER
set -eu

coppice=$1
model=$2
folder=$3
ending=${model##*.}

rm -rf "$folder"
mkdir -p "$folder"

run() {
  printf '\n$ coppice %s\n' "$*"
  "$coppice" "$@"
}

run inspect "$model"
run prune "$model" --sparsity 90% -o "$folder/pruned.$ending"
run pack "$folder/pruned.$ending" -o "$folder/pruned.csrm"
run verify "$folder/pruned.csrm"
run unpack "$folder/pruned.csrm" -o "$folder/unpacked.$ending"
run verify "$folder/unpacked.$ending" "$folder/pruned.$ending"

# Pruning and packing in one step: its report has the sizes side by side.
run prune "$model" --sparsity 90% -o "$folder/onestep.csrm"
