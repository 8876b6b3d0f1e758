// The npm solc, loaded once: standard JSON in and out, a line each, with the processor
// time it took. Starting the compiler takes as long as compiling a contract.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { writeSync } from "node:fs";

const require = createRequire(import.meta.url);
const solc = require("solc");

function say(text) {
  const bytes = Buffer.from(`${text}\n`, "utf8");
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const begun = process.cpuUsage();
  const answer = JSON.parse(solc.compile(line));
  const { user, system } = process.cpuUsage(begun);
  say(JSON.stringify({ seconds: (user + system) / 1e6, answer }));
}
