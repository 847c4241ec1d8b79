// Runs a program compiled to WebAssembly, under Node.js: the runner that Cargo is given for
// wasm32-wasip1, where programs see files, and for wasm32-unknown-unknown, where they see nothing.
import { readFile } from "node:fs/promises";
import { argv, env, exit } from "node:process";
import { WASI } from "node:wasi";

const args = argv.slice(2);
const wasi = new WASI({ version: "preview1", args, env, preopens: { "/": "/" } });
const module = await WebAssembly.compile(await readFile(args[0]));
const { exports } = await WebAssembly.instantiate(module, wasi.getImportObject());
exit(exports._start ? wasi.start({ exports }) : exports.main(0, 0));
