import { varint } from '#testkit';

/** Reads leniently, writes canonically: what comes out equals what went in only for the one encoding that a BEEF has. Written apart from the core on purpose. */
class Copier {
  readonly parts: Uint8Array[] = [];
  private at = 0;
  constructor(private readonly bytes: Buffer) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  copy(length: number): Buffer {
    if (length > this.left) throw new Error('an accepted BEEF ends early');
    const part = this.bytes.subarray(this.at, (this.at += length));
    this.parts.push(part);
    return part;
  }

  /** Any form in, the shortest one out. */
  number(): number {
    const first = this.bytes[this.at++] ?? 0;
    const length = first < 0xfd ? 0 : 2 ** (first - 0xfc);
    const tail = this.bytes.subarray(this.at, (this.at += length));
    const value = length === 0 ? first : Number(BigInt(`0x${Buffer.from(tail).reverse().toString('hex') || '0'}`));
    this.parts.push(varint(value));
    return value;
  }

  times(count: number, each: () => void): void {
    for (let done = 0; done < count; done++) {
      if (this.left <= 0) throw new Error('an accepted BEEF declares more than it holds');
      each();
    }
  }
}

const copyOutputs = (copier: Copier): void =>
  copier.times(copier.number(), () => {
    copier.copy(8);
    copier.copy(copier.number());
  });

const copyTransaction = (copier: Copier): void => {
  copier.copy(4);
  copier.times(copier.number(), () => {
    copier.copy(36);
    copier.copy(copier.number());
    copier.copy(4);
  });
  copyOutputs(copier);
  copier.copy(4);
};

const copyBump = (copier: Copier): void => {
  copier.number();
  const [height = 0] = copier.copy(1);
  copier.times(height, () =>
    copier.times(copier.number(), () => {
      copier.number();
      const [flags = 0] = copier.copy(1);
      if (flags !== 1) copier.copy(32);
    }),
  );
};

/** Version, marker, inputs with what they spend, outputs, lock time. */
export const reencodeExtended = (bytes: Uint8Array): Buffer => {
  const copier = new Copier(Buffer.from(bytes));
  copier.copy(4 + 6);
  copier.times(copier.number(), () => {
    copier.copy(36);
    copier.copy(copier.number());
    copier.copy(4 + 8);
    copier.copy(copier.number());
  });
  copyOutputs(copier);
  copier.copy(4);
  return Buffer.concat(copier.parts);
};

export const reencodeTransaction = (bytes: Uint8Array): Buffer => {
  const copier = new Copier(Buffer.from(bytes));
  copyTransaction(copier);
  return Buffer.concat(copier.parts);
};

export const reencodeBeef = (bytes: Uint8Array): Buffer => {
  const copier = new Copier(Buffer.from(bytes));
  if (copier.copy(4).readUInt32LE() === 0x01010101) copier.copy(36);
  const isV1 = bytes[copier.parts.length === 2 ? 36 : 0] === 1;
  copier.times(copier.number(), () => copyBump(copier));
  copier.times(copier.number(), () => {
    if (isV1) copyTransaction(copier);
    const [format = 0] = copier.copy(1);
    if (format === 1) copier.number();
    if (!isV1) copyTransaction(copier);
  });
  return Buffer.concat(copier.parts);
};
