// A real OpenID provider in a process of its own: it is an ES module for a newer Node than Jest's module system reads.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const { clients, accounts, port = 0 } = JSON.parse(process.argv[2]);
const server = createServer();
await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients,
  cookies: { keys: ['a key of the test provider'] },
  claims: { openid: ['sub'], profile: ['name', 'roles'] },
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  pkce: { required: () => true },
  findAccount: (_ctx, id) => {
    const account = accounts[id];
    return account && { accountId: id, claims: () => ({ sub: id, ...account }) };
  },
  renderError: (ctx, out) => {
    ctx.type = 'json';
    ctx.body = out;
  },
});

const seen = [];
provider.use(async (ctx, next) => {
  await next();
  if (ctx.path === '/auth') seen.push({ ...ctx.query });
});

// Logs in whoever the test names in the query, and grants what was asked for.
const interact = async (request, response) => {
  const details = await provider.interactionDetails(request, response);
  const url = new URL(request.url, issuer);
  const { prompt, params, session } = details;
  if (prompt.name === 'login') {
    const accountId = url.searchParams.get('as');
    if (accountId === null) {
      const links = Object.keys(accounts).map((id) => `<p><a href="?as=${id}">${id}</a></p>`);
      return response.writeHead(200, { 'content-type': 'text/html' }).end(`<p>Who are you?</p>${links.join('')}`);
    }
    return provider.interactionFinished(request, response, { login: { accountId } });
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(String(params.scope));
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
};

const callback = provider.callback();
server.on('request', (request, response) => {
  if (request.url === '/seen') return response.end(JSON.stringify(seen));
  if (request.url.startsWith('/interaction/'))
    return void interact(request, response).catch((error) => response.writeHead(500).end(String(error)));
  return callback(request, response);
});
// By hand it says where it is; a test is told, and ends it.
if (process.send === undefined) console.log(issuer);
else process.send({ issuer });
process.on('disconnect', () => process.exit());
