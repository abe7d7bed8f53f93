// Compiles Balancer V2's own contracts with the compiler that they were released with, and prints
// {name: bytecode}. npm ships their sources only; the runs are those of its deployed pools.
const fs = require("fs");
const path = require("path");
const solc = require("solc");

const TREE = path.join(process.cwd(), "node_modules");
const WANTED = {
  "@balancer-labs/v2-vault/contracts/Authorizer.sol": "Authorizer",
  "@balancer-labs/v2-vault/contracts/Vault.sol": "Vault",
  "@balancer-labs/v2-pool-weighted/contracts/WeightedPool.sol": "WeightedPool",
  "@balancer-labs/v2-pool-stable/contracts/StablePool.sol": "StablePool",
};

const read = (name) => {
  try {
    return { contents: fs.readFileSync(path.join(TREE, name), "utf8") };
  } catch (error) {
    return { error: error.message };
  }
};

const sources = {};
for (const file of Object.keys(WANTED)) sources[file] = { content: read(file).contents };
// All of them, for the compiler loses what a wanted contract creates if that is not wanted too.
const outputSelection = { "*": { "*": ["evm.bytecode.object"] } };
const settings = { optimizer: { enabled: true, runs: 1500 }, outputSelection };
const input = { language: "Solidity", sources, settings };
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }));

const errors = (output.errors || []).filter((found) => found.severity === "error");
if (errors.length) {
  for (const found of errors) console.error(found.formattedMessage);
  process.exit(1);
}
const compiled = {};
for (const [file, name] of Object.entries(WANTED)) {
  compiled[name] = output.contracts[file][name].evm.bytecode.object;
}
console.log(JSON.stringify(compiled));
