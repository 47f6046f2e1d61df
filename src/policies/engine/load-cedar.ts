/** Cedar (ops/decisions/0042): the language in which policies are written, and who may do what by them. */
export type Cedar = typeof import('@cedar-policy/cedar-wasm/nodejs');

/** Loaded late: 15 MB of WebAssembly that a gateway without policies has no use for. */
export const loadCedar = (): Promise<Cedar> => import('@cedar-policy/cedar-wasm/nodejs');
