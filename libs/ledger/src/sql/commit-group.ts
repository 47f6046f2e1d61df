/** Many COMMITs in one transaction and one flush. Read ops/decisions/0025 for why a group runs alone. */
export const COMMIT_GROUP_FUNCTIONS = `
-- Each item in a subtransaction of its own: what is refused leaves no trace and its neighbours stand. Only refusals are caught; a fault undoes the group.
-- The ledger is owned and not shared: from its first item on a group holds the audit head and from item to item more outpoints, in no order that another
-- COMMIT could keep to.
create function portcullis.commit_transitions(list jsonb) returns jsonb language plpgsql as $$
declare
  asked jsonb;
  answers jsonb[] := '{}';
  code text;
  reason text;
begin
  perform portcullis.own_ledger();
  for asked in select item from jsonb_array_elements(list) with ordinality given (item, place) order by place loop
    begin
      answers := array_append(answers, portcullis.commit_transition(asked));
    exception when sqlstate 'PC001' then
      get stacked diagnostics code = message_text, reason = pg_exception_detail;
      answers := array_append(answers, jsonb_build_object('refused', code, 'detail', reason));
    end;
  end loop;
  return to_jsonb(answers);
end $$;

-- Whether a request was paid for, whoever asks for it again.
create index payment_claim_request on portcullis.payment_claim (identity_key, request_digest);
`;
