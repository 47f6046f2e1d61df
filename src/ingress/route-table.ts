import type { RouteManners } from './route-manners';

export interface RouteEntry {
  readonly method: string;
  /** The router's pattern, for example `/v1/submissions/:id`. */
  readonly pattern: string;
  readonly manners: RouteManners;
}

/** Every registered route. The router knows them too, but answers only "no" for a path that exists under another method. */
export class RouteTable {
  readonly #entries: RouteEntry[] = [];

  add(methods: string | readonly string[], pattern: string, manners: RouteManners = {}): void {
    for (const method of [methods].flat()) this.#entries.push({ method, pattern, manners });
  }

  list(): readonly RouteEntry[] {
    return this.#entries;
  }

  takesUpgrade(path: string): boolean {
    const segments = path.split('/');
    return this.#entries.some(
      ({ method, pattern, manners }) =>
        method === 'GET' && manners.upgrade !== undefined && matches(pattern.split('/'), segments),
    );
  }

  /** Methods that answer at this path, for the Allow header of a 405; empty where the path is no route at all. */
  allowedAt(path: string): string[] {
    const segments = path.split('/');
    const matching = this.#entries.filter(({ pattern }) => matches(pattern.split('/'), segments));
    return [...new Set(matching.map(({ method }) => method))].sort();
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  if (pattern.length !== segments.length) return false;
  return pattern.every((part, index) => (part.startsWith(':') ? segments[index] !== '' : part === segments[index]));
}
