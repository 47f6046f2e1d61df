/** Who waits, by organisation. Organisations give one each in turn, so that a hundred of one never stand before the one of another; within one, first come is first served. */
export class FairLine<Item> {
  readonly #lines = new Map<string, Item[]>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  listOf(organisation: string): readonly Item[] {
    return this.#lines.get(organisation) ?? [];
  }

  enter(organisation: string, item: Item): void {
    const line = this.#lines.get(organisation);
    if (line === undefined) this.#lines.set(organisation, [item]);
    else line.push(item);
    this.#length += 1;
  }

  /** Whoever's turn it is, if it fits; else it is still that one's turn the next time, so that what is large waits no longer than what is small. */
  next(fits: (item: Item) => boolean): Item | undefined {
    for (const [organisation, line] of this.#lines) {
      const [item] = line as [Item];
      if (!fits(item)) return undefined;
      line.shift();
      this.#lines.delete(organisation);
      // Behind all others.
      if (line.length > 0) this.#lines.set(organisation, line);
      this.#length -= 1;
      return item;
    }
    return undefined;
  }

  leave(organisation: string, item: Item): void {
    const line = this.#lines.get(organisation);
    const place = line?.indexOf(item) ?? -1;
    if (line === undefined || place < 0) return;
    line.splice(place, 1);
    if (line.length === 0) this.#lines.delete(organisation);
    this.#length -= 1;
  }

  clear(): Item[] {
    const items = [...this.#lines.values()].flat();
    this.#lines.clear();
    this.#length = 0;
    return items;
  }
}
