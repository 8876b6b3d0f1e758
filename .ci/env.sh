# Sourced by bash, from anywhere: the prepared environment of this checkout. Nothing outside the checkout is read or written.
KEEL_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export KEEL_ROOT
export PATH="$KEEL_ROOT/.venv/bin:$KEEL_ROOT/.tools/bin:$KEEL_ROOT/node_modules/.bin:$PATH"
export PYTHONPATH="$KEEL_ROOT${PYTHONPATH:+:$PYTHONPATH}"
export SOLCX_BINARY_PATH="$KEEL_ROOT/.tools/solc"
export APE_DATA_FOLDER="$KEEL_ROOT/.ape"
