export interface Pace {
  readonly perSecond: number;
  readonly items: number;
  readonly clients: number;
  readonly medianMs: number;
  readonly slowestMs: number;
}

/** Every item once, by `clients` at a time; an item that fails ends the bench, because a refusal is faster than what is to be timed. */
export const drive = async <Item>(
  items: readonly Item[],
  clients: number,
  act: (item: Item, client: number) => Promise<void>,
): Promise<Pace> => {
  const times: number[] = [];
  let next = 0;
  const startedAt = performance.now();
  const work = async (client: number): Promise<void> => {
    for (let place = next++; place < items.length; place = next++) {
      const begun = performance.now();
      await act(items[place] as Item, client);
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => work(client)));
  const seconds = (performance.now() - startedAt) / 1_000;
  times.sort((a, b) => a - b);
  return {
    perSecond: items.length / seconds,
    items: items.length,
    clients,
    medianMs: times[times.length >> 1] ?? 0,
    slowestMs: times.at(-1) ?? 0,
  };
};
