import type { PolicyAction } from './engine/policy';

export interface FoundAction {
  readonly action: PolicyAction;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The action of a request as it would be routed: where a fixed part and a parameter both fit, the fixed part does. */
export const findAction = (
  actions: Iterable<PolicyAction>,
  { method, path }: { readonly method: string; readonly path: string },
): FoundAction | undefined => {
  const segments = readSegments(path);
  if (segments === undefined) return undefined;
  let best: (FoundAction & { readonly rank: string }) | undefined;
  for (const action of actions) {
    const [ofMethod, pattern = ''] = action.name.split(' ', 2);
    const parts = pattern.split('/');
    if (ofMethod !== method.toUpperCase() || parts.length !== segments.length) continue;
    const fits = parts.every((part, place) =>
      part.startsWith(':') ? segments[place] !== '' : part === segments[place],
    );
    const rank = parts.map((part) => (part.startsWith(':') ? '1' : '0')).join('');
    if (!fits || (best !== undefined && best.rank <= rank)) continue;
    const named = parts.flatMap((part, place) => (part.startsWith(':') ? [[part.slice(1), segments[place]]] : []));
    best = { action, parameters: Object.fromEntries(named) as Record<string, string>, rank };
  }
  return best && { action: best.action, parameters: best.parameters };
};

function readSegments(path: string): string[] | undefined {
  try {
    return (path.split('?', 1)[0] ?? '').split('/').map((segment) => decodeURIComponent(segment));
  } catch {
    return undefined;
  }
}
