export { startDevnet } from './start-devnet';
export type { Devnet, DevnetOptions } from './start-devnet';
