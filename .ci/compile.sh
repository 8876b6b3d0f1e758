#!/usr/bin/env bash
# Compiles everything when any source has changed. ape alone compiles what changed and what imports it directly: a contract
# two imports away from an edited library would keep its old code.
set -euo pipefail
cd -P "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/env.sh
source .ci/env.sh

sources=$(find contracts interfaces -name '*.sol' -not -path 'contracts/.cache/*' | LC_ALL=C sort | xargs git hash-object | git hash-object --stdin)
[ "$(cat .build/.keel-sources 2>/dev/null)" = "$sources" ] && exit
ape compile --force
echo "$sources" >.build/.keel-sources
