// Runs a program compiled to WebAssembly, under Node.js: the runner that Cargo is given for
// wasm32-wasip1, where programs see files, and for wasm32-unknown-unknown, where they see nothing.
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { argv, cwd, env, exit } from "node:process";
import { WASI } from "node:wasi";

const args = argv.slice(2);
// Programs have no current folder but their root.
const preopens = { "/": cwd(), [cwd()]: cwd(), "/tmp": tmpdir() };
const wasi = new WASI({ version: "preview1", args, env, preopens });
const module = await WebAssembly.compile(await readFile(args[0]));
const imports = wasi.getImportObject();
// The zip crate imports a browser's random numbers, through wasm-bindgen, and npz never asks for them.
for (const { module: from, name } of WebAssembly.Module.imports(module)) {
  imports[from] ??= {};
  imports[from][name] ??= () => { throw new Error(`the program calls ${name}`); };
}
const { exports } = await WebAssembly.instantiate(module, imports);
exit(exports._start ? wasi.start({ exports }) : exports.main(0, 0));
