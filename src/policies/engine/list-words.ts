/** What the conditions of a policy name. */
export interface PolicyWords {
  /** Of whatever. */
  readonly attributes: ReadonlySet<string>;
  readonly organisations: readonly string[];
  readonly texts: readonly string[];
}

interface EntityName {
  readonly type?: unknown;
  readonly id?: unknown;
}

/** Every attribute, organisation and text that the conditions name. */
export const listWords = (conditions: unknown): PolicyWords => {
  const attributes = new Set<string>();
  const organisations = new Set<string>();
  const texts = new Set<string>();
  const open: unknown[] = [conditions];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    for (const [key, value] of Object.entries(node) as [string, unknown][]) {
      if (key === 'attr') for (const word of [value].flat()) attributes.add(String(word));
      else if (key === '__entity') {
        const { type, id } = value as EntityName;
        if (type === 'Organisation') organisations.add(String(id));
      } else if (key === 'Value' && typeof value === 'string') texts.add(value);
      else open.push(value);
    }
  }
  return { attributes, organisations: [...organisations].sort(), texts: [...texts].sort() };
};
