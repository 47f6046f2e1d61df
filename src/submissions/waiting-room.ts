/** Places for what keeps this process busy for long, and fewer of them for one organisation: it must not take them all. */
export class WaitingRoom {
  private readonly waiting = new Map<string, number>();
  private total = 0;

  constructor(
    private readonly places: number,
    private readonly placesOfOne: number,
  ) {}

  /** What `wait` answers, or undefined when there is no place. */
  async enter<T>(organisation: string, wait: () => Promise<T>): Promise<T | undefined> {
    const own = this.waiting.get(organisation) ?? 0;
    if (this.total >= this.places || own >= this.placesOfOne) return undefined;
    this.total += 1;
    this.waiting.set(organisation, own + 1);
    try {
      return await wait();
    } finally {
      this.total -= 1;
      const left = (this.waiting.get(organisation) ?? 1) - 1;
      if (left === 0) this.waiting.delete(organisation);
      else this.waiting.set(organisation, left);
    }
  }
}
