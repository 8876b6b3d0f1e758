#!/usr/bin/env node
// The pinned npm solc behind the command line that ape, forge and crytic-compile speak:
// `--version`, and `--standard-json [--base-path DIR]` with the JSON on stdin.
//
// Outputs are cached by content under KEEL_SOLC_CACHE (default: .cache/solc in the checkout). Everything the compiler
// reads is part of the key: its own bytes, this file, the standard JSON, and each import it was given or refused.
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";

const KEEP_UNUSED_MS = 14 * 24 * 3600 * 1000;

const self = fileURLToPath(import.meta.url);
const require = createRequire(import.meta.url);
const cache = process.env.KEEL_SOLC_CACHE || join(dirname(self), "..", ".cache", "solc");

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const compilerDigest = sha256(sha256(readFileSync(require.resolve("solc/soljson.js"))) + sha256(readFileSync(self)));

function usage(reason) {
  process.stderr.write(`solc: ${reason}; use --version, or --standard-json [--base-path DIR] with the JSON on stdin\n`);
  process.exit(2);
}

function parse(args) {
  const options = { mode: null, basePath: process.cwd(), roots: [] };
  for (let i = 0; i < args.length; i++) {
    const [name, inline] = args[i].split(/=(.*)/s);
    const value = () => inline ?? args[++i] ?? usage(`${name} needs a value`);
    if (name === "--version" || name === "--standard-json") options.mode = name;
    else if (name === "--base-path") options.basePath = resolve(value());
    else if (name === "--include-path") options.roots.push(resolve(value()));
    else if (name === "--allow-paths") value(); // what may be read is what lies below the base and include paths
    else if (name !== "-") usage(`unknown argument ${args[i]}`);
  }
  options.roots.unshift(options.basePath);
  return options;
}

/** Reads an import below the first root that has it; null when none does. */
function readSource(roots, name) {
  for (const root of roots) {
    const path = resolve(root, name);
    const below = relative(root, path);
    if (below.startsWith("..") || isAbsolute(below)) continue;
    try {
      return readFileSync(path);
    } catch (error) {
      if (error.code !== "ENOENT" && error.code !== "EISDIR" && error.code !== "ENOTDIR") throw error;
    }
  }
  return null;
}

const digestOf = (source) => (source === null ? null : sha256(source));

function readJson(path, fallback) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return fallback; // absent, or half-written by a machine that died: as good as absent
  }
}

function writeAtomically(path, bytes) {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, bytes);
  renameSync(draft, path);
}

/** The stored output whose recorded imports still read the same, or null. */
function recall(key, roots) {
  for (const { imports, output } of readJson(join(cache, `${key}.json`), [])) {
    if (!Object.entries(imports).every(([name, digest]) => digestOf(readSource(roots, name)) === digest)) continue;
    try {
      const path = join(cache, `${output}.gz`);
      const bytes = gunzipSync(readFileSync(path));
      if (sha256(bytes) !== output) continue;
      for (const used of [path, join(cache, `${key}.json`)]) utimesSync(used, new Date(), new Date());
      return bytes;
    } catch {
      continue; // pruned or damaged: compile again
    }
  }
  return null;
}

function prune() {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (Date.now() - statSync(path).mtimeMs > KEEP_UNUSED_MS) rmSync(path, { force: true });
  }
}

function remember(key, imports, bytes) {
  try {
    mkdirSync(cache, { recursive: true });
    prune();
    const output = sha256(bytes);
    writeAtomically(join(cache, `${output}.gz`), gzipSync(bytes, { level: 1 }));
    const known = readJson(join(cache, `${key}.json`), []);
    writeAtomically(join(cache, `${key}.json`), JSON.stringify([{ imports, output }, ...known].slice(0, 8)));
  } catch (error) {
    process.stderr.write(`solc: output not cached in ${cache}: ${error.message}\n`);
  }
}

function compile(input, roots) {
  const solc = require("solc");
  const imports = {};
  const readImport = (name) => {
    const source = readSource(roots, name);
    imports[name] = digestOf(source);
    return source === null ? { error: "File not found." } : { contents: source.toString("utf8") };
  };
  const output = solc.compile(input.toString("utf8"), { import: readImport });
  return { output, imports };
}

/** The compiler's own version line; loading it takes a second, so it is kept beside the outputs. */
function version() {
  const path = join(cache, `${compilerDigest}.version`);
  const known = readJson(path, null);
  if (known !== null) return known;
  const answer = require("solc").version();
  try {
    mkdirSync(cache, { recursive: true });
    writeAtomically(path, JSON.stringify(answer));
  } catch {
    // a read-only cache only costs the second again
  }
  return answer;
}

async function readStdin() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const { mode, roots } = parse(process.argv.slice(2));
if (mode === "--version") {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version()}\n`);
} else if (mode === "--standard-json") {
  const input = await readStdin();
  const key = sha256(compilerDigest + sha256(input));
  let bytes = recall(key, roots);
  if (bytes === null) {
    const { output, imports } = compile(input, roots);
    bytes = Buffer.from(output, "utf8");
    const failed = (JSON.parse(output).errors ?? []).some((error) => error.severity === "error");
    if (!failed) remember(key, imports, bytes);
  }
  process.stdout.write(bytes);
} else usage("nothing to do");
