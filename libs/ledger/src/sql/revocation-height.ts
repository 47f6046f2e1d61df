/**
 * GOOD as of a height, beside a time and a source: that of our best header when the answer was written down, since a source tells its own height nowhere. By
 * triggers, so that no way of writing an answer, and no reliance, is without it.
 */
export const REVOCATION_HEIGHT = `
alter table portcullis.revocation add column as_of_height integer;
alter table portcullis.reliance add column as_of_height integer;

create function portcullis.note_revocation_height() returns trigger language plpgsql as $$
begin
  -- An answer that grows older keeps its height.
  if tg_op = 'UPDATE' and new.as_of is not distinct from old.as_of then return new; end if;
  new.as_of_height := case when new.as_of is null then null
    else (select h.height from portcullis.block_header h where h.is_best order by h.height desc limit 1) end;
  return new;
end $$;
create trigger as_of_height before insert or update of as_of on portcullis.revocation
  for each row execute function portcullis.note_revocation_height();

-- In the COMMIT, which holds the row.
create function portcullis.note_reliance_height() returns trigger language plpgsql as $$
begin
  if new.outpoint is not null then
    select r.as_of_height into new.as_of_height from portcullis.revocation r where r.outpoint = new.outpoint;
  end if;
  return new;
end $$;
create trigger as_of_height before insert on portcullis.reliance for each row execute function portcullis.note_reliance_height();

alter function portcullis.note_revocation_height() set enable_seqscan = off;
alter function portcullis.note_reliance_height() set enable_seqscan = off;
`;
