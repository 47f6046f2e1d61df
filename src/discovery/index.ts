export { DiscoveryModule } from './discovery.module';
export { openWallet } from './open-wallet';
export { readOctets } from './read-octets';
