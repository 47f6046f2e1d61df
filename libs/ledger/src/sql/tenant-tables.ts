/** Tables whose rows are an organisation's own. Frozen with the migration that secured them: a later table brings its policies in its own migration. */
const OWNED = [
  'audit_leaf',
  'audited_act',
  'basket_output',
  'basket_output_tag',
  'certificate',
  'certification',
  'event_feed',
  'offer',
  'outbox',
  'payment_claim',
  'payment_quote',
  'reservation',
  'subject_key',
  'transition',
  'trust_change',
  'trust_pin',
  'trust_registry',
  'trust_rule',
  'trust_source',
];

/** Rows that are an organisation's because the row is that they belong to. */
const BELONGING: readonly (readonly [table: string, reference: string, owner: string])[] = [
  ['reliance', 'transition_id', 'transition'],
  ['settlement_event', 'transition_id', 'transition'],
  ['trust_approval', 'change_id', 'trust_change'],
];

/** Written so that no index serves it: it decides what is seen and never how it is looked for, so no plan is another than without it. */
const IS_OWN = `organisation || '' = current_setting('portcullis.organisation', true)`;

const secure = (table: string, isOwn: string): string => `
alter table portcullis.${table} enable row level security, force row level security;
create policy everything on portcullis.${table} to portcullis_app using (true) with check (true);
create policy own on portcullis.${table} to portcullis_tenant using (${isOwn}) with check (${isOwn});
`;

/** For a table with `organisation` that a later migration makes. */
export const wallTable = (table: string): string =>
  `${secure(table, IS_OWN)}grant select on portcullis.${table} to portcullis_tenant;\n`;

/**
 * Two policies a table. `portcullis_app` does the work of all organisations: THE COMMIT, the relay, fsck. `portcullis_tenant` sees the rows of the organisation
 * that its context names, and none without one. FORCE, because the owner of a table would else be bound by nothing.
 */
export const TENANT_POLICIES = [
  ...OWNED.map((table) => secure(table, IS_OWN)),
  ...BELONGING.map(([table, reference, owner]) =>
    secure(table, `exists (select from portcullis.${owner} o where o.id = ${table}.${reference} and o.${IS_OWN})`),
  ),
].join('');

/**
 * The least that requests need. What a COMMIT writes (transitions, claims, outbox, what comes into a basket) and what a certificate is first kept by is not
 * here: those statements are functions of the application's, each with a fixed text.
 */
export const TENANT_GRANTS = `
grant usage on schema portcullis to portcullis_tenant;
grant select on ${[...OWNED, ...BELONGING.map(([table]) => table)].map((table) => `portcullis.${table}`).join(', ')} to portcullis_tenant;
-- Facts of the public chain, which are nobody's.
grant select on portcullis.transaction, portcullis.spent_outpoint, portcullis.revocation to portcullis_tenant;
grant insert (organisation, leaf) on portcullis.audit_leaf to portcullis_tenant;
grant insert on portcullis.audited_act, portcullis.reservation, portcullis.offer, portcullis.event_feed, portcullis.trust_registry,
  portcullis.trust_change, portcullis.trust_approval, portcullis.trust_rule, portcullis.trust_pin, portcullis.trust_source to portcullis_tenant;
grant update (request_key, expires_at, released_at) on portcullis.reservation to portcullis_tenant;
grant update (reserved_by, reserved_until, relinquished) on portcullis.basket_output to portcullis_tenant;
grant update (withdrawn_at) on portcullis.offer to portcullis_tenant;
grant update (state, failures, retry_at, last_error, settings), delete on portcullis.event_feed to portcullis_tenant;
grant update (key_id, disclosure, erased_leaf) on portcullis.certificate to portcullis_tenant;
grant update (key_id, disclosure, state) on portcullis.certification to portcullis_tenant;
grant update (wrapped_by), delete on portcullis.subject_key to portcullis_tenant;
grant update (organisation) on portcullis.trust_registry to portcullis_tenant;
grant update (agreed_at, took_effect_at, withdrawn_by, withdrawn_at, withdrawn_leaf) on portcullis.trust_change to portcullis_tenant;
grant update (valid_until, ended_by) on portcullis.trust_rule, portcullis.trust_pin to portcullis_tenant;
grant update (sequence) on portcullis.trust_source to portcullis_tenant;
`;
