'use strict';

// DESIGN §1, "who may import whom", as rules. Specs may reach for the testkit; nothing else may.
const NOT_SPEC = '\\.spec\\.ts$';
const ANY_LIB = '^libs/';

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** Of a library: everything outside `allowed` is forbidden, packages included. */
const only = (lib, allowed, comment) =>
  forbid(
    `${lib}-imports`,
    comment,
    { path: `^libs/${lib}/`, pathNot: NOT_SPEC },
    { pathNot: [`^libs/${lib}/`, ...allowed] },
  );

const PACKAGE = (name) => `(^|/)node_modules/${name}/`;
const EXTENSION = '^src/(topics|broadcast|erp|reports|keys)/([^/]+)/';

module.exports = {
  forbidden: [
    only(
      'atomic-core',
      [PACKAGE('(@bsv/sdk|tiny-secp256k1)'), '(^|/)node_modules/secp256k1/bindings\\.js$', '^(node:)?crypto$'],
      'The core has no Nest, no database, no network, no clock.',
    ),
    only('ports', ['^libs/atomic-core/'], 'Ports are types over the types of the core.'),
    only(
      'ledger',
      ['^libs/atomic-core/', PACKAGE('(typeorm|pg)'), '^(node:)?(crypto|buffer)$'],
      'The ledger knows the core and the database client.',
    ),
    only('client', [PACKAGE('@bsv/sdk'), '^(node:)?crypto$'], 'The client runs in browsers: it knows the SDK alone.'),
    forbid(
      'ports-no-values',
      'Ports import types only.',
      { path: '^libs/ports/', pathNot: NOT_SPEC },
      { path: '^libs/atomic-core/', dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'testkit-imports',
      'The testkit knows the core, the ports and, for its test database, the ledger (ops/decisions/README.md).',
      { path: '^libs/testkit/', pathNot: NOT_SPEC },
      { path: ['^src/', '^libs/client/'] },
    ),
    forbid(
      'libs-not-src',
      'Libraries never import the application.',
      { path: ANY_LIB, pathNot: NOT_SPEC },
      { path: '^src/' },
    ),
    forbid(
      'libs-by-index',
      'A library is entered by its index.',
      { path: '^(src|test)/' },
      { path: '^libs/[^/]+/src/(?!index\\.ts$)' },
    ),
    forbid(
      'extension-alone',
      'An extension folder knows the core, the ports and itself.',
      { path: EXTENSION, pathNot: NOT_SPEC },
      {
        path: [
          '^src/',
          '^libs/(ledger|client|testkit)/',
          PACKAGE('(typeorm|pg|@nestjs/[^/]+)'),
          '^(node:)?(http|https|http2|net|tls|dns|dgram)$',
        ],
        pathNot: ['^src/$1/$2/', '^src/$1/[^/]+\\.ts$'],
      },
    ),
    forbid(
      'module-by-index',
      'Another module is entered by its index; the command line and the root module compose them.',
      { path: '^src/([^/]+)/', pathNot: [NOT_SPEC, '^src/(cli|demo)/'] },
      { path: '^src/([^/]+)/.+', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '^src/[^/]+/[^/]+/index\\.ts$'] },
    ),
    forbid(
      'production-not-testkit',
      'The testkit stays out of the gateway; the development network and the demo may use it.',
      { path: '^src/', pathNot: [NOT_SPEC, '^src/(devnet|demo)/'] },
      { path: '^libs/testkit/' },
    ),
    forbid(
      'no-silent-fallback',
      'The index of secp256k1 answers with elliptic when its binding does not load, and says nothing.',
      { path: '^(src|libs)/', pathNot: NOT_SPEC },
      { path: '(^|/)node_modules/(secp256k1/(?!bindings\\.js$|package\\.json$)|elliptic/)' },
    ),
    forbid('no-cycles', 'A cycle has no bottom to understand first.', {}, { circular: true }),
    forbid('no-unresolved', 'Every import resolves.', {}, { couldNotResolve: true }),
    forbid(
      'no-dev-packages',
      'The gateway runs without development packages.',
      { path: '^(src|libs)/', pathNot: [NOT_SPEC, '^libs/testkit/'] },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
