'use strict';

// Lets plain Node run the TypeScript sources: `node --require ./ops/build/register-typescript.cjs src/main.ts`, and the worker threads of a test run.
// Same compiler and settings (.swcrc) as Jest and the build; nothing is written to disk.
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { join } = require('node:path');
const { transformSync } = require('@swc/core');

const root = join(__dirname, '..', '..');
const options = { ...JSON.parse(readFileSync(join(root, '.swcrc'), 'utf8')), swcrc: false, sourceMaps: 'inline' };

Module._extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), { ...options, filename });
  module._compile(code, filename);
};

const LIBRARY = /^#(atomic-core|ports|ledger|client|testkit)$/;
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  const library = LIBRARY.exec(request);
  const target = library === null ? request : join(root, 'libs', library[1], 'src', 'index.ts');
  return resolveFilename.call(this, target, ...rest);
};
