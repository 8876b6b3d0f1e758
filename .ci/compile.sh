#!/usr/bin/env bash
# Compiles everything when any source has changed. ape alone compiles what changed and what imports it directly: a contract
# two imports away from an edited library would keep its old code, and a deleted one would stay.
set -euo pipefail
cd -P "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/env.sh
source .ci/env.sh

# Below the system's folder for temporary files ape leaves copies of dependencies here, and then looks at no more than 500
# files to find the contracts.
trap 'rm -rf contracts/.cache' EXIT

sources=$(find contracts interfaces -name '*.sol' -not -path 'contracts/.cache/*' | LC_ALL=C sort | xargs git hash-object | git hash-object --stdin)
[ "$(cat .build/.keel-sources 2>/dev/null)" = "$sources" ] && exit
rm -f .build/__local__.json
ape compile --force
echo "$sources" >.build/.keel-sources
