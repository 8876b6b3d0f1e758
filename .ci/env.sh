# shellcheck shell=bash
# Sourced by bash, from anywhere: the prepared environment of this checkout. Tools keep what they write inside it.
KEEL_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export KEEL_ROOT
export VIRTUAL_ENV="$KEEL_ROOT/.venv"
export PATH="$VIRTUAL_ENV/bin:$KEEL_ROOT/.tools/bin:$KEEL_ROOT/node_modules/.bin:$PATH"
export PYTHONPATH="$KEEL_ROOT:$KEEL_ROOT/.ci${PYTHONPATH:+:$PYTHONPATH}"
export SOLCX_BINARY_PATH="$KEEL_ROOT/.tools/solc"
export APE_DATA_FOLDER="$KEEL_ROOT/.ape"
export IPYTHONDIR="$KEEL_ROOT/.tools/ipython"
