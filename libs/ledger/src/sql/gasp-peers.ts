/**
 * Hosts whose outputs of a topic are fetched. `since` is the score up to which everything was taken or refused for good; `lease_number` rises with each
 * round, and whoever settles a round names it. Configuration says which hosts there are: a row is memory and is never asked for by anything else.
 */
export const GASP_PEERS = `
create table portcullis.gasp_peer (
  topic text not null,
  url text not null,
  since bigint not null default 0 check (since >= 0),
  listed_whole_at timestamptz,
  synced_at timestamptz,
  retry_at timestamptz not null default now(),
  failures integer not null default 0,
  last_error text,
  lease_number integer not null default 0,
  lease_until timestamptz,
  primary key (topic, url)
);
revoke delete on portcullis.gasp_peer from portcullis_app;
`;
