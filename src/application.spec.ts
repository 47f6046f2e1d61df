import { randomBytes } from 'node:crypto';
import { Module } from '@nestjs/common';
import { putBehindDoor } from './application';
import { ConfigError, ConfigModule, parseSettings, resolveConfig } from './config';

describe('an application that cannot be created', () => {
  it("leaves the telling to its caller: Nest's own coloured logger prints nothing", async () => {
    const lines: string[] = [];
    const listen = (text: string | Uint8Array): boolean => lines.push(String(text)) > 0;
    const spies = [process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, 'write').mockImplementation(listen),
    );
    const config = resolveConfig(parseSettings({ identityKey: randomBytes(32).toString('hex'), logLevel: 'silent' }));
    @Module({
      providers: [{ provide: 'PART', useFactory: () => Promise.reject(new ConfigError('A part is missing.')) }],
    })
    class Broken {}
    const module = { module: Broken, imports: [ConfigModule.with(config)] };
    try {
      await expect(putBehindDoor(module, config)).rejects.toThrow('A part is missing.');
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    expect(lines).toEqual([]);
  });
});
