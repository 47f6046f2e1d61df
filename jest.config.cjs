'use strict';

// Sources are CommonJS after swc; NestJS 12 ships ES modules, so its packages are transformed too.
const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: { '^.+\\.(t|j|mj)s$': '@swc/jest' },
  transformIgnorePatterns: [
    '/node_modules/(?!(@nestjs|@opentelemetry/otlp-exporter-base|file-type|strtok3|token-types|uint8array-extras|@tokenizer|@borewit|load-esm|openid-client|oauth4webapi|jose)/)',
  ],
  moduleNameMapper: {
    '^#(atomic-core|ports|ledger|client|testkit)$': '<rootDir>/libs/$1/src/index.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/data/'],
};

const suite = (displayName, ...roots) => ({
  ...shared,
  displayName,
  testMatch: roots.map((root) => `<rootDir>/${root}/**/*.spec.ts`),
});

module.exports = {
  // Real threads, processes and databases start in these tests; on a machine that is busy that takes longer than Jest's five seconds.
  testTimeout: 30_000,
  projects: [
    suite('unit', 'libs', 'src'),
    suite('architecture', 'test/architecture'),
    suite('contract', 'test/contract'),
    suite('vectors', 'test/vectors'),
    suite('hostile', 'test/hostile'),
    suite('race', 'test/race'),
    suite('crash', 'test/crash'),
    suite('journey', 'test/journey'),
  ],
};
