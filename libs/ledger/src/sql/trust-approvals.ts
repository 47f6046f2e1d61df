/**
 * Who counts where more than one has to agree: identities that are members now, or people who logged in, never both together, since one person may have a
 * key and an account; and no machine. The rest of `settle_trust` is as it was (sql/trust.ts).
 */
export const TRUST_APPROVALS = `
create function portcullis.count_trust_approvals(change uuid, members jsonb, issuer text) returns bigint language sql stable as $$
  select greatest(count(*) filter (where a.identity_key in (select jsonb_array_elements_text(members))),
    -- Of the provider of today: an earlier one, and the link of the first run, may have been the same person.
    -- With and without a slash behind it, which some providers add, it is one provider and one person.
    count(distinct ltrim(substr(a.identity_key, length('person:' || rtrim(issuer, '/')) + 1), '/'))
      filter (where starts_with(a.identity_key, 'person:' || rtrim(issuer, '/') || '#') or starts_with(a.identity_key, 'person:' || rtrim(issuer, '/') || '/#')))
  from portcullis.trust_approval a where a.change_id = change
$$;

create or replace function portcullis.settle_trust(asked jsonb) returns void language plpgsql as $$
declare
  change portcullis.trust_change%rowtype;
  configured constant jsonb := asked->'configured';
  needed int;
begin
  select * into strict change from portcullis.trust_change c where c.id = (asked->>'id')::uuid;
  needed := greatest(change.approvals_needed, (asked->>'needed')::int);
  -- Where one is enough, it is whoever the policies let.
  if needed > 1 and portcullis.count_trust_approvals(change.id, asked->'members', asked->>'issuer') < needed then return; end if;
  update portcullis.trust_change c set agreed_at = clock_timestamp(), took_effect_at = portcullis.trust_moment(c.effective_at)
    where c.id = change.id returning * into change;
  case change.kind
    when 'add' then
      if coalesce((change.content::jsonb->>'until')::timestamptz, 'infinity') <= change.took_effect_at then
        perform portcullis.refuse('trust-change-late', 'the rule would end before it begins');
      end if;
      perform portcullis.begin_trust_rule(change, change.content::jsonb, change.took_effect_at,
        coalesce((change.content::jsonb->>'until')::timestamptz, 'infinity'), configured);
    when 'pin' then perform portcullis.pin_trust(change);
    when 'import' then perform portcullis.import_trust(change, configured);
    when 'end' then perform portcullis.end_trust(change);
  end case;
  -- What is answered as in force is: the moment that was rounded up has come.
  if change.took_effect_at < clock_timestamp() + interval '1 millisecond' then perform pg_sleep(0.001); end if;
end $$;
`;
