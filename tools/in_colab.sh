#!/usr/bin/env bash
# Runs chapters as Colab opens them: each file alone in an empty folder, with what its own first cell installs.
# Inside Colab's image: bash tools/in_colab.sh notebooks/*.ipynb
set -euo pipefail

torch_version() { python3 -c 'import torch; print(torch.__version__)'; }

before=$(torch_version)
failed=()
for chapter in "$@"; do
  folder=$(mktemp -d)
  cp "$chapter" "$folder"
  echo "== $chapter"
  jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.timeout=900 "$folder"/*.ipynb ||
    failed+=("$chapter")
done
after=$(torch_version)

if [ "${#failed[@]}" -gt 0 ]; then
  echo "failed: ${failed[*]}"
  exit 1
fi
if [ "$before" != "$after" ]; then
  echo "Colab's torch $before was replaced by $after"
  exit 1
fi
echo "$# chapters ran, with Colab's own torch $after"
