import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ts from 'typescript';
import { createTestDatabase } from '#testkit';
import type { TestDatabase } from '#testkit';

/** Functions of the ledger that look into what is an organisation's, or call a function that may, as the application and not as one organisation; and why. */
const OF_ALL: Readonly<Record<string, readonly string[]>> = {
  'THE COMMIT and its like: what is spent leaves the baskets of all, and a payment settles whoever waited for it': [
    ...['claimPayment', 'commitTransition', 'commitTransitions', 'retractTransition', 'evictOutput'],
  ],
  'the relay, for all organisations': [
    ...[
      'claimOutboxBatch',
      'claimOutboxRow',
      'completeOutboxRow',
      'hastenOutbox',
      'hastenProofs',
      'listDueOutboxRows',
      'measureOutbox',
    ],
    ...['settle', 'applyProof', 'finalise', 'recordSettlement', 'rewindBlocks', 'listDueWebhooks', 'stopWebhook'],
    ...[
      'measureWebhooks',
      'claimRevocations',
      'findNamedSpend',
      'listCertifiers',
      'listOldestRevocations',
      'measureRevocations',
      'recordRevocation',
      'listRevokedReservations',
    ],
    ...['pruneQuotes', 'listSubjectKeysWrappedBy', 'rewrapSubjectKey'],
  ],
  'feeds by name, of lookup services and of the relay; those of an organisation are asked for through its context': [
    ...['advanceFeed', 'beginDelivery', 'beginRebuild', 'claimFeed', 'closeFeed', 'deferFeed', 'findFeed'],
    ...['listFeeds', 'markFeed', 'openFeed', 'releaseFeed', 'resetFeed', 'turnRebuild'],
  ],
  'the state of topics and the public chain, shared on purpose': [
    ...['findAdmittances', 'findApplied', 'findChainView', 'findCoins', 'findTopicOutput', 'walkEvents'],
    // Of the header chain: what proves a spend.
    ...['findRevocation', 'listRevokedOutpoints'],
    ...['findOffChainValues', 'isNeededBySpender', 'listLives', 'listLivesEverywhere'],
    ...['listReleasedHistory', 'listRivals', 'listSorted', 'listTopicOutputs', 'readPages'],
  ],
  'accounts, which are drawn on beside the COMMIT and given back to after their requests are gone': [
    ...['creditUnserved', 'drawAlone', 'endService', 'listUnserved', 'pruneUses', 'readAccount'],
  ],
  'the books of who runs the gateway, over what everybody paid': ['listPayments', 'readLiabilities', 'readTreasury'],
  'plans are what the operator charges everybody': ['listPlans', 'publishPlan'],
  'doors, which make their own context': ['findReplay', 'listCertificates', 'listTrustRules'],
  'offers are shown to whom they are made, of whatever organisation': ['findOffer', 'listOffers'],
  'proposals are shown to each party, of whatever organisation': [
    ...[
      'approveProposal',
      'expireProposals',
      'findProposal',
      'findProposedContent',
      'findSameProposal',
      'isFullOfProposals',
      'isProposalPaid',
      'listProposals',
      'proposeTransaction',
    ],
  ],
  'terms are of an identity, which may change its organisation while they are open': [
    ...[
      'findOrCreateQuote',
      'findQuote',
      'isRequestPaid',
      'seePayment',
      'forgetPayment',
      'holdPayment',
      'findHeldPayment',
    ],
  ],
  'who has no session is of no organisation; who paid may ask for it under whichever it is of now': [
    ...['openShownTerms', 'findStrangerPrice', 'findPayment'],
  ],
  'a certificate is one of its certifier, type and serial number, whoever presents it': ['presentCertificate'],
  'the certifier works for subjects of all organisations': [
    ...['askCertification', 'beginRevocation', 'decideCertification', 'findCertification', 'issueCertification'],
    ...['findIssuedOutpoint', 'keepOutpoint', 'leaseCertification', 'listCertifications', 'releaseCertification'],
  ],
  'sessions are of an identity or a person, and budgets of the gateway': [
    'claimNonce',
    'claimNonces',
    'shareRates',
    ...[
      'closeSetupLink',
      'endPersonSession',
      'endPersonSessions',
      'findPersonSession',
      'isPersonSessionOpen',
      'openPersonSession',
    ],
    'openSetupLink',
    'prunePersonSessions',
    'useSetupLink',
    'findSession',
    'listEndedSessions',
  ],
};

const FOLDER = __dirname;
const TENANT_ENTITY =
  /\b(AuditLeaf|BasketOutput|OutboxRow|PaymentClaim|PaymentQuote|SettlementEvent|Transition)Entity\b/;
const FUNCTION = /portcullis\.[a-z_]+\(/;
const RUNNERS = ['runStatement', 'runRefusable', 'runPrepared', 'change'];

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
}, 90_000);
afterAll(() => database.drop());

/** The declarations of one file, by name. */
const readDeclarations = (file: string): [string, ts.Node][] => {
  const source = ts.createSourceFile(file, readFileSync(join(FOLDER, file), 'utf8'), ts.ScriptTarget.Latest, true);
  return source.statements.flatMap((statement): [string, ts.Node][] => {
    if (ts.isFunctionDeclaration(statement)) return [[statement.name?.text ?? '', statement]];
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.map((declared) => [declared.name.getText(), declared]);
  });
};

const isDb = (node: ts.Node | undefined): boolean => node !== undefined && ts.isIdentifier(node) && node.text === 'db';

/** Whether a statement is given to the database as it came in. */
const runsAsItIs = (node: ts.Node): boolean => {
  if (ts.isCallExpression(node) && RUNNERS.includes(node.expression.getText()) && isDb(node.arguments[0])) return true;
  if (ts.isPropertyAccessExpression(node) && isDb(node.expression)) {
    return node.name.text === 'query' || node.name.text === 'getRepository';
  }
  return ts.forEachChild(node, (child) => runsAsItIs(child) || undefined) === true;
};

const listUnwalled = (file: string, touches: RegExp): string[] => {
  const declarations = readDeclarations(file);
  const isTouching = (text: string): boolean => touches.test(text) || FUNCTION.test(text) || TENANT_ENTITY.test(text);
  // What is written elsewhere in the file and named here: columns, conditions, prepared statements.
  const texts = declarations.filter(([, node]) => !/\bdb\b/.test(node.getText()) && isTouching(node.getText()));
  const names = new RegExp(`\\b(${['(?!)', ...texts.map(([name]) => name)].join('|')})\\b`);
  return declarations.flatMap(([name, node]) => {
    const text = node.getText();
    return runsAsItIs(node) && (isTouching(text) || names.test(text)) ? [name] : [];
  });
};

describe('what the ledger asks of what is an organisation’s', () => {
  it('is asked in the context of that organisation, but for what is named here with its reason', async () => {
    const tables = await database.owner.query<{ name: string }[]>(
      `select relname as name from pg_class where relnamespace = 'portcullis'::regnamespace and relrowsecurity`,
    );
    const touches = new RegExp(`portcullis\\.(${tables.map(({ name }) => name).join('|')})\\b`);
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
    const unwalled = files.flatMap((file) => listUnwalled(file, touches));
    expect([...new Set(unwalled)].sort()).toEqual(Object.values(OF_ALL).flat().sort());
  });
});
