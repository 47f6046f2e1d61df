import { WaitingRoom } from './waiting-room';

const never = (): Promise<string> => new Promise(() => undefined);

describe('WaitingRoom', () => {
  it('lets one organisation take its share and no more', async () => {
    const room = new WaitingRoom(4, 2);
    void room.enter('a', never);
    void room.enter('a', never);
    expect(await room.enter('a', () => Promise.resolve('waited'))).toBeUndefined();
    expect(await room.enter('b', () => Promise.resolve('waited'))).toBe('waited');
  });

  it('turns away whoever comes when it is full', async () => {
    const room = new WaitingRoom(2, 2);
    void room.enter('a', never);
    void room.enter('b', never);
    expect(await room.enter('c', () => Promise.resolve('waited'))).toBeUndefined();
  });

  it('has the place again of who left, however that was', async () => {
    const room = new WaitingRoom(1, 1);
    for (let round = 0; round < 3; round += 1) {
      expect(await room.enter('a', () => Promise.resolve('waited'))).toBe('waited');
      await expect(room.enter('a', () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    }
  });
});
