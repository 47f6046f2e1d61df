import type { Txid } from '#atomic-core';
import { GroupRoom, type GroupShare } from './group-room';

/** What the order of a batch hangs on, of one verified item. */
export interface OrderedItem extends GroupShare {
  /** Its place in the request. */
  readonly index: number;
  readonly txid: Txid;
  /** The transactions whose outputs its subject spends. */
  readonly parents: readonly Txid[];
}

/**
 * The groups in which a batch is committed. An item comes in a later group than its parents, wherever they stand in the request, because its topics are
 * asked about coins that exist only after the COMMIT of the parent; otherwise the order is that of the request, so of two items that spend one coin
 * the first wins.
 */
export function orderBatch<Item extends OrderedItem>(items: readonly Item[]): Item[][] {
  const generations = listGenerations(items);
  const sorted = items
    .map((item, place) => ({ item, generation: generations[place] ?? 0 }))
    .sort((a, b) => a.generation - b.generation || a.item.index - b.item.index);
  const groups: Item[][] = [];
  let room = new GroupRoom();
  let generationOfGroup = -1;
  for (const { item, generation } of sorted) {
    if (generation !== generationOfGroup || !room.take(item)) {
      groups.push([]);
      room = new GroupRoom();
      room.take(item);
      generationOfGroup = generation;
    }
    groups.at(-1)?.push(item);
  }
  return groups;
}

/** By place: 0 for an item without a parent in the batch, else one more than the last of its parents. No circle: an id is a hash over the ids of its parents. */
function listGenerations(items: readonly OrderedItem[]): number[] {
  const generations = items.map(() => 0);
  const places = new Map<Txid, number[]>();
  for (const [place, { txid }] of items.entries()) append(places, txid, place);
  const childrenOf = new Map<number, number[]>();
  const waiting = items.map(({ parents }, place) => {
    const above = new Set(parents.flatMap((parent) => places.get(parent) ?? []));
    for (const parent of above) append(childrenOf, parent, place);
    return above.size;
  });
  const ready = items.flatMap((_, place) => (waiting[place] === 0 ? [place] : []));
  for (let place = ready.pop(); place !== undefined; place = ready.pop()) {
    for (const child of childrenOf.get(place) ?? []) {
      generations[child] = Math.max(generations[child] ?? 0, (generations[place] ?? 0) + 1);
      waiting[child] = (waiting[child] ?? 1) - 1;
      if (waiting[child] === 0) ready.push(child);
    }
  }
  return generations;
}

function append<Key>(lists: Map<Key, number[]>, key: Key, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
