#!/usr/bin/env bash
# Prepares the checkout: Python and npm packages from their locks, Anvil, forge and the compiler where ape looks for them.
# Repeatable: each step is skipped when its result already matches the lock. Touches nothing outside the checkout.
set -euo pipefail
cd -P "$(dirname "${BASH_SOURCE[0]}")/.."

readonly SOLC_VERSION=0.8.30 FOUNDRY_VERSION=1.7.1 NODE_MINIMUM=20

fail() { # fail WHAT NEXT_STEP
    printf 'keel set-up: %s. Next: %s\n' "$1" "$2" >&2
    exit 1
}

say() { printf 'keel set-up: %s\n' "$*"; }

find_python() {
    local candidate version seen=""
    for candidate in python3.12 python3.11 python3; do
        # A pyenv shim can be on PATH and still run nothing: ask the interpreter itself.
        if ! "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' >/dev/null 2>&1; then
            version=$("$candidate" --version 2>/dev/null) || version=none
            seen+="${seen:+, }$candidate: $version"
            continue
        fi
        "$candidate" -c 'import ensurepip, venv' 2>/dev/null ||
            fail "$candidate has no venv module" "install it (Debian: apt-get install $candidate-venv) and run make setup"
        PYTHON=$candidate
        return
    done
    fail "no Python 3.11 or 3.12 found ($seen)" "install one of them and run make setup"
}

check_tools() {
    find_python
    command -v git >/dev/null || fail "git not found" "install git and run make setup"
    command -v node >/dev/null || fail "node not found" "install Node >= $NODE_MINIMUM and run make setup"
    local major
    major=$(node -p 'process.versions.node.split(".")[0]') || major=0
    [ "$major" -ge "$NODE_MINIMUM" ] ||
        fail "Node $(node --version || true) is too old" "install Node >= $NODE_MINIMUM and run make setup"
    command -v npm >/dev/null || fail "npm not found" "install npm (it comes with Node) and run make setup"
}

digest() { cat "$@" | git hash-object --stdin; }


# fresh FOLDER STAMP: is FOLDER the finished result of STAMP? A linked folder belongs to another checkout, which installs it.
fresh() {
    [ "$(cat "$1/.keel-lock" 2>/dev/null)" = "$2" ] && return 0
    [ ! -L "$1" ] || fail "$1 links to $(readlink "$1"), made from another lock" "run make setup there, or remove the link"
    return 1
}

# uv comes from the same lock and installs the rest of it in seconds; pip takes its place where uv cannot reach the packages.
install_locked() {
    local pip=(.venv/bin/python -m pip install -qq --disable-pip-version-check --no-compile --no-deps --require-hashes)
    mkdir -p .tools
    awk '/^uv==/ { wanted = 1 } wanted { print } wanted && !/\\$/ { exit }' requirements.txt >.tools/uv.txt
    if "${pip[@]}" -r .tools/uv.txt && .venv/bin/uv pip sync --quiet --require-hashes --python .venv/bin/python requirements.txt; then
        return
    fi
    say "uv could not install the lock, so pip does (about a minute)"
    "${pip[@]}" -r requirements.txt
}

install_python() {
    local lock
    lock=$(digest requirements.txt)
    # Its scripts name its own place, so an environment that was moved is made anew.
    case "$(.venv/bin/pip --version 2>/dev/null)" in *" $(cd -P .venv 2>/dev/null && pwd)/"*) ;; *) [ -L .venv ] || rm -rf .venv ;; esac
    if fresh .venv "$lock"; then return; fi
    say "installing Python packages into .venv"
    [ -e .venv ] || "$PYTHON" -m venv .venv
    install_locked || fail "pip could not install requirements.txt" "read its message above, then run make setup again"
    echo "$lock" >.venv/.keel-lock
}

platform() {
    node -p '({x64: "amd64"}[process.arch] ?? process.arch).replace(/^/, process.platform + "-")'
}

npm_install() { npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error "$@" >/dev/null; }

# Straight to the native binary: killing the npm launcher would orphan it. Anvil would keep old states in the home folder.
link_foundry() {
    rm -f ".tools/bin/$1"
    if [ "$1" = anvil ]; then
        # shellcheck disable=SC2016 # expanded when it runs
        printf '#!/bin/sh\nexec "${0%%/*}/%s" --cache-path "${0%%/*}/../../.cache/anvil" "$@"\n' "$2" >.tools/bin/anvil
        chmod +x .tools/bin/anvil
    else
        ln -s "$2" ".tools/bin/$1"
    fi
}

install_node() {
    local lock platform tool
    platform=$(platform)
    lock="$(digest package.json package-lock.json) $platform"
    if ! fresh node_modules "$lock"; then
        say "installing npm packages into node_modules"
        npm_install || fail "npm could not install package-lock.json" "read its message above, then run make setup again"
        # A lock made where another platform's binaries were not offered leaves them out without an error.
        if [ ! -e "node_modules/@foundry-rs/anvil-$platform/bin/anvil" ] || [ ! -e "node_modules/@foundry-rs/forge-$platform/bin/forge" ]; then
            npm_install "@foundry-rs/anvil-$platform@$FOUNDRY_VERSION" "@foundry-rs/forge-$platform@$FOUNDRY_VERSION" ||
                fail "no Anvil $FOUNDRY_VERSION for $platform on the npm registry" "use Linux x86-64 or arm64, or macOS"
        fi
        echo "$lock" >node_modules/.keel-lock
    fi
    mkdir -p .tools/bin
    for tool in anvil forge; do
        link_foundry "$tool" "../../node_modules/@foundry-rs/$tool-$platform/bin/$tool"
        case "$(".tools/bin/$tool" --version 2>&1)" in
            *" $FOUNDRY_VERSION"* | *" Version: $FOUNDRY_VERSION"*) ;;
            *) fail "$tool $FOUNDRY_VERSION does not run on $platform" "try $PWD/.tools/bin/$tool --version" ;;
        esac
    done
}

# A native compiler of the pinned version is faster; its output is the same.
install_solc() {
    local native target=../../.ci/solc.mjs
    native=$(command -v solc || true)
    if [ -n "$native" ] && "$native" --version 2>/dev/null | grep -q "^Version: $SOLC_VERSION+"; then target=$native; fi
    mkdir -p .tools/solc
    ln -sf "$target" ".tools/solc/solc-v$SOLC_VERSION"
    ".tools/solc/solc-v$SOLC_VERSION" --version | grep -q "^Version: $SOLC_VERSION+" ||
        fail "solc $SOLC_VERSION does not run" "try $PWD/.tools/solc/solc-v$SOLC_VERSION --version"
}

# ape compiles a file again when the file changes, not when the compiler's settings do.
drop_stale_build() {
    local settings
    settings=$(digest ape-config.yaml)
    [ "$(cat .build/.keel-settings 2>/dev/null)" = "$settings" ] && return
    rm -rf .build
    mkdir .build
    echo "$settings" >.build/.keel-settings
}

check_tools
install_python
install_node
install_solc
drop_stale_build
touch .tools/ready
say "ready"
