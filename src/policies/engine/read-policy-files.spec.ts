import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../config';
import { hashPolicies, readPolicyFiles } from './read-policy-files';

describe('the files of the policies', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'portcullis-policies-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string | Uint8Array): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('are one file, or those of a folder that are policies, in the order of their names', () => {
    write('b.cedar', 'second');
    write('B.cedar', 'first');
    write('notes.md', 'not a policy');
    write('.hidden.cedar', 'nor this');
    expect(readPolicyFiles(folder)).toEqual([
      { file: 'B.cedar', text: 'first' },
      { file: 'b.cedar', text: 'second' },
    ]);
    expect(readPolicyFiles(join(folder, 'b.cedar'))).toEqual([{ file: 'b.cedar', text: 'second' }]);
  });

  it('may be links, as Kubernetes mounts them', () => {
    mkdirSync(join(folder, '..data'));
    writeFileSync(join(folder, '..data', 'a.cedar'), 'linked');
    symlinkSync(join('..data', 'a.cedar'), join(folder, 'a.cedar'));
    expect(readPolicyFiles(folder)).toEqual([{ file: 'a.cedar', text: 'linked' }]);
  });

  it('have the version that sha256sum says, whatever their lines end with', () => {
    write('a.cedar', 'one\r\ntwo\r\n');
    write('b.cedar', 'three\n');
    const version = createHash('sha256').update('one\ntwo\nthree\n').digest('hex');
    expect(hashPolicies(readPolicyFiles(folder))).toBe(version);
    write('b.cedar', 'three \n');
    expect(hashPolicies(readPolicyFiles(folder))).not.toBe(version);
  });

  it('stop the start where there are none, or one cannot be read', () => {
    expect(() => readPolicyFiles(folder)).toThrow(
      new ConfigError(`PORTCULLIS_POLICIES: the folder ${folder} holds no .cedar file.`),
    );
    expect(() => readPolicyFiles(join(folder, 'none.cedar'))).toThrow(
      /^PORTCULLIS_POLICIES: .*none\.cedar cannot be read/u,
    );
    expect(() => readPolicyFiles(write('latin.cedar', Buffer.from([0xe9, 0x0a])))).toThrow(
      /latin\.cedar cannot be read/u,
    );
    expect(() => readPolicyFiles(write('huge.cedar', ' '.repeat(1_048_577)))).toThrow(
      /huge\.cedar cannot be read: .*bytes/u,
    );
  });
});
