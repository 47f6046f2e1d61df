/** One look at a time. Whatever is called for while one goes on gets another one after it: it was perhaps looked at before it changed. */
export class RepeatedLook {
  #isCalled = false;
  #isLooking = false;

  constructor(
    private readonly look: (isCalled: boolean) => Promise<void>,
    private readonly tell: (error: unknown) => void,
  ) {}

  /** Something changed: a look that begins after this moment is owed. */
  call(): void {
    this.#isCalled = true;
    this.go();
  }

  /** As a matter of routine: one that goes on is enough. */
  go(): void {
    if (!this.#isLooking) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isLooking = true;
    while ((await this.#lookOnce()) && this.#isCalled);
    this.#isLooking = false;
  }

  /** Whether it could be looked. */
  async #lookOnce(): Promise<boolean> {
    const isCalled = this.#isCalled;
    this.#isCalled = false;
    try {
      await this.look(isCalled);
      return true;
    } catch (error) {
      this.tell(error);
      // Still owed, and not at once: what failed now would fail again.
      this.#isCalled ||= isCalled;
      return false;
    }
  }
}
