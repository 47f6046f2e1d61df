/** `76 a9 14 <hash> 88 ac` */
export const writePublicKeyHashScript = (hash: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(0x76, 0xa9, 0x14), hash, Buffer.of(0x88, 0xac)]);
