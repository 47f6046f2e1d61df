import type { DetailedError, SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { ConfigError } from '../../config';
import type { Cedar } from './load-cedar';
import { placeInText } from './place-in-text';
import { listWords } from './list-words';
import type { Policy } from './policy';
import { readAnnotations } from './read-annotations';
import type { PolicyText } from './read-policy-files';

const POLICIES_MAX = 1_000;
const ACTION_NAME = /^Action::"(?<name>.*)"$/u;

/** What policies are read by. */
export interface PolicyGrammar {
  readonly cedar: Cedar;
  readonly schema: SchemaJson<string>;
  /** Of the certificates that the configuration names. */
  readonly certificateNames: readonly string[];
}

/** Every policy of the texts, checked against the schema. One that does not parse, names what there is not, or could never hold stops the start. */
export const readPolicies = (texts: readonly PolicyText[], grammar: PolicyGrammar): readonly Policy[] => {
  const policies = texts.flatMap((one) => readText(one, grammar));
  const places = new Map<string, Policy>();
  for (const policy of policies) {
    const other = places.get(policy.id);
    if (other !== undefined)
      throw new ConfigError(`${policy.file}: two policies have the @id "${policy.id}"; the other is in ${other.file}.`);
    places.set(policy.id, policy);
  }
  if (policies.length === 0)
    throw new ConfigError('PORTCULLIS_POLICIES: there is no policy, so that nobody may do anything.');
  if (policies.length > POLICIES_MAX)
    throw new ConfigError(`PORTCULLIS_POLICIES: there are more than ${String(POLICIES_MAX)} policies.`);
  return policies;
};

function readText(source: PolicyText, grammar: PolicyGrammar): Policy[] {
  const { file, text } = source;
  const { cedar, schema } = grammar;
  const parts = cedar.policySetTextToParts(text);
  if (parts.type === 'failure') throw refusal(source, parts.errors[0]);
  const [template] = parts.policy_templates;
  if (template !== undefined)
    throw new ConfigError(
      `${file}:${placeOf(text, text.indexOf(template))}: a template is nothing here; write the policy.`,
    );
  const validated = cedar.validate({ schema, policies: { staticPolicies: text } });
  if (validated.type === 'failure') throw refusal(source, validated.errors[0]);
  // A warning is about a policy that can never hold: whoever wrote it meant something.
  const [wrong] = [...validated.validationErrors, ...validated.validationWarnings];
  if (wrong !== undefined) throw refusal(source, wrong.error);
  if (validated.otherWarnings[0] !== undefined) throw refusal(source, validated.otherWarnings[0]);
  return placeParts(source, parts.policies).map((part) => readPolicy(part, grammar));
}

function readPolicy({ text, file, place }: PlacedPart, { cedar, schema, certificateNames }: PolicyGrammar): Policy {
  const parsed = cedar.policyToJson(text);
  const environments = cedar.getValidRequestEnvsPolicy(text, schema);
  if (parsed.type === 'failure' || environments.type === 'failure')
    throw new Error('A policy that is valid in its text is not by itself.');
  const { effect, annotations = {}, conditions } = parsed.json;
  const { attributes: words, organisations, texts } = listWords(conditions);
  const certificates = words.has('certificates') ? listNamed(words, certificateNames) : [];
  const { id, revocationMaxAgeMs } = readAnnotations(annotations, place);
  if (revocationMaxAgeMs !== undefined && certificates.length === 0)
    throw new ConfigError(`${place}: "${id}" has a @revocationMaxAge and looks at no certificate.`);
  const actions = environments.actions.map((action) => {
    const name = ACTION_NAME.exec(action)?.groups?.['name'];
    if (name === undefined) throw new Error(`An action has an unexpected name: ${action}`);
    return name;
  });
  return {
    ...{ id, effect, text, file, certificates, revocationMaxAgeMs },
    approvals: words.has('approvals') ? { organisations, texts } : undefined,
    usesTime: words.has('now'),
    actions: new Set(actions),
  };
}

/** Where none is named, the record is looked at as a whole, and any of them may matter. */
function listNamed(words: ReadonlySet<string>, certificateNames: readonly string[]): readonly string[] {
  const named = certificateNames.filter((name) => words.has(name));
  return named.length === 0 ? certificateNames : named;
}

interface PlacedPart extends PolicyText {
  /** File, line and column. */
  readonly place: string;
}

/** Cedar cuts the text into its policies, and sorts them by their numbers as words: the eleventh comes before the second. */
function placeParts({ file, text }: PolicyText, parts: readonly string[]): PlacedPart[] {
  const numbers = parts.map((_, number) => String(number)).sort();
  const inOrder = parts.map((part, place) => ({ part, number: Number(numbers[place]) }));
  inOrder.sort((a, b) => a.number - b.number);
  let end = 0;
  return inOrder.map(({ part }) => {
    const start = text.indexOf(part, end);
    end = start + part.length;
    return { file, text: part, place: `${file}:${placeOf(text, start)}` };
  });
}

const placeOf = (text: string, start: number): string => placeInText(text, Buffer.byteLength(text.slice(0, start)));

/** One sentence with file, line and column. Cedar names a policy by its number in the file, which nobody counts. */
function refusal(source: PolicyText, error: DetailedError | undefined): ConfigError {
  const place = error?.sourceLocations?.[0];
  const where = place === undefined ? source.file : `${source.file}:${placeInText(source.text, place.start)}`;
  const message = (error?.message ?? 'it is not valid').replaceAll(/for policy `policy\d+`[:,] /gu, '');
  const help = error?.help == null ? '' : ` (${error.help.replaceAll(/for policy `policy\d+`[:,] /gu, '')})`;
  return new ConfigError(`${where}: ${message}${help}.`);
}
